import type { WindowAttributes } from '../graph/patterns.ts';
import type { GraphNode } from '../graph/node.ts';
import type { Emitter } from './emitter.ts';

/**
 * The gradient of a depthwise convolution towards its filter. Blocked, it is itself a depthwise convolution: every
 * channel of every image is a channel, the image its input and dy its filter, strides and dilations exchanged. Both
 * lie in memory exactly so already, and nothing is copied.
 */
export function lowerDepthwiseFilterGradient(e: Emitter, node: GraphNode): void {
  const [x, dy] = node.inputs;
  const [kh, kw, channels, multiplier] = node.shape;
  const window = node.attributes as unknown as WindowAttributes;
  const [n, height, width] = x.shape;
  const { block } = e.target;
  if (multiplier !== 1 || !e.blockable(x) || !e.blockable(dy)) {
    e.define(node, 'plain', byTaps(e, node));
    return;
  }
  const maps = n * channels;
  const [top, , left] = window.pads;
  // The convolution must give kh × kw values: its padding at the end follows from that.
  const bottom = (kh - 1) * window.dilations[0] + (dy.shape[1] - 1) * window.strides[0] + 1 - height - top;
  const right = (kw - 1) * window.dilations[1] + (dy.shape[2] - 1) * window.strides[1] + 1 - width - left;
  if (-bottom >= height || -right >= width) {
    // Nothing of the image is seen: all of it lies beyond the last tap, behind padding wider than the filter.
    e.define(node, 'plain', byTaps(e, node));
    return;
  }
  let image = e.reshape(e.value(x, 'blocked'), [1, maps, height, width]);
  if (bottom < 0 || right < 0)
    image = crop(e, image, maps, height, width, Math.min(0, bottom), Math.min(0, right));
  const filter = e.reshape(e.value(dy, 'blocked'), [maps, 1, dy.shape[1], dy.shape[2]]);
  const each = e.nchwc('Conv', [image, filter], {
    group: maps,
    kernel_shape: [dy.shape[1], dy.shape[2]],
    strides: window.dilations,
    dilations: window.strides,
    pads: [top, left, Math.max(0, bottom), Math.max(0, right)],
  });
  const perImage = e.reshape(each, [n, channels / block, kh * kw, block]);
  const sum = e.emit('ReduceSum', [perImage, e.integers([0])], { keepdims: 0 });
  e.define(node, 'plain', e.reshape(e.transpose(sum, [1, 0, 2]), node.shape));
}

function crop(
  e: Emitter,
  image: string,
  maps: number,
  height: number,
  width: number,
  bottom: number,
  right: number,
): string {
  const { block } = e.target;
  const view = e.reshape(image, [maps / block, height, width, block]);
  const part = e.slice(view, [0, 0], [height + bottom, width + right], [1, 1], [1, 2]);
  return e.reshape(part, [1, maps, height + bottom, width + right]);
}

/** Tap by tap: what it saw, times dy, summed over pixels. Any multiplier, any number of channels. */
function byTaps(e: Emitter, node: GraphNode): string {
  const [x, dy] = node.inputs;
  const [kh, kw, channels, multiplier] = node.shape;
  const { strides, dilations, pads } = node.attributes as unknown as WindowAttributes;
  const [n, rows, columns] = dy.shape;
  const image = e.value(x);
  const padded = pads.some((extent) => extent > 0)
    ? e.pad(image, [0, pads[0], pads[2], 0], [0, pads[1], pads[3], 0], e.scalar(0))
    : image;
  const gradient = e.reshape(e.value(dy), [n * rows * columns, channels, multiplier]);
  const sums: string[] = [];
  for (let row = 0; row < kh; row++) {
    for (let column = 0; column < kw; column++) {
      const seen = tap(e, padded, dy.shape, row * dilations[0], column * dilations[1], strides);
      const product = e.emit('Mul', [e.reshape(seen, [n * rows * columns, channels, 1]), gradient]);
      sums.push(e.emit('ReduceSum', [product, e.integers([0])], { keepdims: 1 }));
    }
  }
  const all = sums.length === 1 ? sums[0] : e.emit('Concat', sums, { axis: 0 });
  return e.reshape(all, node.shape);
}

/** What one tap of the filter sees: a (strided) view of the image, as large as dy. */
function tap(
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
