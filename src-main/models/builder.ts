import {
  backboneStages,
  HEAD_STAGE,
  POOL_STAGE,
  type KernelSize,
  type Layer,
  type LayerOperation,
  type Network,
  outputShapes,
  stageOutput,
  type Padding,
  type PlainActivation,
  type Variant,
} from './network.ts';

interface ConvolutionSettings {
  strides?: number;
  padding?: Padding;
  useBias?: boolean;
}

interface NormalizationSettings {
  epsilon: number;
  momentum: number;
  scale?: boolean;
}

/** Keras's defaults. */
const NORMALIZATION: NormalizationSettings = { epsilon: 1e-3, momentum: 0.99 };

/** torchvision's. */
export const TORCHVISION: NormalizationSettings = { epsilon: 1e-5, momentum: 0.9 };

/** Strings layers together: each method adds one and returns its name; `from` defaults to the layer before. */
export class NetworkBuilder {
  readonly #name: string;
  readonly #inputShape: readonly [number, number, number];
  readonly #layers: Layer[] = [];
  readonly #normalization: NormalizationSettings;
  readonly #variant: Variant;
  #stage: string;

  constructor(
    name: string,
    inputShape: readonly [number, number, number],
    stage: string,
    normalization: NormalizationSettings = NORMALIZATION,
    variant: Variant = 'keras',
  ) {
    this.#name = name;
    this.#variant = variant;
    this.#inputShape = inputShape;
    this.#stage = stage;
    this.#normalization = normalization;
    this.#layers.push({ kind: 'input', config: {}, name: 'input', inputs: [], stage });
  }

  /** Layers added from now on belong to this stage. */
  stage(name: string): void {
    this.#stage = name;
  }

  get last(): string {
    return this.#layers[this.#layers.length - 1].name;
  }

  add(name: string, operation: LayerOperation, inputs: readonly string[] = [this.last]): string {
    this.#layers.push({ ...operation, name, inputs, stage: this.#stage });
    return name;
  }

  conv2d(
    name: string,
    filters: number,
    size: KernelSize,
    settings: ConvolutionSettings = {},
    from?: string,
  ): string {
    const { strides = 1, padding = 'same', useBias = false } = settings;
    const config = { filters, kernelSize: size, strides, padding, useBias };
    return this.add(name, { kind: 'conv2d', config }, from === undefined ? undefined : [from]);
  }

  depthwiseConv2d(name: string, size: number, settings: ConvolutionSettings = {}): string {
    const { strides = 1, padding = 'same', useBias = false } = settings;
    return this.add(name, {
      kind: 'depthwiseConv2d',
      config: { kernelSize: size, strides, padding, useBias },
    });
  }

