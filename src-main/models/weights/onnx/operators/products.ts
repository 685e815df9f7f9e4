import { transpose } from '../../match/lay-out.ts';
import { type Activation, type Constant, floats, isConstant, type Translation } from '../translation.ts';
import type { Operators } from './operator.ts';

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, extent) => size * extent, 1);

/** A dense layer over ONNX's last axis. */
function dense(
  t: Translation,
  x: Activation,
  units: number,
  size: number,
  kernel: () => Float32Array,
): Activation {
  // Vectors have no axes of 1 any more.
  const flat =
    x.axes.length === 2 &&
    x.axes
      .flat()
      .filter((axis) => axis !== 0)
      .every((axis) => x.axes[1].includes(axis));
  const vector = flat ? t.canonical(t.withBatchAt(x, 0)) : x;
  const { value, own } = t.single(vector, x.axes.length - 1);
  const last = own === t.shapeOf(value.layer).length ? value : t.canonical(value);
  const channels = t.shapeOf(last.layer).at(-1)!;
  if (channels * units !== size) throw t.unsupported(`${size} weights for ${channels} channels`);
  const layer = t.add({ kind: 'dense', config: { units, useBias: false } }, [last.layer]);
  t.weigh(layer, 'kernel', kernel);
  return { ...last, layer };
}

const gemm: Operators[string] = (t, node) => {
  const { attributes, inputs, outputs } = node;
  const x = t.activation(inputs[0]);
  const b = t.value(inputs[1]);
  const c = inputs[2] ? t.value(inputs[2]) : null;
  if (!isConstant(b) || (c && !isConstant(c)) || attributes.get('transA')?.integer)
    throw t.unsupported('weights computed from the image');
  const alpha = attributes.get('alpha')?.float ?? 1;
  const beta = attributes.get('beta')?.float ?? 1;
  const [rows, columns] = b.shape;
  const turned = Boolean(attributes.get('transB')?.integer);
  const units = turned ? rows : columns;
  const result = dense(t, x, units, rows * columns, () => {
    const given = floats(b.values());
    const scaled = alpha === 1 ? given : given.map((value) => value * alpha);
    return turned ? transpose(scaled, b.shape, [1, 0]) : scaled;
  });
  if (c && isConstant(c)) {
    const values = c.values();
    if (values.length !== units && values.length !== 1)
      throw t.unsupported(`${values.length} biases for ${units} units`);
    t.reset(result.layer, { units, useBias: true });
    t.weigh(result.layer, 'bias', () =>
      Array.from({ length: units }, (_, at) => values[at % values.length] * beta),
    );
  }
  t.values.set(outputs[0], result);
};

const matMul: Operators[string] = (t, node) => {
  const [a, b] = node.inputs.map((input) => t.value(input));
  if (isConstant(a)) throw t.unsupported('an array on the left');
  t.values.set(node.outputs[0], isConstant(b) ? withArray(t, a, b) : ofTwo(t, a, b));
};

function withArray(t: Translation, x: Activation, kernel: Constant): Activation {
  const lead = kernel.shape.slice(0, -2);
  if (kernel.shape.length < 2 || sizeOf(lead) !== 1)
    throw t.unsupported(`an array of [${kernel.shape.join(', ')}]`);
  return dense(t, x, kernel.shape.at(-1)!, sizeOf(kernel.shape), () => floats(kernel.values()));
}

/** Rows and columns last in both, what stands before them the same. */
function ofTwo(t: Translation, left: Activation, right: Activation): Activation {
  const rank = left.axes.length;
  const [a, b] = [left, right].map((x) => t.withBatchOff(x, [rank - 2, rank - 1]));
  if (b.axes.length !== rank || rank < 3) throw t.unsupported(`${rank} axes by ${b.axes.length}`);
  const lead = (x: Activation): number[] => x.axes.slice(0, -2).flat();
  if (!lead(a).includes(0) || !lead(b).includes(0))
    throw t.unsupported('images of a batch mixed with one another');
  const parts = (x: Activation): number[][] => [
    ...lead(x)
      .filter((axis) => axis !== 0)
      .map((axis) => [axis]),
    [...x.axes[rank - 2]],
    [...x.axes[rank - 1]],
  ];
  const inputs = [t.arrange(a, parts(a)), t.arrange(b, parts(b))];
  const [first, second] = inputs.map((input) => t.shapeOf(input));
  const fits =
    first.length === second.length &&
    first.slice(0, -2).every((extent, axis) => extent === second[axis]) &&
    first.at(-1) === second.at(-2);
  if (!fits) throw t.unsupported(`[${first.join(', ')}] by [${second.join(', ')}]`);
  const layer = t.add({ kind: 'matMul', config: {} }, inputs);
  let next = 0;
  const axes = a.axes.slice(0, -2).map((list) => list.map((axis) => (axis === 0 ? 0 : ++next)));
  return { layer, axes: [...axes, [next + 1], [next + 2]] };
}

export const products: Operators = { Gemm: gemm, MatMul: matMul };
