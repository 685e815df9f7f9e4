import type { WindowAttributes } from '../graph/build.ts';
import type { GraphNode } from '../graph/node.ts';
import type { Emitter } from './emitter.ts';

const windowOf = (node: GraphNode): WindowAttributes => node.attributes as unknown as WindowAttributes;

/**
 * The gradient of a convolution towards its filter: one product of what each tap saw with dy, over all pixels of the
 * batch. With pixels as rows (NHWC) the result comes out as TF.js keeps filters, without a transpose.
 */
export function lowerFilterGradient(e: Emitter, node: GraphNode): void {
  const [x, dy] = node.inputs;
  const [kh, kw, from, to] = node.shape;
  const window = windowOf(node);
  const pixels = dy.shape[0] * dy.shape[1] * dy.shape[2];
  const gradient = e.reshape(e.value(dy), [pixels, to]);
  const product = (seen: string, width: number): string =>
    e.matMul(e.reshape(seen, [pixels, width]), gradient, { transposeA: true, rankA: 2, rankB: 2 });

  const strided = window.strides[0] > 1 || window.strides[1] > 1;
  if (strided && from < 16 && window.dilations[0] === 1 && window.dilations[1] === 1) {
    e.define(node, 'plain', throughPhases(e, node, product));
    return;
  }
  const padded = padImage(e, x, window);
  const taps: string[] = [];
  for (let row = 0; row < kh; row++) {
    for (let column = 0; column < kw; column++) {
      taps.push(
        tap(e, padded, dy.shape, row * window.dilations[0], column * window.dilations[1], window.strides),
      );
    }
  }
  const seen = kh * kw === 1 ? taps[0] : e.emit('Concat', taps, { axis: 3 });
  e.define(node, 'plain', e.reshape(product(seen, kh * kw * from), node.shape));
}

/**
 * For a strided filter over few channels (a network's first layer): the image is folded into its stride × stride
 * phases, so that taps become few and wide, and their slices run over whole rows.
 */
function throughPhases(
  e: Emitter,
  node: GraphNode,
  product: (seen: string, width: number) => string,
): string {
  const [x, dy] = node.inputs;
  const [kh, kw, from, to] = node.shape;
  const { strides, pads } = windowOf(node);
  const [down, right] = strides;
  const [n, height, width] = x.shape;
  const tapsDown = Math.ceil(kh / down);
  const tapsRight = Math.ceil(kw / right);
  const rows = dy.shape[1] + tapsDown - 1;
  const columns = dy.shape[2] + tapsRight - 1;
  const after = [rows * down - pads[0] - height, columns * right - pads[2] - width];
  let image = e.value(x);
  const grow = after.map((extent) => Math.max(0, extent));
  if (pads[0] || pads[2] || grow[0] || grow[1]) {
    image = e.pad(image, [0, pads[0], pads[2], 0], [0, grow[0], grow[1], 0], e.scalar(0));
  }
  if (after.some((extent) => extent < 0))
    image = e.slice(image, [0, 0], [rows * down, columns * right], [1, 1], [1, 2]);
  const phases = e.transpose(e.reshape(image, [n, rows, down, columns, right, from]), [0, 1, 3, 2, 4, 5]);
  const folded = e.reshape(phases, [n, rows, columns, down * right * from]);
  const taps: string[] = [];
  for (let row = 0; row < tapsDown; row++) {
    for (let column = 0; column < tapsRight; column++)
      taps.push(tap(e, folded, dy.shape, row, column, [1, 1]));
  }
  const seen = taps.length === 1 ? taps[0] : e.emit('Concat', taps, { axis: 3 });
  const result = e.reshape(product(seen, tapsDown * tapsRight * down * right * from), [
    tapsDown,
    tapsRight,
    down,
    right,
    from * to,
  ]);
  const unfolded = e.reshape(e.transpose(result, [0, 2, 1, 3, 4]), [
    tapsDown * down,
    tapsRight * right,
    from,
    to,
  ]);
  if (tapsDown * down === kh && tapsRight * right === kw) return unfolded;
  return e.slice(unfolded, [0, 0], [kh, kw], [1, 1], [0, 1]);
}

function padImage(e: Emitter, x: GraphNode, { pads }: WindowAttributes): string {
  const image = e.value(x);
  if (pads.every((extent) => extent === 0)) return image;
  return e.pad(image, [0, pads[0], pads[2], 0], [0, pads[1], pads[3], 0], e.scalar(0));
}

/** What one tap of the filter sees: a (strided) view of the image, as large as dy. */
export function tap(
  e: Emitter,
  image: string,
  dy: readonly number[],
  row: number,
  column: number,
  [down, right]: readonly [number, number],
): string {
  const end = [row + (dy[1] - 1) * down + 1, column + (dy[2] - 1) * right + 1];
  return e.slice(image, [row, column], end, [down, right], [1, 2]);
}
