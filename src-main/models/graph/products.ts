import * as tf from '@tensorflow/tfjs-core';

interface ConvolutionSettings {
  strides: [number, number];
  padding: 'same' | 'valid';
  dilation: [number, number];
  groups: number;
}

/**
 * A convolution whose filters see only their own group of channels.
 *
 * @param kernel `[height, width, channels / groups, filters]`; filters of a group stand together
 */
export function groupedConv2d(
  x: tf.Tensor4D,
  kernel: tf.Tensor4D,
  { strides, padding, dilation, groups }: ConvolutionSettings,
): tf.Tensor4D {
  const run = (image: tf.Tensor4D, filters: tf.Tensor4D): tf.Tensor4D =>
    dilation[0] === 1 && dilation[1] === 1
      ? tf.conv2d(image, filters, strides, padding)
      : dilatedConv2d(image, filters, strides, padding, dilation);
  if (groups === 1) return run(x, kernel);
  const images = tf.split(x, groups, 3);
  const parts = tf.split(kernel, groups, 3);
  return tf.concat(
    images.map((image, at) => run(image as tf.Tensor4D, parts[at] as tf.Tensor4D)),
    3,
  );
}

/** TF.js has no gradients for filters whose taps lie apart: they are those of a larger filter with zeros between its taps. */
function dilatedConv2d(
  x: tf.Tensor4D,
  kernel: tf.Tensor4D,
  strides: [number, number],
  pad: 'same' | 'valid',
  dilation: [number, number],
): tf.Tensor4D {
  const operation = tf.customGrad((...inputs) => {
    const [image, filters] = inputs as tf.Tensor4D[];
    (inputs[2] as unknown as tf.GradSaveFunc)([image, filters]);
    return {
      value: tf.conv2d(image, filters, strides, pad, 'NHWC', dilation),
      gradFunc: (dy, saved) => {
        const [input, kept] = saved as tf.Tensor4D[];
        const filter = apart(kept, dilation);
        const settings = { strides, pad, dataFormat: 'NHWC' };
        const run = (kernelName: string, tensors: tf.NamedTensorMap, shape: object): tf.Tensor =>
          tf.engine().runKernel(kernelName, tensors, { ...settings, ...shape });
        const taps = run('Conv2DBackpropFilter', { x: input, dy }, { filterShape: filter.shape });
        return [
          run('Conv2DBackpropInput', { dy, filter }, { inputShape: input.shape }),
          tf.stridedSlice(taps, [0, 0, 0, 0], filter.shape, [...dilation, 1, 1]),
        ];
      },
    };
  });
  return operation(x, kernel) as tf.Tensor4D;
}

/** A filter with zeros between its taps. */
function apart(filters: tf.Tensor4D, [down, right]: [number, number]): tf.Tensor4D {
  const [height, width, from, to] = filters.shape;
  const rows = tf.pad(tf.reshape(filters, [height, 1, width * from * to]), [
    [0, 0],
    [0, down - 1],
    [0, 0],
  ]);
  const columns = tf.pad(tf.reshape(rows, [height * down, width, 1, from * to]), [
    [0, 0],
    [0, 0],
    [0, right - 1],
    [0, 0],
  ]);
  const whole = tf.reshape<tf.Rank.R4>(columns, [height * down, width * right, from, to]);
  return tf.slice(whole, [0, 0, 0, 0], [(height - 1) * down + 1, (width - 1) * right + 1, from, to]);
}

/**
 * A dense layer over the last axis, whatever stands before it.
 *
 * @param x `[batch, …, channels]`
 * @param kernel `[channels, units]`
 */
export function denseOver(x: tf.Tensor, kernel: tf.Tensor2D): tf.Tensor {
  if (x.shape.length === 2) return tf.matMul(x as tf.Tensor2D, kernel);
  if (x.shape.length === 4) {
    const pointwise = tf.reshape<tf.Rank.R4>(kernel, [1, 1, ...kernel.shape]);
    return tf.conv2d(x as tf.Tensor4D, pointwise, 1, 'valid');
  }
  const operation = tf.customGrad((...inputs) => {
    const [tokens, weights] = inputs as tf.Tensor[];
    const save = inputs[2] as unknown as tf.GradSaveFunc;
    save([tokens, weights]);
    return {
      value: tf.matMul(tokens, weights),
      gradFunc: (dy, saved) => {
        const [input, kept] = saved as tf.Tensor[];
        const [into, out] = kept.shape;
        // TF.js's own gradient forgets that the kernel was repeated for each image.
        const rows = tf.reshape(input, [-1, into]);
        return [tf.matMul(dy, kept, false, true), tf.matMul(rows, tf.reshape(dy, [-1, out]), true, false)];
      },
    };
  });
  return operation(x, kernel);
}

/** Joins tensors; what is the same for all images (a batch of 1 beside a larger one) is repeated. */
export function joined(inputs: readonly tf.Tensor[], axis: number): tf.Tensor {
  const batch = Math.max(...inputs.map(({ shape }) => shape[0]));
  const source = inputs.find(({ shape }) => shape[0] === batch)!;
  const whole = inputs.map((x) => (x.shape[0] === batch ? x : repeated(x, source)));
  return tf.concat(whole, axis);
}

/** By adding zeros made of what has the batch, since the size of the batch is left open in an exported file. */
function repeated(x: tf.Tensor, source: tf.Tensor): tf.Tensor {
  const { shape } = source;
  const one = tf.slice(
    source,
    shape.map(() => 0),
    [shape[0], ...shape.slice(1).map(() => 1)],
  );
  const zeros = tf.mul(tf.reshape(one, [shape[0], ...Array.from({ length: x.rank - 1 }, () => 1)]), 0);
  return tf.add(x, zeros);
}
