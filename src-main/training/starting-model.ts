import { GraftError } from '../contract/errors.ts';
import type { TrainingConfig } from '../contract/training.ts';
import type { Parameters } from '../engine/index.ts';
import {
  atSize,
  backboneStages,
  checkNetwork,
  initialiseParameters,
  loadModel,
  loadPretrained,
  type Model,
  modelCard,
  modelCards,
  type Network,
  parameterSpecs,
  type Preprocessing,
  readModelDescription,
  withHead,
} from '../models/index.ts';
import type { ImageSource } from './data.ts';
import { headKind, unitsOf } from './head-kind.ts';

/**
 * The model that a training starts from: the chosen backbone at the size of the images, with its weights, and a new
 * head for these classes with weights drawn from the seed.
 *
 * @param config `networkFrom`: the folder of a saved model whose network gets drawn weights, where `initial` is `random`
 * @param multiLabel whether an image may have any number of the classes
 * @param source where the backbone's weights come from. Default: read from the disk
 * @throws GraftError `classes-too-few`, `head-output`, `model-unknown`, `weights-not-shipped`, `model-missing` and what else
 * `loadModel` throws
 */
export function startingModel(
  config: Pick<TrainingConfig, 'modelName' | 'initial' | 'head' | 'seed'> & { networkFrom?: string },
  classes: readonly string[],
  images: Pick<ImageSource, 'height' | 'width' | 'channels'>,
  multiLabel = false,
  source = sourceModel(config),
): Model {
  if (classes.length < (multiLabel ? 1 : 2)) {
    throw new GraftError(
      'classes-too-few',
      multiLabel
        ? 'Expected at least one finding to learn, found none. Add labels of images that show one.'
        : `Expected at least 2 classes to tell apart, found ${classes.length}. Add labels of another class.`,
    );
  }
  const { network: backbone, preprocessing } = resized(config, source ?? networkOf(config), images);
  const kind = headKind(config, classes, multiLabel);
  const network = withHead(backbone, unitsOf(kind, classes), config.head);
  checkNetwork(network);
  const stages = new Set(backboneStages(network));
  const transferring = new Set(
    source ? network.layers.filter(({ stage }) => stages.has(stage)).map(({ name }) => name) : [],
  );
  const parameters = initialiseParameters(network, config.seed, transferring);
  for (const { name, layer } of parameterSpecs(network))
    if (transferring.has(layer)) parameters.get(name).data.set(source!.parameters.get(name).data);
  if (!source && config.networkFrom !== undefined) copyConstants(network, config.networkFrom, parameters);
  const metadata = { source: config.initial, ...(source ? { sourceMetadata: source.metadata } : {}) };
  return {
    network,
    parameters,
    classes: [...classes],
    output: kind === 'softmax' ? 'softmax' : 'sigmoid',
    preprocessing,
    imageChannels: images.channels,
    metadata,
  };
}

/** Constants of a graph are no weights to be drawn: without them it is another network. */
function copyConstants(network: Network, folder: string, parameters: Parameters): void {
  const constants = parameterSpecs(network).filter(({ weight, learns }) => weight === 'weight' && !learns);
  if (constants.length === 0) return;
  const { parameters: own } = loadModel(folder);
  for (const { name } of constants) parameters.get(name).data.set(own.get(name).data);
}

/** The model whose backbone a training starts from; undefined where all weights are drawn. */
export function sourceModel({
  modelName,
  initial,
}: Pick<TrainingConfig, 'modelName' | 'initial'>): Model | undefined {
  if (initial === 'random') return undefined;
  if (initial === 'pretrained') return loadPretrained(modelCard(modelName));
  return loadModel(initial);
}

/** A network without its weights, where it is said. */
const networkOf = ({ networkFrom }: { networkFrom?: string }): Described | undefined =>
  networkFrom === undefined ? undefined : readModelDescription(networkFrom);

type Described = Pick<Model, 'network' | 'preprocessing'>;

/** Networks of the library are built anew: what they pad depends on the image's size. */
function resized(
  config: Pick<TrainingConfig, 'modelName'>,
  source: Described | undefined,
  { height, width }: Pick<ImageSource, 'height' | 'width'>,
): { network: Network; preprocessing: Preprocessing } {
  const name = source?.network.name ?? config.modelName;
  const card = modelCards().find((candidate) => candidate.name === name);
  if (!source || card) {
    const { architecture, channels, preprocessing } = card ?? modelCard(name);
    const shape = [height, width, source?.network.inputShape[2] ?? channels] as const;
    return {
      network: architecture(shape, 2, source?.network.variant),
      preprocessing: source?.preprocessing ?? preprocessing,
    };
  }
  return { network: atSize(source.network, height, width), preprocessing: source.preprocessing };
}
