import * as tf from '@tensorflow/tfjs-core';
import type { GraphOperation, Reduction, UnaryFunction } from './operations.ts';

/** A layer's own array, by the last part of its name. */
type Weights = (name: string) => tf.Tensor;

/** Runs one layer of a graph in plain TF.js. */
export function applyGraphOperation(
  operation: GraphOperation,
  inputs: readonly tf.Tensor[],
  weight: Weights,
): tf.Tensor {
  const [x, y] = inputs;
  switch (operation.kind) {
    case 'subtract':
      return tf.sub(x, y);
    case 'divide':
      return tf.div(x, y);
    case 'power':
      return tf.pow(x, y);
    case 'maximum':
      return inputs.reduce((most, each) => chosen(tf.greaterEqual(most, each), most, each));
    case 'minimum':
      return inputs.reduce((least, each) => chosen(tf.greaterEqual(each, least), least, each));
    case 'unary':
      return FUNCTIONS[operation.config.function](x);
    case 'clip': {
      const { minimum, maximum } = operation.config;
      if (minimum !== null && maximum !== null) return tf.clipByValue(x, minimum, maximum);
      const above = minimum === null ? x : tf.maximum(x, minimum);
      return maximum === null ? above : tf.minimum(above, maximum);
    }
    case 'prelu':
      return tf.sub(tf.relu(x), tf.mul(weight('alpha'), tf.relu(tf.neg(x))));
    case 'weight':
      return tf.reshape(weight('weight'), [1, ...operation.config.shape]);
    case 'layerNormalization': {
      const { epsilon, scale = true, center = true } = operation.config;
      const scaled = scale
        ? tf.mul(standardized(x, [-1], epsilon), weight('gamma'))
        : standardized(x, [-1], epsilon);
      return center ? tf.add(scaled, weight('beta')) : scaled;
    }
    case 'groupNormalization':
      return groupNormalization(x, operation.config.groups, operation.config.epsilon, weight);
    case 'matMul':
      return tf.matMul(x, y, operation.config.transposeA ?? false, operation.config.transposeB ?? false);
    case 'permute':
      return tf.transpose(x, [0, ...operation.config.dims]);
    case 'slice': {
      const { begin, end, strides } = operation.config;
      const stops = end.map((stop, axis) => stop ?? x.shape[axis + 1]);
      if (strides.every((stride) => stride === 1)) {
        const sizes = stops.map((stop, axis) => stop - begin[axis]);
        return tf.slice(x, [0, ...begin], [x.shape[0], ...sizes]);
      }
      return everyNth(x, [0, ...begin], [x.shape[0], ...stops], [1, ...strides]);
    }
    case 'gather':
      return tf.gather(x, tf.tensor1d([...operation.config.indices], 'int32'), operation.config.axis);
    case 'reduce': {
      const { reduction, axes, keepDimensions } = operation.config;
      return REDUCTIONS[reduction](x, [...axes], keepDimensions);
    }
    case 'resize2d':
      return resize(x as tf.Tensor4D, operation.config);
    case 'pad': {
      const { before, after, value } = operation.config;
      const extents = before.map((extent, axis): [number, number] => [extent, after[axis]]);
      return tf.pad(x, [[0, 0], ...extents], value);
    }
  }
}

const FUNCTIONS: Record<UnaryFunction, (x: tf.Tensor) => tf.Tensor> = {
  abs: tf.abs,
  cos: tf.cos,
  erf: tf.erf,
  exp: tf.exp,
  log: tf.log,
  negative: tf.neg,
  reciprocal: tf.reciprocal,
  sign: tf.sign,
  sin: tf.sin,
  sqrt: tf.sqrt,
  square: tf.square,
};

const REDUCTIONS: Record<Reduction, (x: tf.Tensor, axes: number[], keep: boolean) => tf.Tensor> = {
  mean: tf.mean,
  sum: tf.sum,
  max: tf.max,
  min: tf.min,
};

/** By multiplying: the gradients of TF.js's own maximum and minimum forget what was repeated to fit. */
function chosen(first: tf.Tensor, a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const mask = tf.cast(first, 'float32');
  return tf.add(tf.mul(a, mask), tf.mul(b, tf.sub(1, mask)));
}

/** A strided slice, with the gradient that TF.js's lacks. */
function everyNth(x: tf.Tensor, begin: number[], end: number[], strides: number[]): tf.Tensor {
  const operation = tf.customGrad((...inputs) => ({
    value: tf.stridedSlice(inputs[0] as tf.Tensor, begin, end, strides),
    gradFunc: (dy) =>
      strides.reduce((grid, by, axis) => spread(grid, axis, begin[axis], by, x.shape[axis]), dy),
  }));
  return operation(x);
}

/** What lies along an axis, set `by` apart from `begin` on, with zeros between and around. */
function spread(x: tf.Tensor, axis: number, begin: number, by: number, extent: number): tf.Tensor {
  const before = x.shape.slice(0, axis);
  const after = x.shape.slice(axis + 1);
  const count = x.shape[axis];
  const single = tf.reshape(x, [...before, count, 1, ...after]);
  const padded = padAxis(single, axis + 1, 0, by - 1);
  const apart = tf.reshape(padded, [...before, count * by, ...after]);
  // The last zeros may lie beyond the end.
  const kept = Math.min(count * by, extent - begin);
  const cut = tf.slice(
    apart,
    apart.shape.map(() => 0),
    apart.shape.with(axis, kept),
  );
  return padAxis(cut, axis, begin, extent - begin - kept);
}

const padAxis = (x: tf.Tensor, axis: number, before: number, after: number): tf.Tensor =>
  tf.pad(
    x,
    x.shape.map((_, at): [number, number] => (at === axis ? [before, after] : [0, 0])),
  );

/** Mean 0 and variance 1 over some axes. */
function standardized(x: tf.Tensor, axes: number[], epsilon: number): tf.Tensor {
  const centred = tf.sub(x, tf.mean(x, axes, true));
  return tf.mul(centred, tf.rsqrt(tf.add(tf.mean(tf.square(centred), axes, true), epsilon)));
}

/** Of images `[batch, height, width, channels]`, or of anything whose channels come last. */
function groupNormalization(x: tf.Tensor, groups: number, epsilon: number, weight: Weights): tf.Tensor {
  const channels = x.shape.at(-1)!;
  const apart = [x.shape[0], ...x.shape.slice(1, -1), groups, channels / groups];
  const axes = [...apart.keys()].filter((axis) => axis !== 0 && axis !== apart.length - 2);
  const normal = tf.reshape(standardized(tf.reshape(x, apart), axes, epsilon), x.shape);
  return tf.add(tf.mul(normal, weight('gamma')), weight('beta'));
}

type Resize = Extract<GraphOperation, { kind: 'resize2d' }>['config'];

function resize(x: tf.Tensor4D, { scale, interpolation, coordinates }: Resize): tf.Tensor {
  const size: [number, number] = [Math.floor(x.shape[1] * scale[0]), Math.floor(x.shape[2] * scale[1])];
  const how = [coordinates === 'alignCorners', coordinates === 'halfPixel'] as const;
  return interpolation === 'nearest'
    ? tf.image.resizeNearestNeighbor(x, size, ...how)
    : tf.image.resizeBilinear(x, size, ...how);
}
