import { GraftError } from '../contract/errors.ts';
import {
  broadcast,
  type GraphOperation,
  graphShape,
  graphWeights,
  isGraphOperation,
  reshaped,
} from './graph/operations.ts';

export type Padding = 'same' | 'valid';
/** One side of a square, or `[height, width]`. */
export type KernelSize = number | readonly [number, number];
/** Of pools, which leave out of their results what lies around the image: `[top, bottom, left, right]`. */
export type PoolPadding = Padding | readonly [number, number, number, number];

/** What has no setting. `gelu` by the error function, `geluTanh` by its approximation (Hendrycks and Gimpel 2016). */
export type PlainActivation =
  | 'linear'
  | 'relu'
  | 'relu6'
  | 'sigmoid'
  | 'tanh'
  | 'swish'
  | 'softmax'
  | 'gelu'
  | 'geluTanh'
  | 'mish'
  | 'selu'
  | 'softplus'
  | 'softsign';
export type Activation =
  | { activation: PlainActivation }
  /** `alpha · x`, or `alpha · (exp x − 1)`, below 0. */
  | { activation: 'leakyRelu' | 'elu'; alpha: number }
  /** `alpha · x + beta` between 0 and 1, and `x` times that. */
  | { activation: 'hardSigmoid' | 'hardSwish'; alpha: number; beta: number };

/** What a layer does, with Keras's names for kinds and settings. */
export type LayerOperation =
  | { kind: 'input'; config: Record<string, never> }
  | {
      kind: 'conv2d';
      config: {
        filters: number;
        kernelSize: KernelSize;
        strides: KernelSize;
        padding: Padding;
        useBias: boolean;
        dilation?: KernelSize;
        /** Parts of the channels that filters see each by itself; default 1. */
        groups?: number;
      };
    }
  | {
      kind: 'depthwiseConv2d';
      config: {
        kernelSize: KernelSize;
        strides: KernelSize;
        padding: Padding;
        useBias: boolean;
        dilation?: KernelSize;
        /** Filters of each channel; default 1. */
        depthMultiplier?: number;
      };
    }
  /** `scale: false` has no gamma. Default: it has. */
  | { kind: 'batchNormalization'; config: { epsilon: number; momentum: number; scale?: boolean } }
  | { kind: 'activation'; config: Activation }
  | { kind: 'add'; config: Record<string, never> }
  | { kind: 'multiply'; config: Record<string, never> }
  /** Along the last axis, or `axis` counted from 1. */
  | { kind: 'concatenate'; config: { axis?: number } }
  /** `[top, bottom, left, right]`. */
  | { kind: 'zeroPadding2d'; config: { padding: readonly [number, number, number, number] } }
  | { kind: 'maxPooling2d'; config: { poolSize: KernelSize; strides: KernelSize; padding: PoolPadding } }
  | { kind: 'averagePooling2d'; config: { poolSize: KernelSize; strides: KernelSize; padding: PoolPadding } }
  /** To `[channels]`, or `[1, 1, channels]` with `keepDimensions`. */
  | { kind: 'globalAveragePooling2d'; config: { keepDimensions?: boolean } }
  | { kind: 'globalMaxPooling2d'; config: { keepDimensions?: boolean } }
  /** The standard deviation of each channel over its places. */
  | { kind: 'globalDeviationPooling2d'; config: Record<string, never> }
  /** `(mean of x^p)^(1/p)` with a learned p (GeM, Radenović et al. 2018). */
  | { kind: 'generalizedMeanPooling2d'; config: Record<string, never> }
  | { kind: 'dense'; config: { units: number; useBias: boolean } }
  /** Cosine of the angle to each unit's vector, times a learned scale (Gidaris and Komodakis 2018). */
  | { kind: 'cosineDense'; config: { units: number } }
  | { kind: 'dropout'; config: { rate: number } }
  /** Without the batch; 0 is the input's extent on that axis, −1 what is left. */
  | { kind: 'reshape'; config: { shape: readonly number[] } }
  /** `x · scale + offset`, one number for all channels or one for each. */
  | { kind: 'rescale'; config: { scale: readonly number[]; offset: readonly number[] } }
  | GraphOperation;

export type LayerKind = LayerOperation['kind'];

