import { bounded, targetShape } from '../constants.ts';
import { reshapeActivation } from '../reshape.ts';
import { type Activation, isConstant, type Translation, Unlike } from '../translation.ts';
import { integers, type Operators, positive } from './operator.ts';

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, extent) => size * extent, 1);

const reshape: Operators[string] = (t, node) => {
  const x = t.activation(node.inputs[0]);
  const given = integers(t, node, 1, 'shape') ?? [];
  const keepZero = Boolean(node.attributes.get('allowzero')?.integer);
  t.values.set(node.outputs[0], reshapeActivation(t, x, targetShape(given, t.shape(x), keepZero)));
};

const flatten: Operators[string] = (t, node) => {
  const x = t.activation(node.inputs[0]);
  const shape = t.shape(x);
  const axis = positive(node.attributes.get('axis')?.integer ?? 1, shape.length);
  t.values.set(
    node.outputs[0],
    reshapeActivation(t, x, [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis))]),
  );
};

const squeeze: Operators[string] = (t, node) => {
  const x = t.activation(node.inputs[0]);
  const shape = t.shape(x);
  const axes = integers(t, node, 1, 'axes')?.map((axis) => positive(axis, shape.length));
  const gone = (axis: number): boolean => (axes ? axes.includes(axis) : shape[axis] === 1);
  t.values.set(
    node.outputs[0],
    reshapeActivation(
      t,
      x,
      shape.filter((_, axis) => !gone(axis)),
    ),
  );
};

const unsqueeze: Operators[string] = (t, node) => {
  const x = t.activation(node.inputs[0]);
  const added = integers(t, node, 1, 'axes') ?? [];
  const rank = x.axes.length + added.length;
  const places = added.map((axis) => positive(axis, rank));
  const rest = [...x.axes];
  const axes = Array.from({ length: rank }, (_, axis) => (places.includes(axis) ? [] : rest.shift()!));
  t.values.set(node.outputs[0], { ...x, axes });
};

const transpose: Operators[string] = (t, node) => {
  const x = t.activation(node.inputs[0]);
  const order = node.attributes.get('perm')?.integers ?? x.axes.map((_, axis) => x.axes.length - 1 - axis);
  t.values.set(node.outputs[0], { ...x, axes: order.map((axis) => x.axes[axis]) });
};

/** A part of one axis, from `begin` to before `end`. */
function part(t: Translation, x: Activation, axis: number, begin: number, end: number, step = 1): Activation {
  const extent = t.shape(x)[axis];
  if (begin === 0 && end === extent && step === 1) return x;
  if (t.withBatchOff(x, [axis]).axes[axis].includes(0)) throw t.unsupported('single images of a batch');
  const { value, own } = t.single(x, axis);
  const shape = t.shapeOf(value.layer);
  const config = {
    begin: shape.map((_, at) => (at === own - 1 ? begin : 0)),
    end: shape.map((_, at) => (at === own - 1 && end !== extent ? end : null)),
    strides: shape.map((_, at) => (at === own - 1 ? step : 1)),
  };
  return { ...value, layer: t.add({ kind: 'slice', config }, [value.layer]) };
}

const slice: Operators[string] = (t, node) => {
  const x = t.activation(node.inputs[0]);
  const shape = t.shape(x);
  const starts = integers(t, node, 1, 'starts') ?? [];
  const ends = integers(t, node, 2, 'ends') ?? [];
  const axes = integers(t, node, 3, 'axes') ?? starts.map((_, at) => at);
  const steps = node.inputs[4] ? t.numbers(node.inputs[4]) : starts.map(() => 1);
  const result = axes.reduce((value, given, at) => {
    const axis = positive(given, shape.length);
    if (steps[at] < 1) throw t.unsupported('steps backwards');
    const { begin, end } = bounded(starts[at], ends[at], shape[axis]);
    if (end <= begin) throw t.unsupported('nothing left');
    return part(t, value, axis, begin, end, steps[at]);
  }, x);
  t.values.set(node.outputs[0], result);
};

const split: Operators[string] = (t, node) => {
  const x = t.activation(node.inputs[0]);
  const shape = t.shape(x);
  const axis = positive(node.attributes.get('axis')?.integer ?? 0, shape.length);
  const count = node.outputs.length;
  const size = Math.ceil(shape[axis] / count);
  const sizes =
    integers(t, node, 1, 'split') ?? node.outputs.map((_, at) => Math.min(size, shape[axis] - at * size));
  let begin = 0;
  node.outputs.forEach((output, at) => {
    t.values.set(output, part(t, x, axis, begin, begin + sizes[at]));
    begin += sizes[at];
  });
};

