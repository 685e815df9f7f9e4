import type { FileTensor } from '../weight-file.ts';

/**
 * PyTorch's axes in Keras's order, by the kind of weight and its number of axes. Filters `[out, in, height, width]` become
 * `[height, width, in, out]`, with one filter a channel `[height, width, in, 1]`; dense weights `[out, in]` `[in, out]`.
 */
export const torchOrders: Record<string, readonly number[]> = {
  kernel4: [2, 3, 1, 0],
  depthwise_kernel4: [2, 3, 0, 1],
  kernel2: [1, 0],
};

/**
 * Axes in another order.
 *
 * @param shape of `data`, row by row
 * @param order for each axis of the result, the one that it was
 */
export function transpose(
  data: Float32Array,
  shape: readonly number[],
  order: readonly number[],
): Float32Array {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((size, extent) => size * extent, 1));
  const extents = order.map((axis) => shape[axis]);
  const steps = order.map((axis) => strides[axis]);
  const result = new Float32Array(data.length);
  const index = new Uint32Array(order.length);
  for (let at = 0, from = 0; at < result.length; at++) {
    result[at] = data[from];
    for (let axis = order.length - 1; axis >= 0; axis--) {
      from += steps[axis];
      if (++index[axis] < extents[axis]) break;
      from -= steps[axis] * extents[axis];
      index[axis] = 0;
    }
  }
  return result;
}

/**
 * Filters of several input channels for images of one: their sum, so that a grey image gives what it gave when it was
 * shown on all channels (timm's `adapt_input_conv`).
 *
 * @param data `[height, width, channels, filters]`
 */
export function sumChannels(data: Float32Array, shape: readonly number[]): Float32Array {
  const [height, width, channels, filters] = shape;
  const sums = new Float32Array(height * width * filters);
  for (let place = 0; place < height * width; place++)
    for (let channel = 0; channel < channels; channel++)
      for (let filter = 0; filter < filters; filter++)
        sums[place * filters + filter] += data[(place * channels + channel) * filters + filter];
  return sums;
}

export const sameShape = ({ shape }: Pick<FileTensor, 'shape'>, wanted: readonly number[]): boolean =>
  shape.length === wanted.length && shape.every((extent, axis) => extent === wanted[axis]);
