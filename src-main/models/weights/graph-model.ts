import { basename, dirname, extname } from 'node:path';
import type { PreprocessingName, WeightOptions, WeightReport } from '../../contract/weights.ts';
import { GraftError } from '../../contract/errors.ts';
import { assembleGraph, type AssembledGraph } from '../graph/assemble.ts';
import { grayInput } from '../graph/gray-input.ts';
import { cleanNames } from '../graph/names.ts';
import type { Model } from '../model.ts';
import {
  atSize,
  backboneStages,
  countParameters,
  type Network,
  outputLayer,
  outputShapes,
  parameterSpecs,
} from '../network.ts';
import { formatNames } from './open.ts';
import { preprocessingOf } from './preprocessings.ts';
import type { FileGraph, WeightFile } from './weight-file.ts';

/** Where a file leaves the size of its images open. */
const USUAL_SIZE = 224;
/** Another size to try whether a network is bound to its own; a multiple of what networks halve. */
const FURTHER = 64;

/**
 * A model whose network is the one that a file describes, cut into stages.
 *
 * @throws GraftError `graph-unsupported`, `network-shapes`, `weights-file`
 */
export function modelFromGraph(
  file: WeightFile,
  graph: FileGraph,
  options: Partial<WeightOptions>,
): { model: Model; report: WeightReport } {
  const size = graph.inputSize ?? [USUAL_SIZE, USUAL_SIZE];
  const name = nameOf(file, graph);
  const read = (pixels: readonly [number, number]): AssembledGraph =>
    assembleGraph({ ...graph.read(pixels), name });
  const whole = read(size);
  const other = [size[0] + FURTHER, size[1] + FURTHER] as const;
  const fixedSize = !fitsSize(whole.network, other) || !readsAlike(whole.network, () => read(other), graph);
  const gray = options.oneChannel && whole.network.inputShape[2] > 1 ? grayInput(whole) : null;
  const { network: found, parameters } = gray ?? whole;
  const network: Network = { ...found, ...(fixedSize ? { fixedSize } : {}) };
  const channels = network.inputShape[2];
  const preprocessing = options.preprocessing ?? usualPreprocessing(file, whole.network);
  const specs = parameterSpecs(network);
  const [units] = outputShapes(network).get(outputLayer(network).name)!;
  const report: WeightReport = {
    format: formatNames[file.format],
    architecture: name,
    title: name,
    naming: 'its own graph',
    matched: specs.length,
    arrays: specs.length,
    parameters: countParameters(network),
    unmatched: [],
    adapted: gray
      ? [
          {
            name: gray.layer,
            how: `summed over its ${whole.network.inputShape[2]} channels, for grey images`,
          },
        ]
      : [],
    channels,
    inputSize: size[0],
    preprocessing,
    preprocessingGiven: options.preprocessing !== undefined,
    classes: whole.classes,
    graph: {
      source: graph.source,
      nodes: graph.nodes,
      layers: new Set(specs.filter(({ learns }) => learns).map(({ layer }) => layer)).size,
      stages: backboneStages(network),
      fixedSize,
    },
  };
  const model: Model = {
    network,
    parameters,
    classes: Array.from({ length: units }, (_, at) => `class ${at + 1}`),
    preprocessing: preprocessingOf(preprocessing, channels),
    imageChannels: channels,
    metadata: { weights: report },
  };
  return { model, report };
}

/** Beyond any deviation that pixels between 0 and 1 are divided by. */
const SCALED_DOWN = 1 / 32;

/**
 * Networks of Keras and TensorFlow.js that scale their images down first are given bytes, and others mostly numbers between 0 and 1; those
 * of colour that came by way of PyTorch have ImageNet's mean and deviation.
 */
function usualPreprocessing({ format }: WeightFile, { layers, inputShape }: Network): PreprocessingName {
  const users = layers.filter(({ inputs }) => inputs.includes(layers[0].name));
  const scalesDown = users.every(
    (layer) => layer.kind === 'rescale' && layer.config.scale.every((scale) => Math.abs(scale) < SCALED_DOWN),
  );
  if (scalesDown) return 'bytes';
  return inputShape[2] === 3 && format === 'onnx' ? 'torch' : 'unit';
}

/** Never the name of a network of the library, which would be taken for that one. */
function nameOf({ path }: WeightFile, { suffix }: FileGraph): string {
  const file = basename(path) === 'model.json' ? basename(dirname(path)) : basename(path, extname(path));
  const [clean] = cleanNames([file]);
  return `${clean
    .toLowerCase()
    .replaceAll(/[^\w-]+/g, '-')
    .slice(0, 60)}${suffix}`;
}

/** The layers that transfer, and what they are of. */
function backboneOf(network: Network): Network {
  const stages = backboneStages(network);
  return { ...network, layers: network.layers.filter(({ stage }) => stages.includes(stage)) };
}

/** Whether the same layers with the same weights take images of another size. */
function fitsSize(network: Network, [height, width]: readonly [number, number]): boolean {
  const backbone = backboneOf(network);
  try {
    const weights = (one: Network): string => JSON.stringify(parameterSpecs(one).map(({ shape }) => shape));
    return weights(atSize(backbone, height, width)) === weights(backbone);
  } catch (thrown) {
    return ofItself(thrown);
  }
}

/**
 * Whether what a file says of images of another size is the same. A file that names its size says nothing of others, and may have written
 * down its shapes: then the layers themselves decide.
 */
function readsAlike(network: Network, read: () => AssembledGraph, { inputSize }: FileGraph): boolean {
  try {
    return JSON.stringify(backboneOf(read().network).layers) === JSON.stringify(backboneOf(network).layers);
  } catch (thrown) {
    return ofItself(thrown) || inputSize !== null;
  }
}

/** What a network cannot do is said in a sentence; all else is a mistake of Graft's. */
function ofItself(thrown: unknown): false {
  if (GraftError.from(thrown).kind === 'bug') throw thrown;
  return false;
}
