import { transpose } from '../match/lay-out.ts';
import type { OnnxNode } from './messages.ts';
import { type Constant, isConstant, type Translation } from './translation.ts';

/** More numbers than this are weights and not shapes: they are computed with no further. */
const MOST = 2 ** 26;

type Fold = (node: OnnxNode, inputs: Constant[], t: Translation) => Constant | null;

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, extent) => size * extent, 1);
const whole = (shape: readonly number[], values: ArrayLike<number>): Constant => ({
  shape,
  values: () => values,
  whole: true,
  learned: null,
});
/** Of the same numbers as another, under another shape. */
const reshaped = (x: Constant, shape: readonly number[]): Constant => ({ ...x, shape });

/**
 * Computes what depends on no image: shapes, places, arrays turned round. What a node makes is then a constant itself.
 *
 * @returns whether the node is done
 */
export function foldConstants(t: Translation, node: OnnxNode): boolean {
  const { operator, inputs, outputs } = node;
  if (operator === 'Constant') {
    t.values.set(outputs[0], constantOf(t, node));
    return true;
  }
  if (operator === 'Shape') {
    const shape = t.shape(t.value(inputs[0]));
    const start = node.attributes.get('start')?.integer ?? 0;
    const end = node.attributes.get('end')?.integer ?? shape.length;
    const part = shape.slice(start, end);
    t.values.set(outputs[0], whole([part.length], part));
    return true;
  }
  const fold = FOLDS[operator];
  const given = inputs.filter((input) => input !== '').map((input) => t.value(input));
  if (!fold || given.length === 0 || !given.every(isConstant)) return false;
  const result = fold(node, given, t);
  if (!result) return false;
  if (sizeOf(result.shape) > MOST) throw t.unsupported('an array too large to compute with');
  t.values.set(outputs[0], result);
  return true;
}

function constantOf(t: Translation, { attributes }: OnnxNode): Constant {
  const tensor = attributes.get('value')?.tensor;
  if (tensor) {
    const { read, ...array } = t.open(tensor);
    return { ...array, values: read, learned: null };
  }
  for (const [name, { float, integer, floats, integers }] of attributes) {
    if (name === 'value_float') return { ...whole([], [float]), whole: false };
    if (name === 'value_int') return whole([], [integer]);
    if (name === 'value_floats') return { ...whole([floats.length], floats), whole: false };
    if (name === 'value_ints') return whole([integers.length], integers);
  }
  throw t.unsupported('a constant of no numbers');
}

const integersOf = (node: OnnxNode, name: string): number[] | undefined =>
  node.attributes.get(name)?.integers;

/** Element by element, axes of 1 repeated. */
const binary =
  (operation: (a: number, b: number) => number): Fold =>
  (_, [a, b]) => {
    const rank = Math.max(a.shape.length, b.shape.length);
    const wide = ({ shape }: Constant): number[] => [
      ...Array.from({ length: rank - shape.length }, () => 1),
      ...shape,
    ];
    const [left, right] = [wide(a), wide(b)];
    const shape = left.map((extent, axis) => (extent === 1 ? right[axis] : extent));
    const [x, y] = [repeated(a.values(), left, shape), repeated(b.values(), right, shape)];
    const learned = sizeOf(b.shape) === 1 ? a.learned : sizeOf(a.shape) === 1 ? b.learned : null;
    const values = Array.from({ length: sizeOf(shape) }, (_, at) => operation(x(at), y(at)));
    return { shape, values: () => values, whole: a.whole && b.whole, learned };
  };

/** Numbers by their place in a larger shape. */
function repeated(
  values: ArrayLike<number>,
  from: readonly number[],
  to: readonly number[],
): (at: number) => number {
  if (values.length === sizeOf(to)) return (at) => values[at];
  return (at) => {
    let [place, rest, step] = [0, at, 1];
    for (let axis = to.length - 1; axis >= 0; axis--) {
      const index = rest % to[axis];
      rest = Math.floor(rest / to[axis]);
      if (from[axis] !== 1) place += index * step;
      step *= from[axis];
    }
    return values[place];
  };
}

const unary =
  (operation: (x: number) => number): Fold =>
  (_, [x]) => {
    const values = Array.from(x.values(), operation);
    return {
      shape: x.shape,
      values: () => values,
      whole: x.whole && values.every(Number.isInteger),
      learned: null,
    };
  };

