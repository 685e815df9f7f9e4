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
 * Each dy is shared among the pixels of its window that lie inside the image. Of windows side by side that is dy, enlarged; of windows that
 * move on by one pixel it is an average again; else a transposed convolution with ones, channel by channel.
 */
export function lowerAveragePoolGradient(e: Emitter, node: GraphNode): void {
  const blocked = enlarged(e, node) ?? averagedAgain(e, node);
  if (blocked) return e.define(node, 'blocked', blocked);
  const [dy] = node.inputs;
  const [n, , , channels] = node.shape;
  const window = windowOf(node);
  const size = node.attributes.size as readonly number[];
  const [rows, columns] = [dy.shape[1], dy.shape[2]];
  const shares = e.constant(
    'float32',
    [1, 1, rows, columns],
    bytes(insideCounts(node).map((count) => 1 / count)),
  );
  const share = e.reshape(e.emit('Mul', [e.value(dy, 'nchw'), shares]), [n * channels, 1, rows, columns]);
  const ones = e.constant('float32', [1, 1, ...size], bytes(new Float32Array(size[0] * size[1]).fill(1)));
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

const bytes = (values: Float32Array): Uint8Array => new Uint8Array(values.buffer);

/** How many pixels of each window lie inside the image, row by row. */
function insideCounts(node: GraphNode): Float32Array {
  const [dy] = node.inputs;
  const window = windowOf(node);
  const size = node.attributes.size as readonly number[];
  const inside = (at: number, axis: 0 | 1): number => {
    const start = at * window.strides[axis] - window.pads[axis * 2];
    return Math.min(node.shape[axis + 1], start + size[axis]) - Math.max(0, start);
  };
  const [rows, columns] = [dy.shape[1], dy.shape[2]];
  return Float32Array.from({ length: rows * columns }, (_, at) => {
    return inside(Math.floor(at / columns), 0) * inside(at % columns, 1);
  });
}

/** Windows side by side that cover the image: every pixel gets the same share of one dy. */
function enlarged(e: Emitter, node: GraphNode): string | undefined {
  const [dy] = node.inputs;
  const { strides, pads } = windowOf(node);
  const size = node.attributes.size as readonly number[];
  const whole = ([0, 1] as const).every(
    (axis) => size[axis] === strides[axis] && dy.shape[axis + 1] * size[axis] === node.shape[axis + 1],
  );
  if (!e.blockable(node) || !whole || pads.some((extent) => extent !== 0)) return undefined;
  const share = e.emit('Mul', [e.value(dy, 'blocked'), e.scalar(1 / (size[0] * size[1]))]);
  return e.nchwc('Upsample', [share], { scales: [1, 1, ...size] });
}

/** Windows that move on by one pixel: each pixel sees as many windows, over the same reach, as a window sees pixels. */
function averagedAgain(e: Emitter, node: GraphNode): string | undefined {
  const [dy] = node.inputs;
  const { strides, pads } = windowOf(node);
  const size = node.attributes.size as readonly number[];
  const before = [size[0] - 1 - pads[0], size[1] - 1 - pads[2]];
  const after = ([0, 1] as const).map(
    (axis) => node.shape[axis + 1] + size[axis] - 1 - before[axis] - dy.shape[axis + 1],
  );
  const fits = ([0, 1] as const).every((axis) =>
    [before[axis], after[axis]].every((extent) => extent >= 0 && extent < size[axis]),
  );
  if (!e.blockable(node) || !fits || strides.some((stride) => stride !== 1)) return undefined;
  const [n, , , channels] = node.shape;
  const [rows, columns] = [dy.shape[1], dy.shape[2]];
  const { block } = e.target;
  // An average divides by the whole window, where dy was shared among the pixels inside.
  const shares = insideCounts(node).map((count) => (size[0] * size[1]) / count);
  const image = e.value(dy, 'blocked');
  const shared = shares.every((share) => share === 1)
    ? image
    : e.reshape(
        e.emit('Mul', [
          e.reshape(image, [(n * channels) / block, rows * columns * block]),
          e.constant(
            'float32',
            [rows * columns * block],
            bytes(
              Float32Array.from(
                { length: rows * columns * block },
                (_, at) => shares[Math.floor(at / block)],
              ),
            ),
          ),
        ]),
        toNchw(dy.shape),
      );
  return e.nchwc('AveragePool', [shared], {
    kernel_shape: size,
    strides: [1, 1],
    pads: [before[0], before[1], after[0], after[1]],
    count_include_pad: 1,
  });
}
