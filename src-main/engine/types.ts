import type * as tf from '@tensorflow/tfjs-core';
import type { Parameters } from './parameters.ts';

export type ElementType = 'float32' | 'int32';

/** What a program is told about an input before it is compiled. */
export interface TensorSpec {
  shape: readonly number[];
  dtype: ElementType;
}

/** A tensor outside any backend. */
export interface HostTensor {
  shape: number[];
  dtype: ElementType;
  data: Float32Array | Int32Array;
}

export type NamedTensors = Record<string, tf.Tensor>;
export type HostInputs = Record<string, Float32Array | Int32Array>;
export type HostOutputs = Record<string, HostTensor>;

/** Hands a program its weights by name. Assigning to one (`scope('bn/moving_mean').assign(…)`) updates it. */
export type ParameterScope = (name: string) => tf.Variable;

/**
 * A computation in plain TF.js: no randomness, no reading of values, no step-dependent constants (learning
 * rates, dropout masks and seeds come in as inputs). The compiled executor calls `body` once, to trace it.
 */
export interface Program {
  /** For error messages and profiles. */
  name: string;
  inputs: Record<string, TensorSpec>;
  body(inputs: NamedTensors, parameters: ParameterScope): NamedTensors;
}

export interface CompileOptions {
  /**
   * Weights that stay as they are for the life of the compiled program: they become constants of the graph,
   * are folded and pre-packed. Default: none, every weight is read afresh at each run.
   */
  constants?: 'all' | readonly string[];
  /** Whether each run may write its outputs over those of the run before. Default: no, every run has its own. */
  reuseOutputs?: boolean;
  /**
   * Whether a program that is so small that calling the runtime would cost more than its work may run as loops in this process. Which
   * one it is, is decided by the program alone. Default: no.
   */
  smallInLoops?: boolean;
}

/** A program made ready to run, bound to the parameters it was compiled with. */
export interface CompiledProgram {
  /** Runs once. Parameters are read, and those that the program assigns are updated in place. */
  run(inputs: HostInputs): Promise<HostOutputs>;
  dispose(): Promise<void>;
}

export type EngineName = 'compiled' | 'tensorflow' | 'reference';

/** Where programs run. Nothing above `engine/` knows which one it has. */
export interface Executor {
  readonly name: EngineName;
  /** For reports: "ONNX Runtime 1.30.0, CPU, 2 threads". */
  readonly description: string;
  compile(program: Program, parameters: Parameters, options?: CompileOptions): Promise<CompiledProgram>;
  dispose(): Promise<void>;
}
