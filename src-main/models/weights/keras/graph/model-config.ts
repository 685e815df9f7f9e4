import { unsupportedGraph } from '../../foreign-builder.ts';

/** A layer, or a model, as Keras's configuration describes it. */
export interface KerasObject {
  className: string;
  config: Record<string, unknown>;
}

/** Where an input comes from: an output of another layer's call, or a number that stands in the configuration. */
export type Operand = { layer: string; call: number; output: number } | number;

/** A layer of a functional model, and every time that it is called. */
export interface FunctionalLayer extends KerasObject {
  name: string;
  calls: Operand[][];
}

export interface FunctionalModel {
  kind: 'functional';
  layers: FunctionalLayer[];
  inputs: Operand[];
  outputs: Operand[];
}

export interface SequentialModel {
  kind: 'sequential';
  layers: (KerasObject & { name: string })[];
}

export type KerasModel = FunctionalModel | SequentialModel;

const MODELS = new Set(['Sequential', 'Functional', 'Model']);
const OWN_MODULES = /^(keras|tensorflow|tf_keras)(\.|$)/;

export const isModel = ({ className, config }: KerasObject): boolean =>
  MODELS.has(className) && (Array.isArray(config) || Array.isArray(config.layers));

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * What `class_name` and `config` say. Classes of other modules than Keras's own are refused, whatever they are called.
 *
 * @throws GraftError `graph-unsupported`
 */
export function kerasObject(value: unknown, file: string): KerasObject {
  if (!isRecord(value) || typeof value.class_name !== 'string')
    throw unsupportedGraph(file, 'a layer without a class');
  const { class_name: className, config, module, registered_name: registered } = value;
  if (className === 'Lambda')
    throw unsupportedGraph(
      file,
      `code in it, the Lambda layer ${nameOf(config) ?? ''}, which Graft never runs`,
    );
  const own = typeof module === 'string' && OWN_MODULES.test(module);
  // Keras 2 may state neither; Keras 3 states a module of its own for its own classes.
  if (!own && (typeof module === 'string' || typeof registered === 'string')) {
    const called = typeof registered === 'string' ? registered : `${String(module)}.${className}`;
    throw unsupportedGraph(file, `a layer of somebody's own (${called})`);
  }
  return { className, config: (config ?? {}) as Record<string, unknown> };
}

const nameOf = (config: unknown): string | undefined =>
  isRecord(config) && typeof config.name === 'string' ? config.name : undefined;

/**
 * A model's configuration, as Keras 1 to 3 and TensorFlow.js write it.
 *
 * @throws GraftError `graph-unsupported`
 */
export function kerasModel({ className, config }: KerasObject, file: string): KerasModel {
  const list: unknown[] = Array.isArray(config) ? config : Array.isArray(config.layers) ? config.layers : [];
  const layers = list.map((value, at) => {
    const object = kerasObject(value, file);
    const outer = isRecord(value) && typeof value.name === 'string' ? value.name : undefined;
    return { ...object, name: outer ?? nameOf(object.config) ?? `layer_${at}`, value };
  });
  if (className === 'Sequential') return { kind: 'sequential', layers };
  return {
    kind: 'functional',
    layers: layers.map(({ value, ...layer }) => ({ ...layer, calls: callsOf(value, file) })),
    inputs: references(config.input_layers, file),
    outputs: references(config.output_layers, file),
  };
}

function callsOf(layer: unknown, file: string): Operand[][] {
  const nodes = isRecord(layer) ? layer.inbound_nodes : undefined;
  if (!Array.isArray(nodes)) return [];
  return nodes.map((node) => {
    const found: Operand[] = [];
    gather(node, found, file);
    return found;
  });
}

/** `["layer", 0, 0]`, a list of such, or an object of them. */
function references(value: unknown, file: string): Operand[] {
  const found: Operand[] = [];
  gather(value, found, file);
  return found;
}

const NOT_INPUTS = new Set(['training', 'mask', 'name', 'axis', 'keepdims', 'dtype']);

/** Operands in the order of a call: Keras 2 writes `[layer, call, output, {named}]`, Keras 3 `{args, kwargs}` with tensors as objects. */
function gather(value: unknown, found: Operand[], file: string, depth = 0): void {
  if (depth > 8) throw unsupportedGraph(file, 'a call of a layer that is written in no known way');
  if (typeof value === 'number') found.push(value);
  else if (Array.isArray(value)) {
    if (typeof value[0] === 'string' && Number.isInteger(value[1]) && Number.isInteger(value[2])) {
      found.push({ layer: value[0], call: value[1] as number, output: value[2] as number });
      if (isRecord(value[3])) gatherNamed(value[3], found, file, depth);
    } else for (const item of value) gather(item, found, file, depth + 1);
  } else if (isRecord(value)) {
    if (value.class_name === '__keras_tensor__' && isRecord(value.config))
      gather(value.config.keras_history, found, file, depth + 1);
    else if (Array.isArray(value.args)) {
      gather(value.args, found, file, depth + 1);
      if (isRecord(value.kwargs)) gatherNamed(value.kwargs, found, file, depth);
    } else if (value.class_name === undefined) gatherNamed(value, found, file, depth);
  }
}

function gatherNamed(named: Record<string, unknown>, found: Operand[], file: string, depth: number): void {
  for (const [name, value] of Object.entries(named))
    if (!NOT_INPUTS.has(name)) gather(value, found, file, depth + 1);
}
