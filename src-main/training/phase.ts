import { GraftError } from '../contract/errors.ts';
import type { TrainingConfig, TrainingPhase } from '../contract/training.ts';
import {
  backboneStages,
  type FreezePlan,
  HEAD_STAGE,
  type Model,
  type Network,
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
 * learn; from random weights one. `gradual` lets one more stage join at a time, from the top (Howard and Ruder 2018);
 * the epochs after the head's are shared out evenly, the last phases getting what is over.
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
  const { trainableLayers, freezeUntil, freezePreset, stageFactor, stageRates, epochs } = config;
  const preset = random ? 'full' : freezePreset;
  const plan = planFreeze(
    network,
    { trainableLayers, freezeUntil, preset },
    stageFactor,
    random ? null : stageRates,
  );
  if (random) return [phase('from-scratch', plan, epochs, config.learningRate)];
  const head = planFreeze(network, { preset: 'feature-extraction' });
  if (config.unfreeze) return unfreezing(config, network, head, phase);
  if (plan.trainableLayers.size === head.trainableLayers.size)
    return [phase('feature-extraction', head, epochs, config.headLearningRate)];
  // A probe that is to converge gets half of the epochs; early stopping ends it when it has.
  const wanted =
    preset === 'lp-ft' && !trainableLayers && !freezeUntil
      ? Math.max(config.headEpochs, Math.ceil(epochs / 2))
      : config.headEpochs;
  const alone = Math.min(wanted, epochs - 1);
  const first = alone === 0 ? [] : [phase('feature-extraction', head, alone, config.headLearningRate)];
  const gradual = preset === 'gradual' && !trainableLayers && !freezeUntil;
  const plans = gradual ? gradualPlans(network, epochs - alone, stageFactor, stageRates) : [plan];
  return [
    ...first,
    ...plans.map((one, at) =>
      phase('fine-tuning', one, share(epochs - alone, plans.length, at), config.learningRate),
    ),
  ];
}

type MakePhase = (name: TrainingPhase, plan: FreezePlan, epochs: number, learningRate: number) => Phase;

/** Stages join at the epochs that were asked for; what joins at the same epoch, or before the first, joins together. */
function unfreezing(config: TrainingConfig, network: Network, head: FreezePlan, phase: MakePhase): Phase[] {
  const { epochs, stageFactor, stageRates } = config;
  const asked = config.unfreeze!.filter(({ epoch }) => epoch <= epochs).sort((a, b) => a.epoch - b.epoch);
  const backbone = backboneStages(network);
  const unknown = config.unfreeze!.find(({ stage }) => !backbone.includes(stage));
  if (unknown) {
    throw new GraftError(
      'stage-unknown',
      `Expected stages of ${network.name} to unfreeze, of ${backbone.join(', ')}; found "${unknown.stage}".`,
    );
  }
  const starts = [...new Set(asked.map(({ epoch }) => epoch))];
  const phases: Phase[] = [];
  const first = starts[0] ?? epochs + 1;
  if (first > 1) phases.push(phase('feature-extraction', head, first - 1, config.headLearningRate));
  const joined = new Set<string>();
  starts.forEach((start, at) => {
    for (const { epoch, stage } of asked) if (epoch === start) joined.add(stage);
    const layers = network.layers.filter(({ stage }) => joined.has(stage)).map(({ name }) => name);
    const plan = planFreeze(network, { trainableLayers: layers }, stageFactor, stageRates);
    phases.push(phase('fine-tuning', plan, (starts[at + 1] ?? epochs + 1) - start, config.learningRate));
  });
  return phases;
}

/** One plan for each stage that joins; with fewer epochs than stages the lowest join together. */
function gradualPlans(
  network: Network,
  epochs: number,
  stageFactor: number,
  stageRates: TrainingConfig['stageRates'],
): FreezePlan[] {
  const backbone = backboneStages(network);
  const steps = Math.min(epochs, backbone.length);
  return Array.from({ length: steps }, (_, at) => {
    const frozen = at === steps - 1 ? 0 : backbone.length - 1 - at;
    const request = frozen === 0 ? { preset: 'full' as const } : { freezeUntil: backbone[frozen - 1] };
    return planFreeze(network, request, stageFactor, stageRates);
  });
}

/** Of `whole` epochs the part that falls to one of `parts`. */
const share = (whole: number, parts: number, at: number): number =>
  Math.floor((whole * (at + 1)) / parts) - Math.floor((whole * at) / parts);

/**
 * The same phases with a head that stays as it is; those in which nothing is left to learn fall away, and their epochs to the first of the others.
 *
 * @throws GraftError `nothing-learns`
 */
export function withFixedHead(phases: readonly Phase[], { network }: Pick<Model, 'network'>): Phase[] {
  const head = new Set(network.layers.filter(({ stage }) => stage === HEAD_STAGE).map(({ name }) => name));
  const left = phases
    .map((phase) => ({
      ...phase,
      trainable: phase.trainable.filter((name) => !head.has(name.slice(0, name.lastIndexOf('/')))),
    }))
    .filter(({ trainable }) => trainable.length > 0);
  const epochsOf = (all: readonly Phase[]): number => all.reduce((sum, { epochs }) => sum + epochs, 0);
  const [first, ...others] = left;
  if (first) return [{ ...first, epochs: epochsOf(phases) - epochsOf(others) }, ...others];
  throw new GraftError(
    'nothing-learns',
    'Expected layers of the backbone that learn, as this method leaves the head as it is; found a plan that freezes them all. Choose a run that fine-tuned a stage, or another method.',
  );
}

/** BatchNorm of a layer works on the batch's statistics exactly when its moving statistics are let go. */
export function normalizationOf(phase: Phase): (layer: string) => NormalizationMode {
  const moving = new Set(phase.assigned);
  return (layer) => (moving.has(`${layer}/moving_mean`) ? 'training' : 'inference');
}
