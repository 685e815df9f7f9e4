import type { ImageKind } from '../../contract/augmentation-choice.ts';
import type { Plan, PlanDescription, PlannedPhase, PlannedStage } from '../../contract/calls/plans.ts';
import type { Split } from '../../contract/dataset.ts';
import { GraftError } from '../../contract/errors.ts';
import {
  atSize,
  backboneStages,
  countParameters,
  freezeMap,
  readModelNetwork,
  modelCard,
  modelCards,
  type Network,
  stagesOf,
  withHead,
} from '../../models/index.ts';
import {
  chooseAugmentation,
  explainPlan,
  planPhases,
  warnOfPlan,
  type PlanFacts,
} from '../../training/index.ts';
import { countImageKinds, getSplit, listTrainingExamples } from '../../store/index.ts';
import { addedModelIn } from '../added-models.ts';
import { titleOfStart } from '../start-names.ts';
import type { Desk } from './desk.ts';
import { withDealtSplit } from './split-preview.ts';

/** What a plan does to the network, phase by phase, with what is unwise about it. */
export function describePlan(desk: Desk, plan: Plan): PlanDescription {
  const { settings: config, preprocessing } = plan;
  const known = trainingFactsOf(desk, plan);
  const multiLabel = known?.multiLabel ?? false;
  const classes = Math.max(multiLabel ? 1 : 2, known?.classes.length ?? 2);
  // A head that does not fit the labels is warned of, and counted as a softmax.
  const units = !multiLabel && config.head.output === 'sigmoid' && classes === 2 ? 1 : classes;
  const { network, title, inputSize } = networkOf(plan, units);
  const phases = planPhases(config, { network });
  const last = phases[phases.length - 1];
  const rows = freezeMap(network, last.plan);
  const stages = stagesOf(network).map((name): PlannedStage => {
    const layers = rows.filter(({ stage }) => stage === name);
    const trainable = layers.reduce((sum, row) => sum + (row.trainable ? row.parameters : 0), 0);
    return {
      name,
      layers,
      parameters: layers.reduce((sum, row) => sum + row.parameters, 0),
      trainable,
      rate: trainable > 0 ? (last.plan.stageFactors.get(name) ?? 1) : null,
      outputShape: layers[layers.length - 1].outputShape,
    };
  });
  const backbone = backboneStages(network);
  const planned = phases.map(({ name, plan: freeze, epochs, learningRate }): PlannedPhase => {
    const map = freezeMap(network, freeze).filter(({ trainable }) => trainable);
    return {
      name,
      epochs,
      learningRate,
      stages: [...new Set(map.map(({ stage }) => stage))],
      trainable: map.reduce((sum, { parameters }) => sum + parameters, 0),
    };
  });
  const facts: PlanFacts & Required<Pick<PlanFacts, 'augmentation'>> = {
    config,
    preprocessing,
    modelTitle: title,
    ...startFacts(config),
    inputSize,
    backbone,
    learning: stages
      .filter(({ name, trainable }) => backbone.includes(name) && trainable > 0)
      .map(({ name }) => name),
    phases: planned,
    parameters: {
      total: countParameters(network),
      trainable: stages.reduce((sum, { trainable }) => sum + trainable, 0),
    },
    cut: last.plan.cut,
    multiLabel,
    training: known && trainingCounts(known),
    augmentation: chooseAugmentation(config.augmentation, known),
  };
  return {
    stages,
    phases: planned,
    parameters: facts.parameters,
    cut: facts.cut,
    augmentation: facts.augmentation,
    examples: known?.examples ?? [],
    explanation: explainPlan(facts),
    warnings: warnOfPlan(facts),
  };
}

/** What the weights are called, and the size at which they went on learning without labels. */
function startFacts(config: Plan['settings']): Pick<PlanFacts, 'startTitle' | 'continuedAt'> {
  const size = addedModelIn(config.initial)?.lineage?.size;
  return { startTitle: titleOfStart(config), ...(size === undefined ? {} : { continuedAt: size }) };
}

function networkOf(
  { settings, preprocessing }: Plan,
  classes: number,
): { network: Network; title: string; inputSize: number } {
  const { modelName, initial, head } = settings;
  const { height, width } = preprocessing;
  const added = initial !== 'pretrained' && initial !== 'random' ? readModelNetwork(initial) : null;
  const card = modelCards().find(({ name }) => name === (added?.name ?? modelName));
  if (!card && added) {
    const title = addedModelIn(initial)?.title ?? added.name;
    const [inputSize] = added.inputShape;
    return { network: withHead(atSize(added, height, width), classes, head), title, inputSize };
  }
  const { architecture, channels, title, inputSize } = card ?? modelCard(modelName);
  const shape = [height, width, added?.inputShape[2] ?? channels] as const;
  return { network: withHead(architecture(shape, 2, added?.variant), classes, head), title, inputSize };
}

/** What is known of the images that would be trained on. */
export interface TrainingFacts extends Pick<Split, 'classes' | 'multiLabel' | 'counts' | 'hash'> {
  kinds: ImageKind[];
  examples: number[];
}

const EXAMPLES = 60;

/** Of the chosen split, or of one that would be dealt; null where none can be. */
export function trainingFactsOf(desk: Desk, { split }: Plan): TrainingFacts | null {
  const { db } = desk.session.project;
  const look = ({ id, classes, multiLabel = false, counts, hash }: Split): TrainingFacts => ({
    classes,
    multiLabel,
    counts,
    hash,
    kinds: countImageKinds(db, { trainingOf: id }),
    examples: listTrainingExamples(db, id, EXAMPLES),
  });
  if (split.splitId !== null) {
    const chosen = getSplit(db, split.splitId);
    return chosen && look(chosen);
  }
  try {
    return withDealtSplit(desk, split.options, look);
  } catch (thrown) {
    if (GraftError.from(thrown).kind === 'bug') throw thrown;
    return null;
  }
}

function trainingCounts({ classes, counts }: TrainingFacts): NonNullable<PlanFacts['training']> {
  const train = counts.train ?? { images: 0, patients: 0, classes: classes.map(() => 0) };
  return {
    classes: classes.map((name, at) => ({
      name,
      images: train.classes[at] ?? 0,
      // Patients are counted for the whole role; shared out by images this is an estimate from above.
      patients: Math.round((train.patients * (train.classes[at] ?? 0)) / Math.max(1, train.images)),
    })),
    images: train.images,
    validation: counts.validation?.images ?? 0,
  };
}
