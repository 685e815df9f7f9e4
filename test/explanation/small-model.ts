import { readFileSync } from 'node:fs';
import { type Executor, openExecutor, Parameters } from '../../src-main/engine/index.ts';
import {
  initialiseParameters,
  type Model,
  type Network,
  NetworkBuilder,
} from '../../src-main/models/index.ts';
import type { ImageSource } from '../../src-main/training/index.ts';

export interface MapReference {
  side: number;
  weights: Record<string, { shape: number[]; values: number[] }>;
  images: number[][];
  logits: number[][];
  maps: {
    layer: string;
    classIndex: number;
    rows: number;
    columns: number;
    gradcam: number[][];
    'gradcam++': number[][];
  }[];
  likeness: {
    rows: number;
    columns: number;
    first: number[];
    second: number[];
    spearman: number;
    ssim: number;
  };
  bilinear: { map: number[]; values: number[] };
}

export const reference = JSON.parse(
  readFileSync(new URL('./reference/maps.json', import.meta.url), 'utf8'),
) as MapReference;

/** The network of make_maps.py. */
export function smallNetwork(classes = 3): Network {
  const { side } = reference;
  const b = new NetworkBuilder('small', [side, side, 1], 'one');
  b.pad('one_pad', [1, 1, 1, 1]);
  b.conv2d('one_conv', 4, 3, { strides: 2, padding: 'valid', useBias: true });
  b.activate('one_swish', 'swish');
  b.stage('two');
  b.conv2d('two_conv', 6, 3, { useBias: true });
  b.activate('two_relu');
  b.head(classes);
  return b.build();
}

/** With the weights of make_maps.py; a head of another width gets its first columns. */
export function smallModel(own: Partial<Model> = {}): Model {
  const classes = own.classes ?? ['a', 'b', 'c'];
  const units = own.output === 'sigmoid' && classes.length === 2 ? 1 : classes.length;
  const network = smallNetwork(units);
  const parameters = new Parameters();
  for (const { name, shape } of initialiseParameters(network, 1)) {
    const { values, shape: from } = reference.weights[name];
    const [width, before] = [shape.at(-1)!, from.at(-1)!];
    const data = Float32Array.from(
      { length: (values.length / before) * width },
      (_, at) => values[Math.floor(at / width) * before + (at % width)],
    );
    parameters.add(name, shape, data);
  }
  return {
    network,
    parameters,
    classes,
    preprocessing: { scale: [2], offset: [-1] },
    imageChannels: 1,
    metadata: {},
    ...own,
  };
}

export const images: ImageSource = {
  height: reference.side,
  width: reference.side,
  channels: 1,
  checksum: 'maps',
  read: (index, into, offset) => into.set(reference.images[index], offset),
};

export const target = (
  cacheIndex: number,
  classIndex: number,
): { sample: { cacheIndex: number }; classIndex: number } => ({
  sample: { cacheIndex },
  classIndex,
});

export async function withExecutor<Result>(work: (executor: Executor) => Promise<Result>): Promise<Result> {
  const executor = await openExecutor({ engine: 'compiled', threads: 1 });
  try {
    return await work(executor);
  } finally {
    await executor.dispose();
  }
}

export function largestDifference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) return Infinity;
  return Array.from(found, (value, at) => Math.abs(value - expected[at])).reduce((a, b) => Math.max(a, b), 0);
}