/** One named node of a network. */
export type Layer = LayerOperation & { name: string; inputs: readonly string[]; stage: string };
export type LayerOf<Kind extends LayerKind> = Extract<Layer, { kind: Kind }>;

/**
 * Keras and torchvision build networks of the same name with small differences (what is padded, where the stride is,
 * the epsilon of normalisation): weights of one compute something else in the other. `keras-2018` is Keras's ResNet-50 before 2019, with
 * an epsilon of 1e-3.
 */
export const variants = ['keras', 'keras-2018', 'torchvision'] as const;
export type Variant = (typeof variants)[number];

/**
 * A network as data: layers in an order in which each comes after its inputs; the first is the input, the last the
 * output. Layers of a stage stand together; between two stages only the last layer of the earlier one is used, so
 * a network can be cut there; but global pooling may look at what leaves any stage (see `lastCut`). Weights live
 * apart, in `Parameters`, under `layer/weight`.
 */
export interface Network {
  name: string;
  /** Whose network of that name it is, where there are several; default Keras's. */
  variant?: Variant;
  /** `[height, width, channels]`. */
  inputShape: readonly [number, number, number];
  /** Whether its layers fit images of that height and width alone. Default: of any. */
  fixedSize?: boolean;
  layers: readonly Layer[];
}

/**
 * The same layers for images of another size.
 *
 * @throws GraftError `image-size` for a network that is bound to its own
 */
export function atSize(network: Network, height: number, width: number): Network {
  const [rows, columns, channels] = network.inputShape;
  if (network.fixedSize && (rows !== height || columns !== width)) {
    throw new GraftError(
      'image-size',
      `Expected images of ${rows} × ${columns} pixels for ${network.name}, whose graph is bound to that size; found ${height} × ${width}. Prepare the images at that size.`,
    );
  }
  return { ...network, inputShape: [height, width, channels] };
}

/** Shapes without the batch, by layer name. */
export type Shapes = ReadonlyMap<string, readonly number[]>;

/** One weight that a layer needs. */
export interface ParameterSpec {
  name: string;
  layer: string;
  /** Last part of the name: kernel, bias, gamma, beta, moving_mean, moving_variance, depthwise_kernel, power, logit_scale, alpha, weight. */
  weight: string;
  shape: readonly number[];
  /** Moving statistics and constants never learn from gradients. */
  learns: boolean;
}

/** The last two stages of a classifier: global pooling, which has no weights, and the dense layers after it. */
export const POOL_STAGE = 'pool';
export const HEAD_STAGE = 'head';

export const outputLayer = (network: Network): Layer => network.layers[network.layers.length - 1];

/** Name of the layer whose output the classes are read off: the last but dropout before the output. */
export function featureLayer(network: Network): string {
  const byName = new Map(network.layers.map((layer) => [layer.name, layer]));
  let at = byName.get(outputLayer(network).inputs[0])!;
  while (at.kind === 'dropout') at = byName.get(at.inputs[0])!;
  return at.name;
}

/** Stages in order, each once. */
export function stagesOf(network: Network): string[] {
  return [...new Set(network.layers.map(({ stage }) => stage))];
}

/** The stages that transfer: all but pooling and head. */
export const backboneStages = (network: Network): string[] =>
  stagesOf(network).filter((stage) => stage !== POOL_STAGE && stage !== HEAD_STAGE);

/** Name of the layer whose output leaves the stage. */
export function stageOutput(network: Network, stage: string): string {
  const last = network.layers.filter((layer) => layer.stage === stage).at(-1);
  if (!last) {
    throw new GraftError(
      'stage-unknown',
      `Expected a stage of ${network.name}, one of ${stagesOf(network).join(', ')}; found "${stage}".`,
    );
  }
  return last.name;
}

const bug = (code: string, message: string): GraftError => new GraftError(code, message, { kind: 'bug' });

/**
 * Checks that a network is what `Network` promises: names once, inputs before their users, stages contiguous, one
 * tensor across each stage boundary, but for global pooling. Needed for networks that were read from a file.
 *
 * @throws GraftError `network-broken`
 */