  normalize(name: string, from?: string): string {
    const operation = { kind: 'batchNormalization', config: this.#normalization } as const;
    return this.add(name, operation, from === undefined ? undefined : [from]);
  }

  activate(name: string, activation: PlainActivation = 'relu'): string {
    return this.add(name, { kind: 'activation', config: { activation } });
  }

  sum(name: string, a: string, b: string): string {
    return this.add(name, { kind: 'add', config: {} }, [a, b]);
  }

  pad(name: string, padding: readonly [number, number, number, number], from?: string): string {
    const operation = { kind: 'zeroPadding2d', config: { padding } } as const;
    return this.add(name, operation, from === undefined ? undefined : [from]);
  }

  /**
   * Before a `valid` convolution of stride 2, so that weights see the windows that they learned on: as Keras's `correct_pad`,
   * or as much on all sides in torchvision's networks.
   */
  padForStride(name: string, size: number): string {
    if (this.#variant === 'torchvision') {
      const half = (size - 1) >> 1;
      return this.pad(name, [half, half, half, half]);
    }
    const [height, width] = outputShapes(this.build()).get(this.last)!;
    const after = size >> 1;
    const before = (extent: number): number => after - 1 + (extent % 2);
    return this.pad(name, [before(height), after, before(width), after]);
  }

  concatenate(name: string, inputs: readonly string[]): string {
    return this.add(name, { kind: 'concatenate', config: {} }, inputs);
  }

  maxPool(name: string, poolSize: number, strides: number, padding: Padding, from?: string): string {
    const operation = { kind: 'maxPooling2d', config: { poolSize, strides, padding } } as const;
    return this.add(name, operation, from === undefined ? undefined : [from]);
  }

  averagePool(name: string, poolSize: number, strides: number, padding: Padding, from?: string): string {
    const operation = { kind: 'averagePooling2d', config: { poolSize, strides, padding } } as const;
    return this.add(name, operation, from === undefined ? undefined : [from]);
  }

  /** The last two stages: see `headLayers`. */
  head(classes: number, settings: HeadSettings = {}): void {
    this.#layers.push(...headLayers(this.build(), classes, settings));
  }

  build(): Network {
    return {
      name: this.#name,
      ...(this.#variant === 'keras' ? {} : { variant: this.#variant }),
      inputShape: this.#inputShape,
      layers: this.#layers,
    };
  }
}

export interface HeadSettings {
  /** Default 0: none. */
  dropout?: number;
  /** Widths of dense ReLU layers before the classes. Default: none. */
  hidden?: readonly number[];
  /** Default: average. */
  pooling?: 'average' | 'max' | 'both' | 'gem' | 'deviation';
  /** Which stages' features it reads: the last one's (default), or those of all that give an image of features. */
  stages?: 'last' | 'all';
  /** What the classes are read off with. Default: linear. */
  kind?: 'linear' | 'cosine';
  poolName?: string;
  name?: string;
}

type Pool = Extract<Layer['kind'], `global${string}` | 'generalizedMeanPooling2d'>;

/** Layers of each way of pooling, and their names; an average is called as its network calls it. */
const POOLS: Record<NonNullable<HeadSettings['pooling']>, readonly (readonly [Pool, string])[]> = {
  average: [['globalAveragePooling2d', 'avg_pool']],
  max: [['globalMaxPooling2d', 'max_pool']],
  both: [
    ['globalAveragePooling2d', 'avg_pool'],
    ['globalMaxPooling2d', 'max_pool'],
  ],
  deviation: [['globalDeviationPooling2d', 'deviation_pool']],
  gem: [['generalizedMeanPooling2d', 'gem_pool']],
};

/**
 * A task head: global pooling, dense ReLU layers if asked for, the classes as logits; dropout before each dense layer. Pooling
 * whose power is learned is a part of the head, as it has a weight, and reads the last stage alone.
 */
function headLayers(backbone: Network, classes: number, settings: HeadSettings): Layer[] {
  const { dropout = 0, hidden = [], poolName = 'avg_pool', name = 'predictions' } = settings;
  const { pooling = 'average', kind = 'linear', stages = 'last' } = settings;
  const layers: Layer[] = [];
  let stage = pooling === 'gem' ? HEAD_STAGE : POOL_STAGE;
  const add = (layer: string, operation: LayerOperation): void => {
    layers.push({ ...operation, name: layer, inputs: [layers.at(-1)!.name], stage });
  };
  const dense = (layer: string, operation: LayerOperation): void => {
    if (dropout > 0) add(`${layer}_dropout`, { kind: 'dropout', config: { rate: dropout } });
    add(layer, operation);
  };
  for (const { prefix, output, places } of pooledOutputs(backbone, stages))
    // What has one place has no deviation there, and is taken as it is.
    for (const [pool, usual] of POOLS[pooling === 'deviation' && places === 1 ? 'average' : pooling]) {
      const own = usual === 'avg_pool' ? poolName : usual;
      layers.push({ kind: pool, config: {}, name: `${prefix}${own}`, inputs: [output], stage });
    }
  if (layers.length > 1) {
    const inputs = layers.map((layer) => layer.name);
    layers.push({ kind: 'concatenate', config: {}, name: 'pools', inputs, stage });
  }
  stage = HEAD_STAGE;
  hidden.forEach((units, at) => {
    dense(`hidden_${at + 1}`, { kind: 'dense', config: { units, useBias: true } });
    add(`hidden_${at + 1}_relu`, { kind: 'activation', config: { activation: 'relu' } });
  });
  if (kind === 'cosine') dense(name, { kind: 'cosineDense', config: { units: classes } });
  else dense(name, { kind: 'dense', config: { units: classes, useBias: true } });
  return layers;
}

/** What leaves the last stage, or every stage whose features have places in the image. */
function pooledOutputs(
  backbone: Network,
  wanted: 'last' | 'all',
): { prefix: string; output: string; places: number }[] {
  const shapes = outputShapes(backbone);
  const stages = backboneStages(backbone);
  const last = stages.length - 1;
  return stages.flatMap((stage, at) => {
    const output = stageOutput(backbone, stage);
    const shape = shapes.get(output)!;
    if (at < last && (wanted === 'last' || shape.length !== 3)) return [];
    return { prefix: wanted === 'last' ? '' : `${stage}_`, output, places: shape[0] * shape[1] };
  });
}

/** The same backbone with a new head, sized to other classes. */
export function withHead(network: Network, classes: number, settings: HeadSettings = {}): Network {
  const layers = network.layers.filter(({ stage }) => stage !== POOL_STAGE && stage !== HEAD_STAGE);
  const backbone = { ...network, layers };
  return { ...network, layers: [...layers, ...headLayers(backbone, classes, settings)] };
}
