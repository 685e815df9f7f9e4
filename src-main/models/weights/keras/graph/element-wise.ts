import type { LayerOperation } from '../../../network.ts';
import { kerasActivation } from './activations.ts';
import { filled, type LayerCall, type Translate, type Translation } from './settings.ts';

export const activation: Translate = (call, translation) => {
  const config = kerasActivation(call.settings.get('activation'), translation.version);
  if (config === null) throw call.settings.wrong('activation');
  return translation.builder.add(call.name, { kind: 'activation', config }, call.inputs);
};

/** Keras's `ReLU`, which can have a slope below and a limit above. */
export const relu: Translate = ({ name, settings, inputs }, { builder }) => {
  if (settings.number('threshold', 0) !== 0) throw settings.wrong('threshold');
  const limit = settings.get('max_value') ?? null;
  const slope = settings.number('negative_slope', 0);
  return builder.add(
    name,
    reluOperation(limit === null ? null : settings.number('max_value'), slope, settings),
    inputs,
  );
};

function reluOperation(limit: number | null, slope: number, settings: LayerCall['settings']): LayerOperation {
  if (slope !== 0) {
    if (limit !== null) throw settings.wrong('max_value');
    return { kind: 'activation', config: { activation: 'leakyRelu', alpha: slope } };
  }
  if (limit === null) return { kind: 'activation', config: { activation: 'relu' } };
  if (limit === 6) return { kind: 'activation', config: { activation: 'relu6' } };
  return { kind: 'clip', config: { minimum: 0, maximum: limit } };
}

export const leakyRelu: Translate = ({ name, settings, inputs }, { builder }) => {
  const slope = settings.get('negative_slope') === undefined ? 'alpha' : 'negative_slope';
  const config = { activation: 'leakyRelu', alpha: settings.number(slope, 0.3) } as const;
  return builder.add(name, { kind: 'activation', config }, inputs);
};

export const elu: Translate = ({ name, settings, inputs }, { builder }) => {
  const config = { activation: 'elu', alpha: settings.number('alpha', 1) } as const;
  return builder.add(name, { kind: 'activation', config }, inputs);
};

export const softmax: Translate = ({ name, settings, inputs }, { builder }) => {
  const rank = builder.shape(inputs[0]).length;
  if (![-1, rank].includes(settings.number('axis', -1))) throw settings.wrong('axis');
  return builder.add(name, { kind: 'activation', config: { activation: 'softmax' } }, inputs);
};

export const prelu: Translate = ({ name, inputs, place }, { builder, arrays }) => {
  const [alpha] = arrays(place, [['alpha']]);
  return builder.add(name, { kind: 'prelu', config: { shape: alpha.shape } }, inputs, { alpha });
};

/** At inference these do nothing: noise, dropout, random changes of training images. */
export const nothing: Translate = ({ inputs }) => inputs[0];

export type Arithmetic = 'add' | 'subtract' | 'multiply' | 'divide' | 'maximum' | 'minimum';

/** Of two tensors or more; a number among them becomes a tensor of its own. */
export const arithmetic =
  (kind: Arithmetic): Translate =>
  (call, translation) => {
    const { name, operands } = call;
    const { builder } = translation;
    if (operands.length < 2) throw builder.unsupported(`one input for the layer ${name}`);
    return operands.slice(1).reduce<string>(
      (left, operand, at) => {
        const pair = [left, asTensor(operand, call, translation)];
        return builder.add(at === operands.length - 2 ? name : `${name}_${at}`, { kind, config: {} }, pair);
      },
      asTensor(operands[0], call, translation),
    );
  };

function asTensor(operand: string | number, { name, inputs }: LayerCall, { builder }: Translation): string {
  if (typeof operand === 'string') return operand;
  const ones = builder.shape(inputs[0]).map(() => 1);
  return builder.array(`${name}_constant`, filled(ones, operand));
}

export const average: Translate = (call, translation) => {
  const sum = arithmetic('add')({ ...call, name: `${call.name}_sum` }, translation);
  const config = { scale: [1 / call.operands.length], offset: [0] };
  return translation.builder.add(call.name, { kind: 'rescale', config }, [sum]);
};

export const concatenate: Translate = ({ name, settings, inputs }, { builder }) => {
  const shapes = inputs.map((input) => builder.shape(input));
  const rank = shapes[0].length;
  const axis = settings.number('axis', -1);
  const at = axis === -1 ? rank : axis;
  const fits = shapes.every((shape) =>
    shape.every((extent, place) => place + 1 === at || extent === shapes[0][place]),
  );
  if (!Number.isInteger(at) || at < 1 || at > rank || shapes.some(({ length }) => length !== rank) || !fits)
    throw settings.wrong('axis');
  return builder.add(name, { kind: 'concatenate', config: at === rank ? {} : { axis: at } }, inputs);
};

/** Functions of TensorFlow that stand in a functional model as layers. */
const FUNCTIONS: Record<string, Translate> = {
  '__operators__.add': arithmetic('add'),
  'math.add': arithmetic('add'),
  'math.subtract': arithmetic('subtract'),
  'math.multiply': arithmetic('multiply'),
  'math.divide': arithmetic('divide'),
  'math.truediv': arithmetic('divide'),
  'math.maximum': arithmetic('maximum'),
  'math.minimum': arithmetic('minimum'),
  identity: nothing,
};
const ACTIVATIONS = new Set([
  'relu',
  'relu6',
  'sigmoid',
  'tanh',
  'softmax',
  'silu',
  'swish',
  'gelu',
  'elu',
  'selu',
  'softplus',
]);

export const tensorflowFunction: Translate = (call, translation) => {
  const called = call.settings.text('function', '');
  if (Object.hasOwn(FUNCTIONS, called)) return FUNCTIONS[called](call, translation);
  const [, name = ''] = /^(?:compat\.v1\.)?(?:nn|math)\.(\w+)$/.exec(called) ?? [];
  const config = ACTIVATIONS.has(name) ? kerasActivation(name, translation.version) : null;
  if (config === null) throw call.settings.wrong('function');
  return translation.builder.add(call.name, { kind: 'activation', config }, call.inputs);
};

/** Operations of Keras 3 by the name of an activation: `Relu`, `Silu`. */
export const activationOperation =
  (name: string): Translate =>
  (call, translation) =>
    translation.builder.add(
      call.name,
      { kind: 'activation', config: kerasActivation(name, translation.version)! },
      call.inputs,
    );
