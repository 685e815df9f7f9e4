import type { TrainingConfig, TrainingPhase } from '../contract/training.ts';
import {
  type FreezePlan,
  type Model,
  type NormalizationMode,
  parameterSpecs,
  planFreeze,
  trainableParameters,
} from '../models/index.ts';

/** A part of a training in which the same weights learn. */
export interface Phase {
  name: TrainingPhase;
  plan: FreezePlan;
  epochs: number;
  /** Of the head and of the topmost learning stage, before the schedule. */
  learningRate: number;
  /** Names of the weights that learn. */
  trainable: string[];
  /** Moving statistics that follow the batches; none when BatchNorm stays in inference mode. */
  assigned: string[];
}

/**
 * The phases of a training: with pre-trained weights first the head alone, then all that the freeze plan lets
 * learn; from random weights one.
 */
export function planPhases(config: TrainingConfig, { network }: Pick<Model, 'network'>): Phase[] {
  const random = config.initial === 'random';
  const normalization: NormalizationMode =
    config.batchNormalization === 'auto' ? (random ? 'training' : 'inference') : config.batchNormalization;
  const phase = (name: TrainingPhase, plan: FreezePlan, epochs: number, learningRate: number): Phase => ({
    name,
    plan,
    epochs,
    learningRate,
    trainable: trainableParameters(network, plan),
    assigned:
      normalization === 'inference'
        ? []
        : parameterSpecs(network)
            .filter(({ layer, learns }) => !learns && plan.trainableLayers.has(layer))
            .map(({ name }) => name),
  });
  const { trainableLayers, freezeUntil, freezePreset, stageFactor, epochs } = config;
  const preset = random ? 'full' : freezePreset;
  const plan = planFreeze(network, { trainableLayers, freezeUntil, preset }, stageFactor);
  if (random) return [phase('from-scratch', plan, epochs, config.learningRate)];
  const head = planFreeze(network, { preset: 'feature-extraction' });
  if (plan.trainableLayers.size === head.trainableLayers.size)
    return [phase('feature-extraction', head, epochs, config.headLearningRate)];
  const alone = Math.min(config.headEpochs, epochs - 1);
  const tuning = phase('fine-tuning', plan, epochs - alone, config.learningRate);
  if (alone === 0) return [tuning];
  return [phase('feature-extraction', head, alone, config.headLearningRate), tuning];
}

/** BatchNorm of a layer works on the batch's statistics exactly when its moving statistics are let go. */
export function normalizationOf(phase: Phase): (layer: string) => NormalizationMode {
  const moving = new Set(phase.assigned);
  return (layer) => (moving.has(`${layer}/moving_mean`) ? 'training' : 'inference');
}