const same: Fold = (_, [x]) => x;

/** Without those axes, or without any of 1. */
function squeezed(shape: readonly number[], axes: readonly number[] | undefined): number[] {
  const gone = axes?.map((axis) => (axis < 0 ? axis + shape.length : axis));
  return shape.filter((extent, axis) => (gone ? !gone.includes(axis) : extent !== 1));
}

function widened(shape: readonly number[], axes: readonly number[]): number[] {
  const rank = shape.length + axes.length;
  const added = axes.map((axis) => (axis < 0 ? axis + rank : axis));
  const rest = [...shape];
  return Array.from({ length: rank }, (_, axis) => (added.includes(axis) ? 1 : rest.shift()!));
}

function picked(x: Constant, axis: number, places: readonly number[], keep: boolean): Constant {
  const { shape } = x;
  const [before, after] = [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis + 1))];
  const from = x.values();
  const values: number[] = [];
  for (let block = 0; block < before; block++)
    for (const place of places)
      for (let at = 0; at < after; at++)
        values.push(from[(block * shape[axis] + (place < 0 ? place + shape[axis] : place)) * after + at]);
  return {
    shape: keep ? shape.with(axis, places.length) : shape.filter((_, at) => at !== axis),
    values: () => values,
    whole: x.whole,
    learned: null,
  };
}

/** Extents of a reshape, 0 and −1 filled in. */
export function targetShape(target: readonly number[], from: readonly number[], keepZero = false): number[] {
  const copied = target.map((extent, axis) => (extent === 0 && !keepZero ? from[axis] : extent));
  const known = copied.reduce((size, extent) => (extent === -1 ? size : size * extent), 1);
  return copied.map((extent) => (extent === -1 ? sizeOf(from) / known : extent));
}

