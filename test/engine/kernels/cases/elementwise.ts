import * as tf from '@tensorflow/tfjs-core';
import { type KernelCase, of, type Seed } from '../case.ts';

const image = [2, 3, 5, 8];
const positive = (shape: readonly number[]): Seed => ({ shape, low: 0.2, high: 3 });
const small = (shape: readonly number[]): Seed => ({ shape, low: -0.9, high: 0.9 });

const unary = (name: string, f: (x: tf.Tensor) => tf.Tensor, x: Seed = [3, 7]): KernelCase =>
  of(name, { x }, (t) => f(t.x));

/** Functions of one number. */
const functions: KernelCase[] = [
  unary('abs', (x) => tf.abs(x)),
  unary('acos', (x) => tf.acos(x), small([3, 7])),
  unary('asin', (x) => tf.asin(x), small([3, 7])),
  unary('atan', (x) => tf.atan(x)),
  unary('ceil', (x) => tf.ceil(x)),
  unary('cos', (x) => tf.cos(x)),
  unary('cosh', (x) => tf.cosh(x)),
  unary('erf', (x) => tf.erf(x)),
  unary('exp', (x) => tf.exp(x)),
  unary('expm1', (x) => tf.expm1(x)),
  unary('expm1 near zero', (x) => tf.expm1(x), { shape: [5], low: -1e-5, high: 1e-5 }),
  unary('floor', (x) => tf.floor(x)),
  unary('log', (x) => tf.log(x), positive([3, 7])),
  unary('log1p', (x) => tf.log1p(x), { shape: [9], low: -0.9, high: 30 }),
  unary('log1p near zero', (x) => tf.log1p(x), { shape: [5], low: -1e-5, high: 1e-5 }),
  unary('log1p of zero and of very large numbers', (x) => tf.log1p(x), {
    shape: [4],
    values: [0, 1e-20, 1e9, 3e30],
  }),
  unary('negative', (x) => tf.neg(x)),
  unary('reciprocal', (x) => tf.reciprocal(x), positive([3, 7])),
  unary('round halves to even', (x) => tf.round(x), {
    shape: [7],
    values: [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.4],
  }),
  unary('rsqrt', (x) => tf.rsqrt(x), positive([3, 7])),
  unary('sigmoid', (x) => tf.sigmoid(x)),
  unary('log of sigmoid', (x) => tf.logSigmoid(x)),
  unary('sign', (x) => tf.sign(x)),
  unary('sin', (x) => tf.sin(x)),
  unary('sinh', (x) => tf.sinh(x)),
  unary('softplus', (x) => tf.softplus(x)),
  unary('softplus far from zero', (x) => tf.softplus(x), { shape: [4], values: [-50, -18, 18, 60] }),
  unary('sqrt', (x) => tf.sqrt(x), positive([3, 7])),
  unary('square', (x) => tf.square(x)),
  unary('step', (x) => tf.step(x)),
  unary('step with a slope', (x) => tf.step(x, 0.3)),
  unary('tan', (x) => tf.tan(x), small([3, 7])),
  unary('tanh', (x) => tf.tanh(x)),
  unary('ones like, zeros like', (x) => tf.add(tf.mul(x, tf.onesLike(x)), tf.zerosLike(x))),
  unary('clone', (x) => tf.clone(x)),
];

const activations: KernelCase[] = [
  ['relu', (x: tf.Tensor) => tf.relu(x)] as const,
  ['relu6', (x: tf.Tensor) => tf.relu6(tf.mul(x, 5))] as const,
  ['swish', (x: tf.Tensor) => tf.mul(x, tf.sigmoid(x))] as const,
  ['elu', (x: tf.Tensor) => tf.elu(x)] as const,
  ['selu', (x: tf.Tensor) => tf.selu(x)] as const,
  ['leaky relu', (x: tf.Tensor) => tf.leakyRelu(x, 0.1)] as const,
  ['clip by value', (x: tf.Tensor) => tf.clipByValue(x, -0.5, 0.7)] as const,
  ['hard swish', (x: tf.Tensor) => tf.mul(x, tf.div(tf.relu6(tf.add(x, 3)), 6))] as const,
  ['gelu', (x: tf.Tensor) => tf.mul(tf.mul(x, 0.5), tf.add(1, tf.erf(tf.div(x, Math.SQRT2))))] as const,
].flatMap(([name, f]) => [unary(name, f), unary(`${name} of an image`, f, image)]);

