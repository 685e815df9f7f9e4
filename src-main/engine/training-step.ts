import * as tf from '@tensorflow/tfjs-core';
import { createOptimizer, type OptimizerConfig } from './optimizers.ts';
import type { Parameters } from './parameters.ts';
import type { CompileOptions, Executor, HostInputs, HostOutputs, Program } from './types.ts';

export interface TrainingStepOptions extends Pick<CompileOptions, 'smallInLoops'> {
  /** Names of the weights that learn; all others that the program uses are constants of the graph. */
  trainable: readonly string[];
  /** Weights that neither learn nor stay constant: the program assigns them (moving averages, say). */
  assigned?: readonly string[];
  optimizer: OptimizerConfig;
  /** Largest global norm of the gradient; larger ones are scaled down. Default: no limit. */
  clipNorm?: number;
  /**
   * Pulls weights towards where they started: `strength · (weight − start)` is added to the gradient of each weight that is
   * named, after clipping, and takes the place of its weight decay (L2-SP, Li et al. 2018). The loss that is returned does not hold it. Default: none.
   */
  pull?: { strength: number; starts: ReadonlyMap<string, Float32Array> };
}

export interface TrainingStep {
  /**
   * Forward, backward, update. `rate` gives each weight its learning rate: one number, or one per weight
   * (discriminative rates; 0 leaves the weight where it is). Returns the program's outputs, `loss` among them. What was
   * accumulated before counts with it, each batch by its `share`.
   *
   * @param share of this batch among those accumulated, on any scale. Default 1.
   */
  run(inputs: HostInputs, rate: number | ((name: string) => number), share?: number): Promise<HostOutputs>;
  /** Forward and backward without an update: the gradients wait for the next `run`. */
  accumulate(inputs: HostInputs, share?: number): Promise<HostOutputs>;
  /** The optimiser's slots: save them with the weights to resume exactly. */
  readonly optimizerState: Parameters;
  /** Global norm of the gradient of the last `run`, before it was clipped; null where there is no `clipNorm`, and before the first. */
  readonly gradientNorm: number | null;
  dispose(): Promise<void>;
}

const GRADIENT = 'gradient/';

/**
 * Compiles a training step from a program whose output `loss` is a scalar to be minimised.
 * Gradients come from TF.js's autodiff; the update runs on the host, in place.
 */
export async function compileTrainingStep(
  executor: Executor,
  program: Program,
  parameters: Parameters,
  options: TrainingStepOptions,
): Promise<TrainingStep> {
  const { trainable, assigned = [], clipNorm } = options;
  const varying = new Set([...trainable, ...assigned]);
  const withGradients: Program = {
    ...program,
    body: (inputs, scope) => {
      let outputs: Record<string, tf.Tensor> = {};
      const variables = trainable.map((name) => scope(name));
      const { grads } = tf.variableGrads(() => {
        outputs = program.body(inputs, scope);
        // variableGrads tidies up what its function made; whoever runs the program disposes its outputs.
        for (const tensor of Object.values(outputs)) tf.keep(tensor);
        return tf.reshape<tf.Rank.R0>(outputs.loss, []);
      }, variables);
      const gradients = Object.fromEntries(
        trainable.map((name, i) => [GRADIENT + name, grads[variables[i].name]]),
      );
      return { ...outputs, ...gradients };
    },
  };
  const compiled = await executor.compile(withGradients, parameters, {
    constants: parameters.names.filter((name) => !varying.has(name)),
    reuseOutputs: true,
    smallInLoops: options.smallInLoops ?? false,
  });
  const pulled = new Set(options.pull?.starts.keys());
  const optimizer = createOptimizer(options.optimizer, parameters, trainable, pulled);
  const waiting = new WaitingGradients();
  const gradientsOf = (outputs: HostOutputs): Float32Array[] =>
    trainable.map((name) => outputs[GRADIENT + name].data as Float32Array);
  let gradientNorm: number | null = null;
  return {
    optimizerState: optimizer.state,
    get gradientNorm() {
      return gradientNorm;
    },
    dispose: () => compiled.dispose(),
    accumulate: async (inputs, share = 1) => {
      const outputs = await compiled.run(inputs);
      waiting.add(gradientsOf(outputs), share);
      return withoutGradients(outputs);
    },
    run: async (inputs, rate, share = 1) => {
      const outputs = await compiled.run(inputs);
      const rateOf = typeof rate === 'number' ? () => rate : rate;
      const gradients = waiting.take(gradientsOf(outputs), share);
      if (clipNorm !== undefined) gradientNorm = clipGlobalNorm(gradients, clipNorm);
      optimizer.beginStep();
      trainable.forEach((name, i) => {
        const learningRate = rateOf(name);
        if (learningRate === 0) return;
        const weights = parameters.get(name).data;
        const start = options.pull?.starts.get(name);
        if (start) pullTowards(gradients[i], weights, start, options.pull!.strength);
        optimizer.update(name, weights, gradients[i], learningRate);
      });
      return withoutGradients(outputs);
    },
  };
}

const withoutGradients = (outputs: HostOutputs): HostOutputs =>
  Object.fromEntries(
    Object.entries(outputs)
      .filter(([name]) => !name.startsWith(GRADIENT))
      .map(([name, tensor]) => [name, { ...tensor, data: tensor.data.slice() }]),
  );

/** Gradients of batches that are to count as one. */
class WaitingGradients {
  #sums: Float32Array[] | null = null;
  #shares = 0;

  add(gradients: readonly Float32Array[], share: number): void {
    // The graph's outputs are used again by its next run: what waits is a copy.
    this.#sums ??= gradients.map(({ length }) => new Float32Array(length));
    this.#sums.forEach((sum, at) => {
      const gradient = gradients[at];
      for (let i = 0; i < sum.length; i++) sum[i] += share * gradient[i];
    });
    this.#shares += share;
  }

  /** The mean of what waited and of the last ones, by their shares; nothing waits any more. */
  take(last: readonly Float32Array[], share: number): readonly Float32Array[] {
    if (!this.#sums) return last;
    this.add(last, share);
    const means = this.#sums;
    for (const mean of means) for (let i = 0; i < mean.length; i++) mean[i] /= this.#shares;
    this.#sums = null;
    this.#shares = 0;
    return means;
  }
}

function pullTowards(
  gradient: Float32Array,
  weights: Float32Array,
  start: Float32Array,
  strength: number,
): void {
  for (let i = 0; i < gradient.length; i++) gradient[i] += strength * (weights[i] - start[i]);
}

/** @returns the norm as it was */
function clipGlobalNorm(gradients: readonly Float32Array[], limit: number): number {
  let squares = 0;
  for (const gradient of gradients)
    for (let i = 0; i < gradient.length; i++) squares += gradient[i] * gradient[i];
  const norm = Math.sqrt(squares);
  if (!(norm > limit)) return norm;
  for (const gradient of gradients) for (let i = 0; i < gradient.length; i++) gradient[i] *= limit / norm;
  return norm;
}
