import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { GraftError } from '../contract/errors.ts';
import { applicationRoot, unpacked } from '../platform/application-root.ts';
import { densenet121 } from './architectures/densenet.ts';
import { efficientnetB0 } from './architectures/efficientnet.ts';
import { inceptionV3 } from './architectures/inception-v3.ts';
import { mobilenetV2 } from './architectures/mobilenet-v2.ts';
import { resnet18, resnet34, resnet50 } from './architectures/resnet.ts';
import { starter } from './architectures/starter.ts';
import { vgg16, vgg19 } from './architectures/vgg.ts';
import { withHead } from './builder.ts';
import { loadModel, type Model, readModelDescription } from './model.ts';
import { atSize, countOperations, countParameters, type Network, type Variant } from './network.ts';
import { CAFFE, MINUS_ONE_TO_ONE, type Preprocessing, standardize } from './preprocessing.ts';

/** @param variant whose network it is; default Keras's. Networks that only one of them has pass over it. */
export type Architecture = (
  inputShape: readonly [number, number, number],
  classes: number,
  variant?: Variant,
) => Network;

/** What a person reads before choosing a model. */
export interface ModelCard {
  name: string;
  title: string;
  /** Side of the square images that it was made for; others work too. */
  inputSize: number;
  channels: number;
  /** For the weights that Graft ships, and for random ones. */
  preprocessing: Preprocessing;
  /** What weights published by Keras were trained with, where that is not `preprocessing`. */
  kerasPreprocessing?: Preprocessing;
  /** What its shipped weights were trained for; null when Graft ships none. */
  sourceTask: string | null;
  licence: string;
  architecture: Architecture;
  /** Folder under resources/models; null when Graft ships no weights. */
  weights: string | null;
}

/** As torchvision, and Keras's `mode="torch"`. */
export const IMAGENET = standardize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);

const cards: readonly ModelCard[] = [
  {
    name: 'starter',
    title: 'Starter: small residual network, pre-trained by Graft on drawn images',
    inputSize: 128,
    channels: 3,
    preprocessing: standardize([0.4, 0.4, 0.4], [0.25, 0.25, 0.25]),
    sourceTask: 'shapes, textures and anatomy-like drawings from a seed (no photographs, no patients)',
    licence: 'Apache-2.0',
    architecture: starter,
    weights: 'starter',
  },
  {
    name: 'resnet18',
    title: 'ResNet-18',
    inputSize: 224,
    channels: 3,
    preprocessing: IMAGENET,
    sourceTask: null,
    licence: 'architecture only',
    architecture: resnet18,
    weights: null,
  },
  {
    name: 'resnet34',
    title: 'ResNet-34',
    inputSize: 224,
    channels: 3,
    preprocessing: IMAGENET,
    sourceTask: null,
    licence: 'architecture only',
    architecture: resnet34,
    weights: null,
  },
  {
    name: 'resnet50',
    title: 'ResNet-50 (Keras version 1)',
    inputSize: 224,
    channels: 3,
    preprocessing: IMAGENET,
    kerasPreprocessing: CAFFE,
    sourceTask: null,
    licence: 'architecture only',
    architecture: resnet50,
    weights: null,
  },
  {
    name: 'mobilenet_v2',
    title: 'MobileNetV2, width 1',
    inputSize: 224,
    channels: 3,
    preprocessing: MINUS_ONE_TO_ONE,
    sourceTask: null,
    licence: 'architecture only',
    architecture: mobilenetV2,
    weights: null,
  },
  {
    name: 'densenet121',
    title: 'DenseNet-121',
    inputSize: 224,
    channels: 3,
    preprocessing: IMAGENET,
    sourceTask: null,
    licence: 'architecture only',
    architecture: densenet121,
    weights: null,
  },
  {
    name: 'efficientnet_b0',
    title: 'EfficientNet-B0',
    inputSize: 224,
    channels: 3,
    preprocessing: IMAGENET,
    sourceTask: null,
    licence: 'architecture only',
    architecture: efficientnetB0,
    weights: null,
  },
  {
    name: 'inception_v3',
    title: 'Inception V3',
    inputSize: 299,
    channels: 3,
    preprocessing: MINUS_ONE_TO_ONE,
    sourceTask: null,
    licence: 'architecture only',
    architecture: inceptionV3,
    weights: null,
  },
  {
    name: 'vgg16',
    title: 'VGG16',
    inputSize: 224,
    channels: 3,
    preprocessing: IMAGENET,
    kerasPreprocessing: CAFFE,
    sourceTask: null,
    licence: 'architecture only',
    architecture: vgg16,
    weights: null,
  },
  {
    name: 'vgg19',
    title: 'VGG19',
    inputSize: 224,
    channels: 3,
    preprocessing: IMAGENET,
    kerasPreprocessing: CAFFE,
    sourceTask: null,
    licence: 'architecture only',
    architecture: vgg19,
    weights: null,
  },
];

/** All models, the default first. */
export const modelCards = (): readonly ModelCard[] => cards;

/** @throws GraftError `model-unknown`, naming those there are. */
export function modelCard(name: string): ModelCard {
  const card = cards.find((candidate) => candidate.name === name);
  if (!card) {
    throw new GraftError(
      'model-unknown',
      `Expected a model of the library, one of ${cards.map((each) => each.name).join(', ')}; found "${name}".`,
    );
  }
  return card;
}

/**
 * What a training starts from: a model of the library, or one with a network of its own, as the folder that it starts from describes it.
 *
 * @param start as settings name it
 * @throws GraftError `model-unknown`, `model-missing`, `model-file`
 */
export function cardOf({ modelName, initial }: { modelName: string; initial: string }): ModelCard {
  const known = cards.find(({ name }) => name === modelName);
  if (known || initial === 'pretrained' || initial === 'random') return known ?? modelCard(modelName);
  const { network, preprocessing } = readModelDescription(initial);
  const [inputSize, , channels] = network.inputShape;
  return {
    name: network.name,
    title: network.name,
    inputSize,
    channels,
    preprocessing,
    sourceTask: null,
    licence: 'not stated',
    architecture: ([height, width], classes) => withHead(atSize(network, height, width), classes),
    weights: null,
  };
}

/** Size and cost of a model for images of its own size and 1,000 classes. */
export function modelFigures(card: ModelCard): { parameters: number; multiplyAdds: number } {
  const network = card.architecture([card.inputSize, card.inputSize, card.channels], 1000);
  return { parameters: countParameters(network), multiplyAdds: countOperations(network) };
}

const resources = unpacked(join(applicationRoot, 'resources', 'models'));

/** Folder of a model's shipped weights, or null when there are none. */
export function shippedWeights(card: ModelCard, folder = resources): string | null {
  const path = card.weights === null ? null : join(folder, card.weights);
  return path !== null && existsSync(join(path, 'model.json')) ? path : null;
}

/**
 * The library's pre-trained model as it was saved, with its own head.
 *
 * @throws GraftError `weights-not-shipped`
 */
export function loadPretrained(card: ModelCard, folder = resources): Model {
  const path = shippedWeights(card, folder);
  if (path === null) {
    throw new GraftError(
      'weights-not-shipped',
      `Expected pre-trained weights for ${card.name}, found none with this copy of Graft. Choose the model starter, give the folder of a saved model, or start from random weights.`,
    );
  }
  return loadModel(path);
}
