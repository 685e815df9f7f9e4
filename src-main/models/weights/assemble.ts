import type { PreprocessingName, WeightOptions, WeightReport } from '../../contract/weights.ts';
import { initialiseParameters } from '../initialise.ts';
import { IMAGENET } from '../library.ts';
import type { Model } from '../model.ts';
import { countParameters, type Network, outputLayer } from '../network.ts';
import { CAFFE, MINUS_ONE_TO_ONE, type Preprocessing } from '../preprocessing.ts';
import { sumChannels, transpose } from './match/lay-out.ts';
import { type MatchedTensor, matchWeights, type WeightMatch } from './match/match.ts';
import { formatNames } from './open.ts';
import type { WeightFile } from './weight-file.ts';

const PREPROCESSINGS: Record<PreprocessingName, Preprocessing> = {
  torch: IMAGENET,
  tf: MINUS_ONE_TO_ONE,
  caffe: CAFFE,
  xrv: { scale: [2048], offset: [-1024] },
  unit: { scale: [1], offset: [0] },
};

/**
 * A model of the library from a weights file: arrays found by name, laid out as Graft has them, with what images have
 * to be. The file's last layer comes along where it fits, so that the model can be judged as it is.
 *
 * @returns the model, and what was made of each array
 * @throws GraftError `weights-unmatched`, `model-unknown`, `weights-file`
 */
export function modelFromWeights(
  file: WeightFile,
  options: WeightOptions,
): { model: Model; report: WeightReport } {
  const match = matchWeights(file, options.architecture);
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
    preprocessing: forChannels(PREPROCESSINGS[name], network.inputShape[2]),
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

/** A grey image stands for all channels at once, so what is done to them is done to their mean. */
function forChannels({ scale, offset, channelOrder }: Preprocessing, channels: number): Preprocessing {
  if (channels > 1) return { scale, offset, ...(channelOrder ? { channelOrder } : {}) };
  const mean = (values: readonly number[]): number[] => [
    values.reduce((sum, value) => sum + value, 0) / values.length,
  ];
  return { scale: mean(scale), offset: mean(offset) };
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
