import type { SelfSupervisionConfig } from '../../contract/self-supervision.ts';
import { compileTrainingStep, type Executor, type Parameters } from '../../engine/index.ts';
import type { Model } from '../../models/index.ts';
import { scheduleFactor } from '../schedule.ts';
import { methodNamed } from './methods.ts';
import { comparingProgram } from './program.ts';
import type { ViewBatch } from './view-batch.ts';

/** What a step has seen. */
export interface ComparedStep {
  loss: number;
  spread: number;
  learningRate: number;
}

/** A compiled step of a method on a model: the model's own weights move. */
export interface ComparingStep {
  /** @param step from 0 @param steps of the whole */
  run(views: ViewBatch, step: number, steps: number): Promise<ComparedStep>;
  /** All weights that move, and the optimiser's slots: what a checkpoint has to hold. */
  readonly moving: { weights: Parameters; names: readonly string[]; slots: Parameters };
  dispose(): Promise<void>;
}

/** Compiles what learns from pairs of views. */
export async function compileComparingStep(
  executor: Executor,
  model: Model,
  config: SelfSupervisionConfig,
  batch: number,
): Promise<ComparingStep> {
  const comparing = comparingProgram(model, methodNamed(config.method), config, batch);
  const { parameters, trainable, assigned, followed } = comparing;
  const compiled = await compileTrainingStep(executor, comparing.program, parameters, {
    trainable,
    assigned,
    optimizer: { kind: 'adamw', weightDecay: config.weightDecay },
    clipNorm: 5,
  });
  return {
    moving: {
      weights: parameters,
      names: [...new Set([...trainable, ...assigned])],
      slots: compiled.optimizerState,
    },
    dispose: () => compiled.dispose(),
    run: async ({ first, second }, step, steps) => {
      const learningRate = config.learningRate * factorAt(config.warmup, step, steps);
      const { loss, spread } = await compiled.run({ first, second }, learningRate);
      const decay = 1 - ((1 - config.followDecay) * (Math.cos((Math.PI * step) / steps) + 1)) / 2;
      for (const [name, leader] of followed) follow(parameters, name, leader, decay);
      return { loss: loss.data[0], spread: spread.data[0], learningRate };
    },
  };
}

function factorAt(warmup: number, step: number, steps: number): number {
  const schedule = {
    kind: 'cosine' as const,
    warmup,
    steps,
    stepsPerEpoch: steps,
    step: { every: 1, factor: 1 },
  };
  return scheduleFactor(schedule, step);
}

/** `weight ← decay · weight + (1 − decay) · leader`, the decay rising to 1 along a half cosine (Grill et al. 2020). */
function follow(parameters: Parameters, name: string, leader: string, decay: number): void {
  const { data } = parameters.get(name);
  const towards = parameters.get(leader).data;
  for (let i = 0; i < data.length; i++) data[i] = decay * data[i] + (1 - decay) * towards[i];
}