const two = (
  name: string,
  f: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
  a: Seed,
  b: Seed,
  gradients?: readonly string[],
): KernelCase => of(name, { a, b }, (t) => f(t.a, t.b), gradients ? { gradients } : {});

const OPERATIONS: [string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor][] = [
  ['add', (a, b) => tf.add(a, b)],
  ['subtract', (a, b) => tf.sub(a, b)],
  ['multiply', (a, b) => tf.mul(a, b)],
  ['divide', (a, b) => tf.div(a, b)],
  ['power', (a, b) => tf.pow(a, b)],
  ['maximum', (a, b) => tf.maximum(a, b)],
  ['minimum', (a, b) => tf.minimum(a, b)],
  ['squared difference', (a, b) => tf.squaredDifference(a, b)],
  ['floor divide', (a, b) => tf.floorDiv(a, b)],
  ['modulo', (a, b) => tf.mod(a, b)],
];
const SHAPES: [string, number[], number[]][] = [
  ['of equal shapes', [3, 4], [3, 4]],
  ['with a scalar', [3, 4], []],
  ['of a column with a row', [3, 1], [1, 4]],
  ['of an image with a channel vector', image, [8]],
  ['of an image with one number for each picture and channel', image, [2, 1, 1, 8]],
  ['of a channel vector with an image', [16], [2, 3, 5, 16]],
  ['of an image with a mask over pixels', [2, 3, 5, 16], [2, 3, 5, 1]],
];
/** TF.js differentiates these three only by operands that are not broadcast. */
const UNBROADCAST = new Set(['maximum', 'minimum', 'squared difference']);
const differentiable = (name: string, a: number[], b: number[]): string[] => {
  if (!UNBROADCAST.has(name)) return ['a', 'b'];
  const whole = tf.broadcast_util.assertAndGetBroadcastShape(a, b);
  return Object.entries({ a, b })
    .filter(([, shape]) => String(shape) === String(whole))
    .map(([operand]) => operand);
};
const binaries = OPERATIONS.flatMap(([name, f]) =>
  SHAPES.map(([how, a, b]) => two(`${name} ${how}`, f, positive(a), positive(b), differentiable(name, a, b))),
);

const withConstants: KernelCase[] = [
  unary(
    'powers with constant exponents',
    (x) => tf.addN([0.5, 1, 2, 3, -1.5].map((p) => tf.pow(x, p))),
    positive([7]),
  ),
  unary('a constant to a power', (x) => tf.pow(2, x)),
  unary('division by a constant and of one', (x) => tf.add(tf.div(x, 3), tf.div(2, x)), positive([7])),
  unary('neutral elements', (x) => tf.sub(tf.add(tf.mul(tf.div(x, 1), 1), 0), 0)),
  unary('zero minus', (x) => tf.sub(0, x)),
  unary('maximum with a constant', (x) => tf.maximum(x, 0.1)),
  unary('minimum with itself, halved', (x) => tf.minimum(x, tf.mul(x, 0.5))),
  unary('clips with and without a bound', (x) =>
    tf.addN([
      tf.clipByValue(x, -Infinity, 0.5),
      tf.clipByValue(x, -0.2, Infinity),
      tf.clipByValue(x, -0.2, 0.5),
    ]),
  ),
  unary('two clips of one image', (x) => tf.add(tf.clipByValue(x, 0, 1), tf.clipByValue(x, -1, 1)), image),
  unary('relu and relu6 of one image', (x) => tf.add(tf.relu(x), tf.relu6(tf.mul(x, 1))), image),
  unary('an image by ones of its own shape', (x) => tf.floorDiv(x, tf.ones(image)), image),
  of('a sum of five', { a: [3, 4], b: [3, 4], c: [3, 4], d: [3, 4], e: [3, 4] }, (t) =>
    tf.addN([t.a, t.b, t.c, t.d, t.e]),
  ),
  of('prelu', { x: [2, 5], alpha: [5] }, (t) => tf.prelu(t.x, t.alpha)),
  of('prelu of an image', { x: image, alpha: [8] }, (t) => tf.prelu(t.x, t.alpha)),
];

