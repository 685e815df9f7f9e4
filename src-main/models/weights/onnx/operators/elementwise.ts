import type { UnaryFunction } from '../../../graph/operations.ts';
import type { Activation as ActivationConfig, LayerOperation, PlainActivation } from '../../../network.ts';
import type { OnnxNode } from '../messages.ts';
import {
  type Activation,
  type Constant,
  isConstant,
  type Translation,
  Unlike,
  type Value,
} from '../translation.ts';
import type { Operators } from './operator.ts';

const float = ({ attributes }: OnnxNode, name: string, otherwise: number): number =>
  attributes.get(name)?.float ?? otherwise;

/** Element by element: axes stay as they lie. */
function each(t: Translation, node: OnnxNode, operation: LayerOperation): void {
  const x = t.activation(node.inputs[0]);
  t.values.set(node.outputs[0], { ...x, layer: t.add(operation, [x.layer]) });
}

const activation =
  (config: (node: OnnxNode) => ActivationConfig): Operators[string] =>
  (t, node) =>
    each(t, node, { kind: 'activation', config: config(node) });

const plain = (name: PlainActivation): Operators[string] => activation(() => ({ activation: name }));
const unary =
  (name: UnaryFunction): Operators[string] =>
  (t, node) =>
    each(t, node, { kind: 'unary', config: { function: name } });

const same: Operators[string] = (t, node) => t.values.set(node.outputs[0], t.value(node.inputs[0]));

type Arithmetic = 'add' | 'subtract' | 'multiply' | 'divide' | 'power' | 'maximum' | 'minimum';

const binary =
  (kind: Arithmetic): Operators[string] =>
  (t, node) => {
    const [first, ...others] = node.inputs.map((input) => t.value(input));
    const bias = kind === 'add' && others.length === 1 ? asBias(t, node) : null;
    t.values.set(node.outputs[0], bias ?? others.reduce((a, b) => combined(t, kind, a, b), first));
  };

function combined(t: Translation, kind: Arithmetic, a: Value, b: Value): Activation {
  if (isConstant(a) && isConstant(b)) throw t.unsupported('two constants');
  if (isConstant(a)) return withConstant(t, kind, b as Activation, a, true);
  if (isConstant(b)) return withConstant(t, kind, a, b, false);
  return together(t, kind, a, b);
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, extent) => size * extent, 1);

function withConstant(
  t: Translation,
  kind: Arithmetic,
  x: Activation,
  constant: Constant,
  first: boolean,
): Activation {
  const rank = Math.max(x.axes.length, constant.shape.length);
  const wide = t.widened(x, rank);
  if (sizeOf(constant.shape) === 1) {
    const simple = scalar(kind, constant.values()[0], first);
    if (simple) return { ...wide, layer: t.add(simple, [x.layer]) };
  }
  const weight = t.weightLike(constant, wide, kind === 'multiply' ? '_scale' : '_weight');
  const inputs = first ? [weight, x.layer] : [x.layer, weight];
  return { ...wide, layer: t.add({ kind, config: {} }, inputs) };
}

/** What arithmetic with one number is, without an array. */
function scalar(kind: Arithmetic, value: number, first: boolean): LayerOperation | null {
  const line = (scale: number, offset: number): LayerOperation => ({
    kind: 'rescale',
    config: { scale: [scale], offset: [offset] },
  });
  switch (kind) {
    case 'add':
      return line(1, value);
    case 'subtract':
      return first ? line(-1, value) : line(1, -value);
    case 'multiply':
      return line(value, 0);
    case 'divide':
      return first ? null : line(1 / value, 0);
    case 'maximum':
      return { kind: 'clip', config: { minimum: value, maximum: null } };
    case 'minimum':
      return { kind: 'clip', config: { minimum: null, maximum: value } };
    case 'power': {
      const name = first ? undefined : { 2: 'square', 0.5: 'sqrt', [-1]: 'reciprocal' }[value];
      return name ? { kind: 'unary', config: { function: name as UnaryFunction } } : null;
    }
  }
}

/** A vector added to a dense layer, or to a convolution, that has none yet and is taken by nothing else is its bias. */
function asBias(t: Translation, node: OnnxNode): Activation | null {
  const values = node.inputs.map((input) => t.value(input));
  const at = values.findIndex((value) => !isConstant(value));
  const [x, constant] = [values[at], values[1 - at]];
  if (!x || !constant || isConstant(x) || !isConstant(constant)) return null;
  const layer = t.layer(x.layer);
  if (
    (layer.kind !== 'dense' && layer.kind !== 'conv2d') ||
    layer.config.useBias ||
    !t.isOwn(node.inputs[at], x.layer)
  )
    return null;
  const units = layer.kind === 'dense' ? layer.config.units : layer.config.filters;
  const own = t.shapeOf(x.layer).length;
  // The axis of ONNX's that is the layer's last.
  const axis = x.axes.findIndex((list) => list.length === 1 && list[0] === own);
  const place = constant.shape.length - (x.axes.length - axis);
  if (axis < 0 || sizeOf(constant.shape) !== units || constant.shape[place] !== units) return null;
  t.reset(x.layer, { ...layer.config, useBias: true });
  t.weigh(x.layer, 'bias', constant.values);
  return x;
}

