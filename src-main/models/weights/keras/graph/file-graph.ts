import { ForeignBuilder, shownName, unsupportedGraph } from '../../foreign-builder.ts';
import type { FileGraph, FileTensor } from '../../weight-file.ts';
import { layerArrays } from './layer-arrays.ts';
import { isModel, kerasModel, kerasObject, type KerasObject } from './model-config.ts';
import { translateModel } from './translate.ts';

/** What stands beside weights in a file of Keras or a layers model of TensorFlow.js. */
export interface KerasDescription {
  /** `class_name` and `config` of the whole model. */
  model: unknown;
  /** Version of Keras. */
  version: string;
  /** The name of the kind of file, at the end of the network's. */
  suffix: string;
}

/**
 * The network that a file of Keras describes by its configuration; undefined where it describes none. Layers are looked at when it is
 * read: weights of a network of the library are of use whatever stands around them.
 */
export function kerasGraph(
  path: string,
  { model, version, suffix }: KerasDescription,
  tensors: ReadonlyMap<string, FileTensor>,
): FileGraph | undefined {
  if (typeof model !== 'object' || model === null || !('class_name' in model)) return undefined;
  const file = shownName(path);
  const size = inputSize(model, file);
  const arrays = layerArrays(tensors, file);
  return {
    source: `Keras ${version || '(version not stated)'}`,
    suffix,
    nodes: countLayers(model),
    inputSize: size,
    keepsNames: true,
    read: ([height, width]) => {
      const object = kerasObject(model, file);
      if (!isModel(object)) throw unsupportedGraph(file, `the class ${object.className}, which is code`);
      const channels = imageShape(object, file)?.[2];
      if (!isSize(channels))
        throw unsupportedGraph(file, 'an input that is no image of height, width and channels');
      const builder = new ForeignBuilder(file, [height, width, channels]);
      const input = builder.input('input');
      const outputs = translateModel(object, [input], { path: [], store: '' }, { builder, arrays, version });
      if (outputs.length !== 1) throw unsupportedGraph(file, `${outputs.length} outputs`);
      return builder.graph(file, outputs[0]);
    },
  };
}

const isSize = (extent: unknown): extent is number =>
  Number.isSafeInteger(extent) && (extent as number) > 0 && (extent as number) <= 65_536;

type Extents = [unknown, unknown, unknown];

/** `[height, width]` of the model's input; null where any will do, and where something is wrong, which is said when it is read. */
function inputSize(model: object, file: string): readonly [number, number] | null {
  try {
    const [height, width] = imageShape(kerasObject(model, file), file) ?? [];
    return isSize(height) && isSize(width) ? [height, width] : null;
  } catch {
    return null;
  }
}

/** `[height, width, channels]` of the first layer; null for other inputs than images. */
function imageShape(object: KerasObject, file: string, depth = 0): Extents | null {
  if (depth > 16) return null;
  if (!isModel(object)) return extentsOf(object.config.batch_input_shape ?? object.config.batch_shape);
  const found = kerasModel(object, file);
  if (found.kind === 'sequential') {
    const first = found.layers.at(0);
    return (first && imageShape(first, file, depth + 1)) ?? extentsOf(object.config.build_input_shape);
  }
  const entry = found.inputs.at(0);
  if (entry === undefined || typeof entry === 'number') return null;
  const layer = found.layers.find(({ name }) => name === entry.layer);
  return layer ? imageShape(layer, file, depth + 1) : null;
}

function extentsOf(shape: unknown): Extents | null {
  const flat: unknown = Array.isArray(shape) && Array.isArray(shape[0]) ? shape[0] : shape;
  return Array.isArray(flat) && flat.length === 4 ? [flat[1], flat[2], flat[3]] : null;
}

/** Of nested models too. */
function countLayers(model: object, depth = 0): number {
  const { config } = model as { config?: unknown };
  const layers: unknown = Array.isArray(config) ? config : (config as { layers?: unknown } | null)?.layers;
  if (!Array.isArray(layers) || depth > 16) return 1;
  return (layers as unknown[]).reduce<number>(
    (sum, layer) => sum + (typeof layer === 'object' && layer !== null ? countLayers(layer, depth + 1) : 0),
    0,
  );
}
