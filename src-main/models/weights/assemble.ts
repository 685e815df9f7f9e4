import { GraftError } from '../../contract/errors.ts';
import type { PreprocessingName, WeightOptions, WeightReport } from '../../contract/weights.ts';
import { initialiseParameters } from '../initialise.ts';
import type { Model } from '../model.ts';
import { countParameters, type Network, outputLayer } from '../network.ts';
import { CAFFE, MINUS_ONE_TO_ONE } from '../preprocessing.ts';
import { sumChannels, transpose } from './match/lay-out.ts';
import { type MatchedTensor, matchWeights, type WeightMatch } from './match/match.ts';
import { modelFromGraph } from './graph-model.ts';
import { formatNames } from './open.ts';
import { preprocessingOf } from './preprocessings.ts';
import type { FileGraph, WeightFile } from './weight-file.ts';

interface ReadModel {
  model: Model;
  /** What was made of each array. */
  report: WeightReport;
}

/**
 * A model from a weights file: of the library, its arrays found by name and laid out as Graft has them, with what images have
 * to be; or the network that the file describes itself. The file's last layer comes along where it fits, so that the model can be
 * judged as it is.
 *
 * @throws GraftError `weights-unmatched`, `model-unknown`, `weights-file`, `graph-unsupported`
 */
export function modelFromWeights(file: WeightFile, options: Partial<WeightOptions>): ReadModel {
  const { graph } = file;
  if (!graph || options.architecture !== undefined)
    return ofLibrary(file, matchWeights(file, options.architecture), options);
  const match = options.ownGraph ? null : matchOf(file, graph);
  return match ? ofLibrary(file, match, options) : modelFromGraph(file, graph, options);
}

/** The network of the library that a graph is, where it is one; that one fits images of any size, and has a name. */
function matchOf(file: WeightFile, { keepsNames }: FileGraph): WeightMatch | null {
  if (!keepsNames) return null;
  try {
    return matchWeights(file);
  } catch (thrown) {
    if (GraftError.from(thrown).code === 'weights-unmatched') return null;
    throw thrown;
  }
}

function ofLibrary(file: WeightFile, match: WeightMatch, options: Partial<WeightOptions>): ReadModel {
  const channels = match.network.inputShape[2];
  const oneChannel = options.oneChannel && channels > 1;
  const network = oneChannel ? withOneChannel(match) : match.network;
  const parameters = initialiseParameters(network, 0);
  const first = match.matched[0];
  for (const found of match.matched) {
    const data = laidOut(found);
    const sums = oneChannel && found === first ? sumChannels(data, found.spec.shape) : data;
    parameters.get(found.spec.name).data.set(sums);
  }
  const name = options.preprocessing ?? usualPreprocessing(file, match);
  const units = match.hasHead ? outputUnits(network) : null;
  const report: WeightReport = {
    format: formatNames[file.format],
    architecture: match.card.name,
    title: match.card.title,
    naming: match.naming,
    matched: match.matched.length,
    arrays: match.matched.length + match.unmatched.length,
    parameters: countParameters(network),
    unmatched: match.unmatched,
    adapted: oneChannel
      ? [{ name: first.tensor.name, how: `summed over its ${channels} channels, for grey images` }]
      : [],
    channels: network.inputShape[2],
    inputSize: match.card.inputSize,
    preprocessing: name,
    preprocessingGiven: options.preprocessing !== undefined,
    classes: units,
  };
  const model: Model = {
    network,
    parameters,
    classes: Array.from({ length: outputUnits(network) }, (_, at) => `class ${at + 1}`),
    preprocessing: preprocessingOf(name, network.inputShape[2]),
    imageChannels: network.inputShape[2],
    metadata: { weights: report },
  };
  return { model, report };
}

const laidOut = ({ tensor, order }: MatchedTensor): Float32Array =>
  order ? transpose(tensor.read(), tensor.shape, order) : tensor.read();

function withOneChannel({ network }: WeightMatch): Network {
  const [height, width] = network.inputShape;
  return { ...network, inputShape: [height, width, 1] };
}

function outputUnits(network: Network): number {
  const last = outputLayer(network);
  return last.kind === 'dense' ? last.config.units : 0;
}

/** What weights of that framework and architecture were trained with by those who publish them. */
function usualPreprocessing({ family }: WeightFile, { card, network }: WeightMatch): PreprocessingName {
  if (family !== 'pytorch') {
    const wanted = card.kerasPreprocessing ?? card.preprocessing;
    return wanted === CAFFE ? 'caffe' : wanted === MINUS_ONE_TO_ONE ? 'tf' : 'torch';
  }
  // Networks of one channel are TorchXRayVision's.
  if (network.inputShape[2] === 1) return 'xrv';
  // torchvision's own transform_input brings ImageNet's normalisation back to −1 … 1.
  return card.name === 'inception_v3' ? 'tf' : 'torch';
}