function together(t: Translation, kind: Arithmetic, a: Activation, b: Activation): Activation {
  const rank = Math.max(a.axes.length, b.axes.length);
  const [left, right] = [t.widened(a, rank), t.widened(b, rank)];
  const size = (value: Activation): number => sizeOf(t.shapeOf(value.layer));
  const attempt = (x: Activation, y: Activation): Activation => {
    const [whole, part] = size(x) >= size(y) ? [x, y] : [y, x];
    const other = t.layerLike(part, whole);
    return {
      ...whole,
      layer: t.add({ kind, config: {} }, whole === x ? [x.layer, other] : [other, y.layer]),
    };
  };
  try {
    return attempt(left, right);
  } catch (thrown) {
    if (!(thrown instanceof Unlike)) throw thrown;
    const [x, y] = [t.canonical(left), t.canonical(right)];
    const layer = t.add({ kind, config: {} }, [x.layer, y.layer]);
    return { layer, axes: x.axes };
  }
}

const clip: Operators[string] = (t, node) => {
  const bound = (at: number, name: string): number | null => {
    const attribute = node.attributes.get(name)?.float;
    const value = node.inputs[at] ? t.numbers(node.inputs[at])[0] : attribute;
    // Limits that are none: the largest float32, as exporters write it.
    return value === undefined || Math.abs(value) > 3.4e38 ? null : value;
  };
  const [minimum, maximum] = [bound(1, 'min'), bound(2, 'max')];
  if (minimum === 0 && maximum === 6)
    return each(t, node, { kind: 'activation', config: { activation: 'relu6' } });
  each(t, node, { kind: 'clip', config: { minimum, maximum } });
};

const prelu: Operators[string] = (t, node) => {
  const x = t.activation(node.inputs[0]);
  const slope = t.value(node.inputs[1]);
  if (!isConstant(slope)) throw t.unsupported('a slope computed from the image');
  const values = slope.values();
  const own = t.shapeOf(x.layer).length;
  const axis = x.axes.findIndex((list) => list.length === 1 && list[0] === own);
  const place = slope.shape.length - (x.axes.length - axis);
  if (values.length !== 1 && slope.shape[place] !== values.length)
    throw t.unsupported('slopes of single pixels');
  const layer = t.add({ kind: 'prelu', config: { shape: [values.length] } }, [x.layer]);
  t.weigh(layer, 'alpha', slope.values);
  t.values.set(node.outputs[0], { ...x, layer });
};

/** Along one axis: that is the layer's last. */
const softmax: Operators[string] = (t, node) => {
  const x = t.activation(node.inputs[0]);
  const rank = x.axes.length;
  const given = node.attributes.get('axis')?.integer ?? (t.opset < 13 ? 1 : -1);
  const axis = given < 0 ? given + rank : given;
  // Before opset 13 all axes from that one on are one.
  if (
    t.opset < 13 &&
    t
      .shape(x)
      .slice(axis + 1)
      .some((extent) => extent !== 1)
  )
    throw t.unsupported(`axis ${axis} of ${rank} in opset ${t.opset}`);
  const at = t.batchAxis(x);
  const others = x.axes.map((_, one) => one).filter((one) => one !== at && one !== axis);
  const order = [...others, axis];
  const config = { activation: 'softmax' } as const;
  const own = t.shapeOf(x.layer).length;
  if (x.axes[axis].length === 1 && x.axes[axis][0] === own) {
    t.values.set(node.outputs[0], { ...x, layer: t.add({ kind: 'activation', config }, [x.layer]) });
    return;
  }
  const layer = t.add({ kind: 'activation', config }, [t.inOrder(x, order)]);
  t.values.set(node.outputs[0], {
    layer,
    axes: x.axes.map((_, one) => (one === at ? [0] : [order.indexOf(one) + 1])),
  });
};

export const elementwise: Operators = {
  Abs: unary('abs'),
  Add: binary('add'),
  Cast: same,
  CastLike: same,
  Clip: clip,
  Cos: unary('cos'),
  Div: binary('divide'),
  Dropout: same,
  Elu: activation((node) => ({ activation: 'elu', alpha: float(node, 'alpha', 1) })),
  Erf: unary('erf'),
  Exp: unary('exp'),
  Gelu: activation((node) => ({
    activation: node.attributes.get('approximate')?.text === 'tanh' ? 'geluTanh' : 'gelu',
  })),
  HardSigmoid: activation((node) => ({
    activation: 'hardSigmoid',
    alpha: float(node, 'alpha', 0.2),
    beta: float(node, 'beta', 0.5),
  })),
  HardSwish: activation(() => ({ activation: 'hardSwish', alpha: 1 / 6, beta: 0.5 })),
  Identity: same,
  LeakyRelu: activation((node) => ({ activation: 'leakyRelu', alpha: float(node, 'alpha', 0.01) })),
  Log: unary('log'),
  Max: binary('maximum'),
  Min: binary('minimum'),
  Mish: plain('mish'),
  Mul: binary('multiply'),
  Neg: unary('negative'),
  PRelu: prelu,
  Pow: binary('power'),
  Reciprocal: unary('reciprocal'),
  Relu: plain('relu'),
  Selu: plain('selu'),
  Sigmoid: plain('sigmoid'),
  Sign: unary('sign'),
  Sin: unary('sin'),
  Softmax: softmax,
  Softplus: plain('softplus'),
  Softsign: plain('softsign'),
  Sqrt: unary('sqrt'),
  Sub: binary('subtract'),
  Sum: binary('add'),
  Tanh: plain('tanh'),
};
