import { type GraphNode, sizeOf } from '../graph/node.ts';
import type { Emitter } from './emitter.ts';
import { onnxWindow, toNchw, windowOf } from './convolution.ts';

const attributesOf = (node: GraphNode): Record<string, readonly number[]> => {
  const { strides, pads } = onnxWindow(windowOf(node));
  return { kernel_shape: node.attributes.size as readonly number[], strides, pads };
};

const indexes = new WeakMap<Emitter, Map<GraphNode, string>>();

/** `withIndexes`: a gradient will ask where each maximum came from, which only ONNX's own layout can tell. */
export function lowerPool(e: Emitter, node: GraphNode, withIndexes: boolean): void {
  const [x] = node.inputs;
  const maximum = node.op === 'maxPool';
  if (maximum && withIndexes) {
    const [value, index] = e.emitMany('MaxPool', [e.value(x, 'nchw')], 2, attributesOf(node));
    e.define(node, 'nchw', value);
    const known = indexes.get(e) ?? new Map<GraphNode, string>();
    indexes.set(e, known.set(node, index));
    return;
  }
  const operator = maximum ? 'MaxPool' : 'AveragePool';
  const counting: Record<string, number> = maximum ? {} : { count_include_pad: 0 };
  if (e.blockable(x))
    e.define(
      node,
      'blocked',
      e.nchwc(operator, [e.value(x, 'blocked')], { ...attributesOf(node), ...counting }),
    );
  else e.define(node, 'nchw', e.emit(operator, [e.value(x, 'nchw')], { ...attributesOf(node), ...counting }));
}

/** Each dy goes to the pixel that was the (first) maximum of its window. */
export function lowerMaxPoolGradient(e: Emitter, node: GraphNode): void {
  const [dy, input, output] = node.inputs;
  const index = indexes.get(e)?.get(output);
  const places = index ?? e.emitMany('MaxPool', [e.value(input, 'nchw')], 2, attributesOf(node))[1];
  const zeros = e.emit('Expand', [
    e.constant('float32', [1], new Uint8Array(4)),
    e.integers([sizeOf(node.shape)]),
  ]);
  const flat = (value: string): string => e.reshape(value, [sizeOf(dy.shape)]);
  const scattered = e.emit('ScatterElements', [zeros, flat(places), flat(e.value(dy, 'nchw'))], {
    axis: 0,
    reduction: 'add',
  });
  e.define(node, 'nchw', e.reshape(scattered, toNchw(node.shape)));
}

/**
 * Each dy is shared among the pixels of its window that lie inside the image: a transposed convolution with ones,
 * channel by channel, of dy over the number of such pixels.
 */
export function lowerAveragePoolGradient(e: Emitter, node: GraphNode): void {
  const [dy] = node.inputs;
  const [n, height, width, channels] = node.shape;
  const window = windowOf(node);
  const size = node.attributes.size as readonly number[];
  const [rows, columns] = [dy.shape[1], dy.shape[2]];
  const counts = new Float32Array(rows * columns);
  const inside = (at: number, axis: 0 | 1, extent: number): number => {
    const start = at * window.strides[axis] - window.pads[axis * 2];
    return Math.min(extent, start + size[axis]) - Math.max(0, start);
  };
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      counts[row * columns + column] = 1 / (inside(row, 0, height) * inside(column, 1, width));
    }
  }
  const shares = e.constant('float32', [1, 1, rows, columns], new Uint8Array(counts.buffer));
  const share = e.reshape(e.emit('Mul', [e.value(dy, 'nchw'), shares]), [n * channels, 1, rows, columns]);
  const ones = e.constant(
    'float32',
    [1, 1, ...size],
    new Uint8Array(new Float32Array(size[0] * size[1]).fill(1).buffer),
  );
  const reach = ([0, 1] as const).map(
    (axis) =>
      node.shape[axis + 1] -
      ((dy.shape[axis + 1] - 1) * window.strides[axis] +
        size[axis] -
        window.pads[axis * 2] -
        window.pads[axis * 2 + 1]),
  );
  const spread = e.emit('ConvTranspose', [share, ones], { ...attributesOf(node), output_padding: reach });
  e.define(node, 'nchw', e.reshape(spread, toNchw(node.shape)));
}