const gather: Operators[string] = (t, node) => {
  const x = t.activation(node.inputs[0]);
  const indices = t.value(node.inputs[1]);
  if (!isConstant(indices) || indices.shape.length > 1) throw t.unsupported('places computed from the image');
  const shape = t.shape(x);
  const axis = positive(node.attributes.get('axis')?.integer ?? 0, shape.length);
  const places = Array.from(indices.values(), (at) => positive(at, shape[axis]));
  if (places.some((at) => !(at >= 0 && at < shape[axis]))) throw t.unsupported('places outside');
  const consecutive = places.every((at, index) => index === 0 || at === places[index - 1] + 1);
  const chosen = consecutive
    ? part(t, x, axis, places[0], places[places.length - 1] + 1)
    : gathered(t, x, axis, places);
  // One place without an axis takes the axis away.
  t.values.set(
    node.outputs[0],
    indices.shape.length === 1 ? chosen : { ...chosen, axes: chosen.axes.filter((_, at) => at !== axis) },
  );
};

function gathered(t: Translation, x: Activation, axis: number, indices: number[]): Activation {
  const { value, own } = t.single(x, axis);
  return { ...value, layer: t.add({ kind: 'gather', config: { axis: own, indices } }, [value.layer]) };
}

const concat: Operators[string] = (t, node) => {
  const values = node.inputs.map((input) => t.value(input));
  const first = values.find((value) => !isConstant(value)) as Activation;
  const axis = positive(node.attributes.get('axis')?.integer ?? 0, first.axes.length);
  const { value: like } = t.single(first, axis);
  const joined = (to: Activation): Activation => {
    const [own] = to.axes[axis];
    const layers = values.map((value) => {
      if (value === first) return to.layer;
      if (isConstant(value)) return t.weightLike(value, to, '_weight', axis);
      return t.layerLike(value, to, axis);
    });
    return { ...to, layer: t.add({ kind: 'concatenate', config: { axis: own } }, layers) };
  };
  try {
    t.values.set(node.outputs[0], joined(like));
  } catch (thrown) {
    if (!(thrown instanceof Unlike)) throw thrown;
    t.values.set(node.outputs[0], joinedPlainly(t, values as Activation[], axis));
  }
};

function joinedPlainly(t: Translation, values: Activation[], axis: number): Activation {
  if (values.some(isConstant)) throw t.unsupported('an array beside what lies otherwise');
  const plain = values.map((value) => t.canonical(value));
  const [own] = plain[0].axes[axis];
  const layers = plain.map(({ layer }) => layer);
  return { ...plain[0], layer: t.add({ kind: 'concatenate', config: { axis: own } }, layers) };
}

const pad: Operators[string] = (t, node) => {
  const x = t.activation(node.inputs[0]);
  const mode = node.attributes.get('mode')?.text ?? 'constant';
  if (mode !== 'constant' && mode !== '') throw t.unsupported(`the mode ${mode}`);
  const pads = integers(t, node, 1, 'pads') ?? [];
  const value = node.inputs[2]
    ? (t.numbers(node.inputs[2])[0] ?? 0)
    : (node.attributes.get('value')?.float ?? 0);
  const rank = x.axes.length;
  const given = node.inputs[3]
    ? t.numbers(node.inputs[3]).map((axis) => positive(axis, rank))
    : x.axes.map((_, axis) => axis);
  if (pads.length !== given.length * 2) throw t.unsupported(`${pads.length} extents`);
  if (pads.every((extent) => extent === 0)) return void t.values.set(node.outputs[0], x);
  if (pads.some((extent) => extent < 0)) throw t.unsupported('less than no padding');
  const before = (axis: number): number => pads[given.indexOf(axis)] ?? 0;
  const after = (axis: number): number => pads[given.indexOf(axis) + given.length] ?? 0;
  if (rank === 4 && value === 0 && before(0) + after(0) + before(1) + after(1) === 0) {
    const padding = [before(2), after(2), before(3), after(3)] as const;
    return t.setImage(node.outputs[0], t.add({ kind: 'zeroPadding2d', config: { padding } }, [t.image(x)]));
  }
  const plain = t.canonical(x);
  const own = t.shapeOf(plain.layer);
  const at = (extents: (axis: number) => number): number[] =>
    own.map((_, index) => extents(plain.axes.findIndex(([one]) => one === index + 1)));
  if (before(t.batchAxis(x)) + after(t.batchAxis(x)) > 0) throw t.unsupported('more images in a batch');
  const config = { before: at(before), after: at(after), value };
  t.values.set(node.outputs[0], { ...plain, layer: t.add({ kind: 'pad', config }, [plain.layer]) });
};

/** Of what comes from the image only where it changes nothing: arithmetic repeats by itself. */
const expand: Operators[string] = (t, node) => {
  const x = t.activation(node.inputs[0]);
  const shape = t.shape(x);
  const target = t.numbers(node.inputs[1]);
  const wide = t.widened(x, Math.max(shape.length, target.length));
  const extents = t.shape(wide);
  const grows = target.some((extent, at) => {
    const own = extents[extents.length - target.length + at];
    return extent !== 1 && extent !== own;
  });
  if (grows) throw t.unsupported(`[${shape.join(', ')}] to [${target.join(', ')}]`);
  t.values.set(node.outputs[0], wide);
};

export const shapes: Operators = {
  Concat: concat,
  Expand: expand,
  Flatten: flatten,
  Gather: gather,
  Pad: pad,
  Reshape: reshape,
  Slice: slice,
  Split: split,
  Squeeze: squeeze,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
};
