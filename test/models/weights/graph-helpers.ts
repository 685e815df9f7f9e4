import type * as tf from '@tensorflow/tfjs-core';
import { openExecutor, sizeOf } from '../../../src-main/engine/index.ts';
import { applyNetwork, assembleGraph, openWeightFile } from '../../../src-main/models/index.ts';
import type { AssembledGraph } from '../../../src-main/models/graph/assemble.ts';
import { units } from '../reference/formula.ts';

/** What the framework that wrote a file computes with it. */
export interface Expected {
  input: [number, number, number];
  /** Of the image of `units`, which is between 0 and 1. */
  scale: number;
  output: number[];
}

/** The network that a file describes. */
export async function assembled(path: string, [height, width]: readonly number[]): Promise<AssembledGraph> {
  const file = await openWeightFile(path);
  try {
    return assembleGraph({ ...file.graph!.read([height, width]), name: 'foreign' });
  } finally {
    file.close();
  }
}

/** Outputs of a network for the image of `units`; without the softmax at its end, which Graft leaves out. */
export async function outputsOf(
  { network, parameters }: AssembledGraph,
  { input, scale }: Expected,
): Promise<number[]> {
  const executor = await openExecutor({ engine: 'compiled', threads: 1 });
  try {
    const forward = await executor.compile(
      {
        name: 'forward',
        inputs: { image: { shape: [1, ...input], dtype: 'float32' } },
        body: ({ image }, scope) => ({ output: applyNetwork(network, scope, image as tf.Tensor4D) }),
      },
      parameters,
    );
    const image = Float32Array.from(units('image', sizeOf(input)), (value) => Math.fround(value) * scale);
    const { output } = await forward.run({ image });
    return [...(output.data as Float32Array)];
  } finally {
    await executor.dispose();
  }
}

export function softmax(values: readonly number[]): number[] {
  const powers = values.map((value) => Math.exp(value - Math.max(...values)));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((value) => value / sum);
}

/** The largest difference, over the root mean square of what was expected. */
export function relativeDifference(found: readonly number[], expected: readonly number[]): number {
  if (found.length !== expected.length) return Infinity;
  const scale = Math.sqrt(expected.reduce((sum, value) => sum + value * value, 0) / expected.length);
  return Math.max(...expected.map((value, at) => Math.abs(value - found[at]))) / scale;
}