/** Kinks: whatever is chosen there must be what TF.js chooses. */
const kinks: KernelCase[] = [
  unary('relu at zero', (x) => tf.relu(x), { shape: [3], values: [-1, 0, 1] }),
  unary('step at zero and at the smallest numbers', (x) => tf.step(x), {
    shape: [4],
    values: [-1e-30, 0, 1e-30, 1],
  }),
  unary('abs and sign at zero', (x) => tf.add(tf.abs(x), tf.sign(x)), { shape: [3], values: [-1, 0, 1] }),
  two(
    'maximum of equals',
    (a, b) => tf.maximum(a, b),
    { shape: [3], values: [1, 2, 3] },
    { shape: [3], values: [1, 5, 0] },
  ),
  two(
    'minimum of equals',
    (a, b) => tf.minimum(a, b),
    { shape: [3], values: [1, 2, 3] },
    { shape: [3], values: [1, 5, 0] },
  ),
  unary('clip at its bounds', (x) => tf.clipByValue(x, -1, 1), { shape: [5], values: [-2, -1, 0, 1, 2] }),
];

/** TF.js has no gradient of a comparison: a mask is differentiated by what it masks. */
const compared = (name: string, f: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): KernelCase =>
  of(
    name,
    {
      a: { shape: [7], values: [-2, -1, 0, 0.5, 1, 2, 3] },
      b: { shape: [7], values: [-1, -1, 1, 0, 1, 3, 2] },
      x: [7],
    },
    (t) => [f(t.a, t.b), tf.mul(tf.cast(f(t.a, t.b), 'float32'), t.x)],
    { gradients: ['x'] },
  );

/** What depends on `x` without a gradient, as a program writes it. */
const stopped = (f: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor): tf.Tensor => {
  const { shape } = x;
  return tf.customGrad((given) => ({ value: f(given as tf.Tensor), gradFunc: () => tf.zeros(shape) }))(x);
};