const FOLDS: Record<string, Fold> = {
  Add: binary((a, b) => a + b),
  Sub: binary((a, b) => a - b),
  Mul: binary((a, b) => a * b),
  Div: (node, [a, b], t) =>
    binary((x, y) => (a.whole && b.whole ? Math.trunc(x / y) : x / y))(node, [a, b], t),
  Mod: binary((a, b) => a - b * Math.floor(a / b)),
  Pow: binary((a, b) => a ** b),
  Max: binary(Math.max),
  Min: binary(Math.min),
  Equal: binary((a, b) => Number(a === b)),
  Greater: binary((a, b) => Number(a > b)),
  Less: binary((a, b) => Number(a < b)),
  And: binary((a, b) => Number(a !== 0 && b !== 0)),
  Or: binary((a, b) => Number(a !== 0 || b !== 0)),
  Neg: unary((x) => -x),
  Abs: unary(Math.abs),
  Sqrt: unary(Math.sqrt),
  Exp: unary(Math.exp),
  Reciprocal: unary((x) => 1 / x),
  Floor: unary(Math.floor),
  Ceil: unary(Math.ceil),
  Not: unary((x) => Number(x === 0)),
  Cast: (node, [x]) => {
    const to = node.attributes.get('to')?.integer ?? 1;
    if (![2, 3, 4, 5, 6, 7, 9, 12, 13].includes(to)) return { ...x, whole: false };
    return whole(x.shape, Array.from(x.values(), Math.trunc));
  },
  CastLike: same,
  Identity: same,
  Dropout: same,
  Where: (node, [condition, a, b], t) => {
    const yes = binary((keep, value) => (keep ? value : NaN))(node, [condition, a], t)!;
    const no = binary((keep, value) => (keep ? NaN : value))(node, [condition, b], t)!;
    return binary((x, y) => (Number.isNaN(x) ? y : x))(node, [yes, no], t);
  },
  Concat: (node, inputs) => {
    const axis = node.attributes.get('axis')?.integer ?? 0;
    if (inputs[0].shape.length !== 1 || (axis !== 0 && axis !== -1)) return null;
    const values = inputs.flatMap((one) => Array.from(one.values()));
    return {
      shape: [values.length],
      values: () => values,
      whole: inputs.every((one) => one.whole),
      learned: null,
    };
  },
  Gather: (node, [x, indices]) => {
    const given = node.attributes.get('axis')?.integer ?? 0;
    const axis = given < 0 ? given + x.shape.length : given;
    if (indices.shape.length > 1) return null;
    return picked(x, axis, Array.from(indices.values()), indices.shape.length === 1);
  },
  Slice: (node, [x, ...bounds]) => {
    const [starts, ends, axes, steps] = bounds.map((one) => Array.from(one.values()));
    const from = starts ?? integersOf(node, 'starts') ?? [];
    const to = ends ?? integersOf(node, 'ends') ?? [];
    const over = axes ?? integersOf(node, 'axes') ?? from.map((_, at) => at);
    if (steps?.some((step) => step !== 1)) return null;
    return over.reduce((part: Constant, axis, at) => {
      const own = axis < 0 ? axis + x.shape.length : axis;
      const { begin, end } = bounded(from[at], to[at], x.shape[own]);
      return picked(
        part,
        own,
        Array.from({ length: Math.max(0, end - begin) }, (_, i) => begin + i),
        true,
      );
    }, x);
  },
  Reshape: (_, [x, shape]) => reshaped(x, targetShape(Array.from(shape.values()), x.shape)),
  Squeeze: (node, [x, axes]) =>
    reshaped(x, squeezed(x.shape, axes ? Array.from(axes.values()) : integersOf(node, 'axes'))),
  Unsqueeze: (node, [x, axes]) =>
    reshaped(x, widened(x.shape, axes ? Array.from(axes.values()) : (integersOf(node, 'axes') ?? []))),
  Flatten: (node, [x]) => {
    const axis = node.attributes.get('axis')?.integer ?? 1;
    return reshaped(x, [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis))]);
  },
  Transpose: (node, [x]) => {
    const order = integersOf(node, 'perm') ?? x.shape.map((_, axis) => x.shape.length - 1 - axis);
    return {
      shape: order.map((axis) => x.shape[axis]),
      values: () => transpose(Float32Array.from(x.values()), x.shape, order),
      whole: x.whole,
      learned: x.learned,
    };
  },
  // What is repeated along the batch stays one: it is so anyway.
  Expand: (_, [x, shape], t) => {
    const to = Array.from(shape.values());
    const rank = Math.max(to.length, x.shape.length);
    const from = [...Array.from({ length: rank - x.shape.length }, () => 1), ...x.shape];
    const wide = [...Array.from({ length: rank - to.length }, () => 1), ...to];
    const result = from.map((extent, axis) => (extent !== 1 || wide[axis] === t.batch ? extent : wide[axis]));
    if (sizeOf(result) > MOST) return null;
    const at = repeated(x.values(), from, result);
    const same = sizeOf(result) === sizeOf(from);
    const values = same ? x.values() : Array.from({ length: sizeOf(result) }, (_, place) => at(place));
    return { ...x, shape: result, values: () => values, learned: same ? x.learned : null };
  },
  ConstantOfShape: (node, [shape], t) => {
    const tensor = node.attributes.get('value')?.tensor;
    const filled = tensor ? t.open(tensor) : null;
    const extents = Array.from(shape.values());
    if (sizeOf(extents) > MOST) return null;
    const value = filled?.read()[0] ?? 0;
    return {
      ...whole(
        extents,
        Array.from({ length: sizeOf(extents) }, () => value),
      ),
      whole: filled?.whole ?? false,
    };
  },
  Range: (_, inputs) => {
    const [start, limit, step] = inputs.map((one) => one.values()[0]);
    const count = Math.max(0, Math.ceil((limit - start) / step));
    if (!(count <= MOST)) return null;
    return {
      ...whole(
        [count],
        Array.from({ length: count }, (_, at) => start + at * step),
      ),
      whole: inputs[0].whole,
    };
  },
  ReduceProd: (_, [x]) => ({
    ...whole([], [Array.from(x.values()).reduce((product, value) => product * value, 1)]),
    whole: x.whole,
  }),
  Size: (_, [x]) => whole([], [sizeOf(x.shape)]),
};

/** Bounds of a slice as ONNX counts them: from the back where negative, cut off where too far. */
export function bounded(start: number, stop: number, extent: number): { begin: number; end: number } {
  const within = (at: number): number => Math.min(extent, Math.max(0, at < 0 ? at + extent : at));
  return { begin: within(start), end: within(stop) };
}
