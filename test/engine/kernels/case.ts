import * as tf from '@tensorflow/tfjs-core';
import { sizeOf } from '../../../src-main/engine/index.ts';
import { RandomStream } from '../../../src-main/platform/random.ts';

/** How a case's tensor is filled: a shape alone means normal numbers, always the same ones for the same names. */
export type Seed =
  | readonly number[]
  | { shape: readonly number[]; low: number; high: number }
  | { shape: readonly number[]; values: readonly number[] }
  | { shape: readonly number[]; integersBelow: number }
  | { shape: readonly number[]; integers: readonly number[] };

export type CaseTensors = Record<string, tf.Tensor>;

/** One computation that the compiled engine must do as TF.js does it, with its gradients. */
export interface KernelCase {
  name: string;
  tensors: Record<string, Seed>;
  compute: (tensors: never) => tf.Tensor | readonly tf.Tensor[];
  /** What to differentiate by. Default: every float tensor. */
  gradients?: readonly string[];
  /**
   * What the gradients are compared with. Default: TF.js's CPU backend; central differences of its forward pass where
   * its own gradient is wrong. Differences of a linear function are exact with steps as large as 1.
   */
  expected?: { differencesWithStep: number };
}

/** A case in one line. */
export function of<T extends Record<string, Seed>>(
  name: string,
  tensors: T,
  compute: (tensors: { [K in keyof T]: never }) => tf.Tensor | readonly tf.Tensor[],
  options: Pick<KernelCase, 'gradients' | 'expected'> = {},
): KernelCase {
  return { name, tensors, compute: compute as KernelCase['compute'], ...options };
}

export const shapeOf = (seed: Seed): readonly number[] => ('shape' in seed ? seed.shape : seed);

export const isInteger = (seed: Seed): boolean => 'integersBelow' in seed || 'integers' in seed;

/** The numbers of a seed. */
export function valuesOf(seed: Seed, ...names: string[]): Float32Array | Int32Array {
  const random = new RandomStream(1, ...names);
  const length = sizeOf(shapeOf(seed));
  if ('integers' in seed) return Int32Array.from(seed.integers);
  if ('integersBelow' in seed) return Int32Array.from({ length }, () => random.integer(seed.integersBelow));
  if ('values' in seed && 'shape' in seed)
    return Float32Array.from({ length }, (_, i) => seed.values[i % seed.values.length]);
  if ('low' in seed) return Float32Array.from({ length }, () => random.uniform(seed.low, seed.high));
  return Float32Array.from({ length }, () => random.normal());
}

/**
 * A kernel that TF.js names and differentiates, but that none of its own functions calls and its CPU backend lacks;
 * `otherwise` is what it means.
 */
export function kernel(
  name: string,
  inputs: Record<string, tf.Tensor>,
  attributes: tf.NamedAttrMap,
  otherwise: () => tf.Tensor,
): tf.Tensor {
  const known = tf.getKernel(name, tf.getBackend());
  return known ? tf.engine().runKernel(name, inputs, attributes) : otherwise();
}
