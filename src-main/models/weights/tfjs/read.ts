import { dirname } from 'node:path';
import { ByteFile } from '../byte-file.ts';
import { kerasGraph } from '../keras/graph/file-graph.ts';
import { layerNames } from '../keras/layer-names.ts';
import type { WeightFile, WeightFormat } from '../weight-file.ts';
import { tensorflowGraph } from './graph/file-graph.ts';
import { openManifest } from './manifest.ts';

/** Models of a thousand layers come to a few million bytes: weights lie elsewhere. */
const LARGEST_JSON = 64 * 2 ** 20;

/**
 * Whether a file is the `model.json` of TensorFlow.js, and of which kind.
 *
 * @returns null for JSON of something else
 */
export function tfjsFormat(file: ByteFile): WeightFormat | null {
  const model = parsed(file);
  if (model === null || !Array.isArray(model.weightsManifest)) return null;
  return isGraph(model) ? 'tfjs-graph' : 'tfjs-layers';
}

/**
 * Reads a model of TensorFlow.js: `model.json` and the files of weights that it names, in its folder. Arrays of a layers model are
 * called `layer/weight` as Keras calls them, those of a graph model as its constants are.
 *
 * @param path of the `model.json`
 * @throws GraftError `weights-missing`, `weights-file`
 */
export function readTfjsModel(path: string): WeightFile {
  const file = new ByteFile(path, 'a model of TensorFlow.js');
  try {
    const model = parsed(file);
    if (model === null) throw file.wrong('something that is not JSON');
    const { arrays, files, close } = openManifest(model.weightsManifest, dirname(path), file);
    if (arrays.size === 0) throw file.wrong('no weights');
    const graph = isGraph(model);
    const { format, generatedBy, convertedBy } = model;
    return {
      path,
      parts: files,
      metadata: { format, generatedBy, convertedBy },
      ...(graph ? graphModel(path, model, arrays) : layersModel(path, model.modelTopology, arrays)),
      close: () => {
        close();
        file.close();
      },
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

type Kind = Pick<WeightFile, 'format' | 'family' | 'tensors' | 'graph'>;

/** The converter puts Keras's configuration in a frame of its own; TensorFlow.js itself does not. */
function layersModel(path: string, topology: unknown, arrays: WeightFile['tensors']): Kind {
  const { model_config: framed, keras_version: version } = (topology ?? {}) as Record<string, unknown>;
  const tensors = layerNames(arrays);
  const description = {
    model: framed ?? topology,
    version: typeof version === 'string' ? version : '',
    suffix: '-tfjs',
  };
  const graph = kerasGraph(path, description, tensors);
  return { format: 'tfjs-layers', family: 'keras', tensors, ...(graph ? { graph } : {}) };
}

/** Older converters keep the signature among what users defined. */
function graphModel(path: string, model: Record<string, unknown>, tensors: WeightFile['tensors']): Kind {
  const { modelTopology: topology, signature, userDefinedMetadata, generatedBy: version } = model;
  const older = (userDefinedMetadata as { signature?: unknown } | null | undefined)?.signature;
  const graph = tensorflowGraph(path, { topology, signature: signature ?? older, version }, tensors);
  return { format: 'tfjs-graph', family: 'graph', tensors, graph };
}

function parsed(file: ByteFile): Record<string, unknown> | null {
  if (file.size > LARGEST_JSON) return null;
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(file.read(0, file.size)));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** The converter says which it is since 2019; before, a graph alone had nodes. */
function isGraph({ format, modelTopology }: Record<string, unknown>): boolean {
  if (format === 'graph-model') return true;
  return format === undefined && Array.isArray((modelTopology as { node?: unknown } | null)?.node);
}