const comparisons: KernelCase[] = [
  compared('equal', (a, b) => tf.equal(a, b)),
  compared('not equal', (a, b) => tf.notEqual(a, b)),
  compared('less', (a, b) => tf.less(a, b)),
  compared('less than a constant', (a) => tf.less(a, 0.5)),
  compared('less or equal', (a, b) => tf.lessEqual(a, b)),
  compared('greater', (a, b) => tf.greater(a, b)),
  compared('greater or equal', (a, b) => tf.greaterEqual(a, b)),
  compared('logical and', (a, b) => tf.logicalAnd(tf.less(a, b), tf.less(a, 1))),
  compared('logical or', (a, b) => tf.logicalOr(tf.less(a, b), tf.greater(a, 1))),
  compared('logical not', (a, b) => tf.logicalNot(tf.less(a, b))),
  compared('logical exclusive or', (a, b) => tf.logicalXor(tf.less(a, b), tf.greater(a, 0))),
  compared('equality of truths', (a, b) => tf.equal(tf.less(a, b), tf.greater(a, 0))),
  compared('not a number, infinite, finite', (a, b) =>
    tf.addN(
      [tf.isNaN(tf.log(a)), tf.isInf(tf.div(b, tf.relu(a))), tf.isFinite(tf.log(a))].map((x) =>
        tf.cast(x, 'int32'),
      ),
    ),
  ),
  of('a mask of an image below a limit', { x: [2, 3, 5, 16] }, (t) =>
    tf.mul(
      t.x,
      stopped((x) => tf.cast(tf.less(x, 0.25), 'float32'), t.x),
    ),
  ),
  of(
    'a mask below the limit of each channel',
    { x: [2, 3, 5, 16], limit: [16] },
    (t) =>
      tf.mul(
        t.x,
        stopped((x) => tf.cast(tf.less(x, t.limit), 'float32'), t.x),
      ),
    { gradients: ['x'] },
  ),
  of('where', { a: [3, 4], b: [3, 4], c: [3, 4] }, (t) => tf.where(tf.greater(t.c, 0), tf.square(t.a), t.b), {
    gradients: ['a', 'b'],
  }),
  of(
    'where an image is positive',
    { a: [2, 3, 3, 16], b: [2, 3, 3, 16], c: [2, 3, 3, 16] },
    (t) => tf.where(tf.greater(t.c, 0), t.a, tf.mul(t.b, 2)),
    { gradients: ['a', 'b'] },
  ),
  of(
    'where a column says so',
    { a: [3, 4], c: { shape: [3, 1], integers: [1, 0, 1] } },
    (t) => tf.where(tf.cast(t.c, 'bool'), t.a, tf.scalar(0)),
    { gradients: ['a'] },
  ),
  of(
    'where among constants',
    { a: [2, 6], c: [2, 6] },
    (t) => tf.mul(t.a, tf.where(tf.less(t.c, 0), tf.scalar(-1), tf.scalar(3))),
    {
      gradients: ['a'],
    },
  ),
];

const integers: KernelCase[] = [
  of(
    'arithmetic of integers',
    { a: { shape: [6], integers: [7, -7, 3, 0, 12, 5] }, b: { shape: [6], integers: [2, 2, -2, 5, 4, 5] } },
    (t) => [
      tf.add(t.a, t.b),
      tf.sub(t.a, t.b),
      tf.mul(t.a, t.b),
      tf.div(t.a, t.b),
      tf.floorDiv(t.a, t.b),
      tf.mod(t.a, t.b),
      tf.maximum(t.a, t.b),
      tf.minimum(t.a, t.b),
      tf.square(t.b),
      tf.squaredDifference(t.a, t.b),
      tf.neg(t.a),
      tf.abs(t.a),
      tf.sign(t.a),
      tf.relu(t.a),
      tf.clipByValue(t.a, -2, 4),
      tf.clipByValue(t.a, -2, Infinity),
      tf.pow(t.b, 2),
      tf.pow(t.b, 3),
      tf.pow(t.a, tf.abs(t.b)),
      tf.equal(t.a, t.b),
      tf.lessEqual(t.a, t.b),
      tf.where(tf.greater(t.a, t.b), t.a, t.b),
      tf.add(t.a, 3),
    ],
  ),
  of('integers become floats in mixed company', { x: [4], i: { shape: [4], integers: [1, -2, 3, 4] } }, (t) =>
    tf.mul(t.x, t.i),
  ),
  of(
    'casts',
    {
      x: { shape: [6], values: [-2.7, -0.4, 0, 0.6, 1, 3.9] },
      i: { shape: [6], integers: [0, 1, -2, 3, 0, 5] },
    },
    (t) => [
      tf.cast(t.x, 'int32'),
      tf.cast(t.x, 'bool'),
      tf.cast(t.i, 'float32'),
      tf.cast(t.i, 'bool'),
      tf.cast(tf.cast(t.x, 'bool'), 'float32'),
      tf.cast(tf.greater(t.x, 0), 'int32'),
      tf.mul(t.x, tf.cast(tf.cast(t.x, 'int32'), 'float32')),
    ],
  ),
];

export const elementwiseCases: KernelCase[] = [
  ...functions,
  ...activations,
  ...binaries,
  ...withConstants,
  ...kinks,
  ...comparisons,
  ...integers,
];
