import { layerTranslations } from './layers.ts';
import type { LayerPlace } from './layer-arrays.ts';
import { snakeCase } from './layer-arrays.ts';
import {
  type FunctionalModel,
  isModel,
  type KerasModel,
  kerasModel,
  type KerasObject,
  type Operand,
} from './model-config.ts';
import { Settings, type Translation } from './settings.ts';

const DEEPEST = 16;
/** Layers stand behind their inputs in all files that Keras writes: one round reads them. */
const MOST_ROUNDS = 100;
const MOST_LAYERS = 20_000;
/** Layers whose arrays are all one: called twice, they would be learned apart. */
const WITHOUT_WEIGHTS =
  /^(Add|Subtract|Multiply|Maximum|Minimum|Average|Concatenate|.*Pool.*|.*Padding2D|Activation|ReLU|Relu.*|LeakyReLU|ELU|Softmax|Flatten|Reshape|Permute|.*Dropout.*|UpSampling2D|TFOpLambda|Rescaling|InputLayer)$/;

interface Around {
  /** Names of the models around, outermost first. */
  path: readonly string[];
  store: string;
}

/**
 * Gives a builder the layers of a model, nested ones in place.
 *
 * @param inputs layers that the model is called on
 * @returns the layers of its outputs
 * @throws GraftError `graph-unsupported` naming the first layer that Graft does not have, `weights-file`, `network-shapes`
 */
export function translateModel(
  object: KerasObject,
  inputs: readonly string[],
  around: Around,
  translation: Translation,
): string[] {
  const { builder } = translation;
  if (around.path.length > DEEPEST) throw builder.unsupported('models in models without end');
  const model = kerasModel(object, builder.file);
  if (model.layers.length > MOST_LAYERS) throw builder.unsupported('too many layers');
  const places = placesOf(model, around);
  if (model.kind === 'functional') return functional(model, inputs, places, translation);
  let outputs = [...inputs];
  model.layers.forEach((layer, at) => {
    if (layer.className !== 'InputLayer') outputs = called(layer, outputs, outputs, places[at], translation);
  });
  return outputs;
}

/** Keras 3 numbers layers by class, in the order of the model. */
function placesOf({ layers }: KerasModel, { path, store }: Around): LayerPlace[] {
  const made = new Map<string, number>();
  return layers.map(({ className, name }) => {
    const kind = snakeCase(className);
    const count = made.get(kind) ?? 0;
    made.set(kind, count + 1);
    return { path: [...path, name], store: `${store}layers/${kind}${count === 0 ? '' : `_${count}`}` };
  });
}

function functional(
  { layers, inputs: entries, outputs: exits }: FunctionalModel,
  inputs: readonly string[],
  places: readonly LayerPlace[],
  translation: Translation,
): string[] {
  const { builder } = translation;
  const values = new Map<string, readonly string[]>();
  const key = (layer: string, call: number): string => `${call}/${layer}`;
  if (entries.length !== inputs.length)
    throw builder.unsupported(`a model of ${entries.length} inputs that is called on ${inputs.length}`);
  entries.forEach((entry, at) => {
    if (typeof entry !== 'number') values.set(key(entry.layer, entry.call), [inputs[at]]);
  });
  const valueOf = (operand: Operand): string | number | undefined =>
    typeof operand === 'number' ? operand : values.get(key(operand.layer, operand.call))?.[operand.output];
  const waiting = layers.flatMap((layer, at) =>
    layer.calls.map((operands, call) => ({ layer, call, operands, place: places[at] })),
  );
  // As Keras writes them each comes after its inputs; another order takes more rounds, and has an end too.
  for (let rest = waiting, rounds = 0; rest.length > 0; rounds++) {
    const left = rest.filter(({ layer, call, operands, place }) => {
      const found = operands.map(valueOf);
      if (found.some((value) => value === undefined)) return true;
      if (values.has(key(layer.name, call)) || layer.className === 'InputLayer') return false;
      if (call > 0 && !WITHOUT_WEIGHTS.test(layer.className))
        throw builder.unsupported(`the layer ${layer.name} used in several places`);
      const whole = found as (string | number)[];
      const tensors = whole.filter((value) => typeof value === 'string');
      values.set(key(layer.name, call), called(layer, tensors, whole, place, translation));
      return false;
    });
    if (left.length === rest.length || rounds > MOST_ROUNDS)
      throw builder.unsupported(`the layer ${left[0].layer.name} without its inputs`);
    rest = left;
  }
  return exits.map((exit) => {
    const value = valueOf(exit);
    if (typeof value === 'string') return value;
    throw builder.unsupported('an output that no layer gives');
  });
}

function called(
  { name, className, config }: KerasObject & { name: string },
  inputs: readonly string[],
  operands: readonly (string | number)[],
  place: LayerPlace,
  translation: Translation,
): string[] {
  const { builder } = translation;
  if (inputs.length === 0) throw builder.unsupported(`the layer ${name} without inputs`);
  if (isModel({ className, config }))
    return translateModel(
      { className, config },
      inputs,
      { path: place.path, store: `${place.store}/` },
      translation,
    );
  if (!Object.hasOwn(layerTranslations, className))
    throw builder.unsupported(`the layer ${name} of the class ${className}`);
  const settings = new Settings(config, name, builder.file);
  const call = { name: place.path.join('/'), className, settings, inputs, operands, place };
  return [layerTranslations[className](call, translation)];
}
