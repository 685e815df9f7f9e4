import type { WindowAttributes } from '../graph/patterns.ts';
import type { GraphNode } from '../graph/node.ts';
import type { Emitter } from './emitter.ts';
import { blockedFilter } from './filters.ts';

/** What one phase of rows (or columns) needs: its taps of the filter, and the padding of dy. */
interface Phase {
  taps: number[];
  before: number;
  after: number;
}

/**
 * The gradient of a strided convolution towards its input, phase by phase: pixels whose row and column leave the same
 * rest when divided by the stride see the same few taps, by a convolution of stride 1. Together the phases cost what
 * the forward pass did, where ONNX Runtime's transposed convolution takes twice that. Returns a blocked value, or
 * undefined where the shapes do not divide.
 */
export function stridedInputGradient(e: Emitter, convolution: GraphNode): string | undefined {
  const [dy, filter] = convolution.inputs;
  const window = convolution.attributes as unknown as WindowAttributes;
  const [n, height, width, channels] = convolution.shape;
  const [down, right] = window.strides;
  if (!e.blockable(convolution) || !e.blockable(dy) || height % down || width % right) return undefined;
  if (window.dilations[0] > 1 || window.dilations[1] > 1) return undefined;
  const rows = phases(filter.shape[0], down, window.pads[0], height / down, dy.shape[1]);
  const columns = phases(filter.shape[1], right, window.pads[2], width / right, dy.shape[2]);
  if (!rows || !columns) return undefined;

  const { block } = e.target;
  const maps = (n * channels) / block;
  const [tall, wide] = [height / down, width / right];
  const bands = rows.map((row) => {
    const parts = columns.map((column) =>
      e.reshape(runPhase(e, dy, filter, row, column), [maps, tall * wide, 1, block]),
    );
    return e.reshape(join(e, parts), [maps, tall, 1, width * block]);
  });
  return e.reshape(join(e, bands), [n, channels, height, width]);
}

function runPhase(e: Emitter, dy: GraphNode, filter: GraphNode, row: Phase, column: Phase): string {
  const [, , from, to] = filter.shape;
  const taps = pick(e, pick(e, e.value(filter), row.taps, 0), column.taps, 1);
  const shape = [row.taps.length, column.taps.length, from, to];
  return e.nchwc(
    'Conv',
    [e.value(dy, 'blocked'), blockedFilter(e, taps, shape, true, e.isConstant(filter))],
    {
      kernel_shape: shape.slice(0, 2),
      pads: [row.before, column.before, row.after, column.after],
    },
  );
}

function pick(e: Emitter, filter: string, taps: readonly number[], axis: number): string {
  return e.emit(
    'Gather',
    [filter, e.constant('int32', [taps.length], new Uint8Array(Int32Array.from(taps).buffer))],
    { axis },
  );
}

const join = (e: Emitter, parts: readonly string[]): string =>
  parts.length === 1 ? parts[0] : e.emit('Concat', parts, { axis: 2 });

/** The phases along one axis; undefined when one has no tap, or padding that a convolution cannot have. */
function phases(
  size: number,
  stride: number,
  padding: number,
  extent: number,
  dyExtent: number,
): Phase[] | undefined {
  const list: Phase[] = [];
  for (let rest = 0; rest < stride; rest++) {
    const first = (rest + padding) % stride;
    const taps: number[] = [];
    for (let at = first; at < size; at += stride) taps.push(at);
    const reach = taps.length - 1;
    const before = reach - (rest + padding - first) / stride;
    const after = extent + reach - before - dyExtent;
    if (taps.length === 0 || before < 0 || after < 0) return undefined;
    list.push({ taps, before, after });
  }
  return list;
}