export function checkNetwork(network: Network): void {
  const position = new Map<string, number>();
  const stages = stagesOf(network);
  network.layers.forEach((layer, at) => {
    const wrong = (what: string): GraftError =>
      bug('network-broken', `The network ${network.name} is broken at the layer ${layer.name}: ${what}.`);
    if (position.has(layer.name)) throw wrong('its name is used twice');
    if ((layer.kind === 'input') !== (at === 0)) throw wrong('the input has to be the first layer, alone');
    if (layer.kind !== 'input' && layer.kind !== 'weight' && layer.inputs.length === 0)
      throw wrong('it has no input');
    for (const input of layer.inputs) {
      const from = position.get(input);
      if (from === undefined) throw wrong(`its input ${input} does not come before it`);
      const source = network.layers[from];
      if (source.stage !== layer.stage) {
        const previous = stages[stages.indexOf(layer.stage) - 1];
        const near = source.stage === previous || layer.stage === POOL_STAGE;
        if (!near || stageOutput(network, source.stage) !== input)
          throw wrong(`its input ${input} crosses a stage boundary`);
      }
    }
    if (at > 0 && stages.indexOf(layer.stage) < stages.indexOf(network.layers[at - 1].stage))
      throw wrong(`its stage ${layer.stage} is interrupted`);
    position.set(layer.name, at);
  });
}

/** Output shapes of all layers, without the batch. */
export function outputShapes(network: Network): Shapes {
  const shapes = new Map<string, readonly number[]>();
  for (const layer of network.layers) {
    const inputs = layer.inputs.map((name) => shapes.get(name)!);
    shapes.set(layer.name, layer.kind === 'input' ? network.inputShape : shapeAfter(layer, inputs));
  }
  return shapes;
}

/** The shape that one layer gives, without the batch, for those of its inputs. */
export function shapeAfter(layer: LayerOperation, inputs: readonly (readonly number[])[]): readonly number[] {
  const [x] = inputs;
  if (isGraphOperation(layer)) return graphShape(layer, inputs);
  switch (layer.kind) {
    case 'conv2d':
    case 'depthwiseConv2d': {
      const { kernelSize, strides, padding, dilation = 1 } = layer.config;
      const steps = heightAndWidth(dilation);
      const fields = heightAndWidth(kernelSize).map((size, axis) => (size - 1) * steps[axis] + 1);
      const filters =
        layer.kind === 'conv2d' ? layer.config.filters : x[2] * (layer.config.depthMultiplier ?? 1);
      return [...pixels(x, fields, strides, padding), filters];
    }
    case 'maxPooling2d':
    case 'averagePooling2d': {
      const { poolSize, strides, padding } = layer.config;
      if (typeof padding === 'string')
        return [...pixels(x, heightAndWidth(poolSize), strides, padding), x[2]];
      const [top, bottom, left, right] = padding;
      const around = [x[0] + top + bottom, x[1] + left + right];
      return [...pixels(around, heightAndWidth(poolSize), strides, 'valid'), x[2]];
    }
    case 'zeroPadding2d': {
      const [top, bottom, left, right] = layer.config.padding;
      return [x[0] + top + bottom, x[1] + left + right, x[2]];
    }
    case 'globalAveragePooling2d':
    case 'globalMaxPooling2d':
      return layer.config.keepDimensions ? [1, 1, x[2]] : [x[2]];
    case 'globalDeviationPooling2d':
    case 'generalizedMeanPooling2d':
      return [x[2]];
    case 'dense':
    case 'cosineDense':
      return [...x.slice(0, -1), layer.config.units];
    case 'concatenate': {
      const at = layer.config.axis === undefined ? x.length - 1 : layer.config.axis - 1;
      return x.with(
        at,
        inputs.reduce((sum, shape) => sum + shape[at], 0),
      );
    }
    case 'reshape':
      return reshaped(layer.config.shape, x);
    case 'add':
    case 'multiply':
      // An excitation [1, 1, channels] may scale a whole image.
      return broadcast(layer.kind, inputs);
    default:
      return x;
  }
}

/** A kernel's `[height, width]`. */
export const heightAndWidth = (size: KernelSize): readonly [number, number] =>
  typeof size === 'number' ? [size, size] : size;

/** Where a window comes to lie: rows and columns of the result. */
const pixels = (
  [height, width]: readonly number[],
  [tall, wide]: readonly number[],
  strides: KernelSize,
  padding: Padding,
): [number, number] => {
  const [down, right] = heightAndWidth(strides);
  return [windows(height, tall, down, padding), windows(width, wide, right, padding)];
};

