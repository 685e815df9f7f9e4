import * as tf from '@tensorflow/tfjs-core';
import { createOptimizer, type OptimizerConfig } from './optimizers.ts';
import type { Parameters } from './parameters.ts';
import type { Executor, HostInputs, HostOutputs, Program } from './types.ts';

export interface TrainingStepOptions {
  /** Names of the weights that learn; all others that the program uses are constants of the graph. */
  trainable: readonly string[];
  /** Weights that neither learn nor stay constant: the program assigns them (moving averages, say). */
  assigned?: readonly string[];
  optimizer: OptimizerConfig;
  /** Largest global norm of the gradient; larger ones are scaled down. Default: no limit. */
  clipNorm?: number;
}

export interface TrainingStep {
  /**
   * Forward, backward, update. `rate` gives each weight its learning rate: one number, or one per weight
   * (discriminative rates; 0 leaves the weight where it is). Returns the program's outputs, `loss` among them.
   */
  run(inputs: HostInputs, rate: number | ((name: string) => number)): Promise<HostOutputs>;
  /** The optimiser's slots: save them with the weights to resume exactly. */
  readonly optimizerState: Parameters;
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
  });
  const optimizer = createOptimizer(options.optimizer, parameters, trainable);
  return {
    optimizerState: optimizer.state,
    dispose: () => compiled.dispose(),
    run: async (inputs, rate) => {
      const outputs = await compiled.run(inputs);
      const rateOf = typeof rate === 'number' ? () => rate : rate;
      const gradients = trainable.map((name) => outputs[GRADIENT + name].data as Float32Array);
      if (clipNorm !== undefined) clipGlobalNorm(gradients, clipNorm);
      optimizer.beginStep();
      trainable.forEach((name, i) => {
        const learningRate = rateOf(name);
        if (learningRate !== 0) optimizer.update(name, parameters.get(name).data, gradients[i], learningRate);
      });
      return Object.fromEntries(
        Object.entries(outputs)
          .filter(([name]) => !name.startsWith(GRADIENT))
          .map(([name, tensor]) => [name, { ...tensor, data: tensor.data.slice() }]),
      );
    },
  };
}

function clipGlobalNorm(gradients: readonly Float32Array[], limit: number): void {
  let squares = 0;
  for (const gradient of gradients)
    for (let i = 0; i < gradient.length; i++) squares += gradient[i] * gradient[i];
  const norm = Math.sqrt(squares);
  if (!(norm > limit)) return;
  for (const gradient of gradients) for (let i = 0; i < gradient.length; i++) gradient[i] *= limit / norm;
}