function windows(extent: number, size: number, stride: number, padding: Padding): number {
  const count = padding === 'same' ? Math.ceil(extent / stride) : Math.floor((extent - size) / stride) + 1;
  if (count < 1) {
    throw new GraftError(
      'image-too-small',
      'Expected images large enough for the network, found that one of its layers would have nothing left to see. Choose a larger image size.',
    );
  }
  return count;
}

/** Every weight the network needs, in order. */
export function parameterSpecs(network: Network): ParameterSpec[] {
  const shapes = outputShapes(network);
  return network.layers.flatMap((layer) => specsOf(layer, shapes));
}

/** The weights that one layer needs. */
export function specsOf(
  layer: LayerOperation & Pick<Layer, 'name' | 'inputs'>,
  shapes: Shapes,
): ParameterSpec[] {
  const spec = (weight: string, shape: readonly number[], learns = true): ParameterSpec => ({
    name: `${layer.name}/${weight}`,
    layer: layer.name,
    weight,
    shape,
    learns,
  });
  const channels = layer.inputs.length === 0 ? 0 : shapes.get(layer.inputs[0])!.at(-1)!;
  if (isGraphOperation(layer))
    return graphWeights(layer, channels).map(({ weight, shape, learns }) => spec(weight, shape, learns));
  switch (layer.kind) {
    case 'conv2d': {
      const { kernelSize, filters, useBias, groups = 1 } = layer.config;
      const kernel = spec('kernel', [...heightAndWidth(kernelSize), channels / groups, filters]);
      return useBias ? [kernel, spec('bias', [filters])] : [kernel];
    }
    case 'depthwiseConv2d': {
      const { kernelSize, useBias, depthMultiplier = 1 } = layer.config;
      const kernel = spec('depthwise_kernel', [...heightAndWidth(kernelSize), channels, depthMultiplier]);
      return useBias ? [kernel, spec('bias', [channels * depthMultiplier])] : [kernel];
    }
    case 'dense': {
      const kernel = spec('kernel', [channels, layer.config.units]);
      return layer.config.useBias ? [kernel, spec('bias', [layer.config.units])] : [kernel];
    }
    case 'cosineDense':
      return [spec('kernel', [channels, layer.config.units]), spec('logit_scale', [1])];
    case 'generalizedMeanPooling2d':
      return [spec('power', [1])];
    case 'batchNormalization':
      return [
        ...(layer.config.scale === false ? [] : [spec('gamma', [channels])]),
        spec('beta', [channels]),
        spec('moving_mean', [channels], false),
        spec('moving_variance', [channels], false),
      ];
    default:
      return [];
  }
}

/** How many numbers the network's weights hold, moving statistics included, as Keras counts. */
export function countParameters(network: Network): number {
  return parameterSpecs(network).reduce(
    (sum, { shape }) => sum + shape.reduce((size, extent) => size * extent, 1),
    0,
  );
}

const KERNELS: ReadonlySet<LayerKind> = new Set(['conv2d', 'depthwiseConv2d', 'dense', 'cosineDense']);

/** Multiply–accumulate operations of one forward pass of one image: convolutions, dense layers and products of tensors. */
export function countOperations(network: Network): number {
  const shapes = outputShapes(network);
  let total = 0;
  for (const layer of network.layers) {
    const shape = shapes.get(layer.name)!;
    if (layer.kind === 'matMul') {
      const inner = shapes.get(layer.inputs[0])!.at(layer.config.transposeA ? -2 : -1)!;
      total += shape.reduce((size, extent) => size * extent, inner);
    }
    if (!KERNELS.has(layer.kind)) continue;
    const [kernel] = specsOf(layer, shapes);
    const size = kernel.shape.reduce((product, extent) => product * extent, 1);
    // Everywhere but along the channels.
    total += shape.slice(0, -1).reduce((product, extent) => product * extent, size);
  }
  return total;
}

/** The layers after `from` (null: from the first) up to and with the end of the stage `to` (null: to the last). */
export function layersBetween(network: Network, from: string | null, to: string | null): readonly Layer[] {
  const indexOf = (stage: string): number =>
    network.layers.findIndex(({ name }) => name === stageOutput(network, stage));
  const start = from === null ? 0 : indexOf(from) + 1;
  const end = to === null ? network.layers.length : indexOf(to) + 1;
  return network.layers.slice(start, end);
}
