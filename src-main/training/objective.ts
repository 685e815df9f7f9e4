import type { Finding } from '../contract/dataset.ts';
import type { TrainingConfig } from '../contract/training.ts';
import type { Answer, PassCounts } from './answers.ts';
import type { TrainingDataset } from './data.ts';
import { FindingCounts } from './finding-counts.ts';
import { type HeadKind, headKind } from './head-kind.ts';
import { BinaryCounts, classWeights, crossEntropy, EpochCounts } from './metrics.ts';

/** Where the targets and weights of a batch are written to. */
export interface BatchTargets {
  /** `[batch, units]` */
  target: Float32Array;
  /** `[batch]` of a softmax, else `[batch, units]`; what weighs nothing does not count. */
  weight: Float32Array;
}

/** What a head is taught, by the kind of its output. */
export interface Objective {
  readonly kind: HeadKind;
  readonly units: number;
  /** Weights that an image has in the loss: 1, or one for each unit. */
  readonly weightsPerImage: number;
  /** How much each finding's presence counts beside its absence; null where it counts alike. */
  readonly positiveWeights: readonly number[] | null;
  /** Writes what one image of a batch is to be; an image that only fills it up weighs nothing. */
  write(answer: Answer, into: BatchTargets, at: number, counts: boolean): void;
  /** Plain loss of one image and how much it counts: an image of which more is known counts more. */
  loss(logits: ArrayLike<number>, offset: number, answer: Answer): { loss: number; weight: number };
  counts(): PassCounts;
}

/**
 * The objective of a plan on a dataset: softmax or sigmoid cross-entropy, with label smoothing and weights by frequency where asked for.
 *
 * @throws GraftError `head-output`
 */
export function objectiveFor(
  config: Pick<TrainingConfig, 'head' | 'labelSmoothing' | 'classWeights' | 'balancedSampling'>,
  dataset: Pick<TrainingDataset, 'classes' | 'multiLabel' | 'train'>,
): Objective {
  const { classes, multiLabel, train } = dataset;
  const kind = headKind(config, classes, multiLabel);
  const weighted = config.classWeights && !config.balancedSampling;
  if (kind === 'findings') {
    const answers = train.map(({ findings }) => findings ?? []);
    return findingsObjective(
      classes.length,
      config.labelSmoothing,
      weighted ? positiveWeights(answers, classes.length) : null,
    );
  }
  const labels = train.map(({ label }) => label);
  const weights = weighted ? classWeights(labels, classes.length) : classes.map(() => 1);
  return kind === 'binary'
    ? binaryObjective(config.labelSmoothing, weights)
    : softmaxObjective(classes.length, config.labelSmoothing, weights);
}

function softmaxObjective(classes: number, smoothing: number, weights: ArrayLike<number>): Objective {
  return {
    kind: 'softmax',
    units: classes,
    weightsPerImage: 1,
    positiveWeights: null,
    write: (answer, { target, weight }, at, counts) => {
      const label = answer as number;
      target.fill(smoothing / classes, at * classes, (at + 1) * classes);
      target[at * classes + label] += 1 - smoothing;
      weight[at] = counts ? weights[label] : 0;
    },
    loss: (logits, offset, answer) => ({
      loss: crossEntropy(logits, offset, classes, answer as number),
      weight: 1,
    }),
    counts: () => new EpochCounts(classes),
  };
}

/** One number tells two classes apart: what a softmax makes of it and of 0. */
function binaryObjective(smoothing: number, weights: ArrayLike<number>): Objective {
  return {
    kind: 'binary',
    units: 1,
    weightsPerImage: 1,
    positiveWeights: null,
    write: (answer, { target, weight }, at, counts) => {
      const label = answer as number;
      target[at] = label * (1 - smoothing) + smoothing / 2;
      weight[at] = counts ? weights[label] : 0;
    },
    loss: (logits, offset, answer) => ({
      loss: binaryCrossEntropy(logits[offset], answer as number),
      weight: 1,
    }),
    counts: () => new BinaryCounts(2),
  };
}

function findingsObjective(classes: number, smoothing: number, weights: readonly number[] | null): Objective {
  return {
    kind: 'findings',
    units: classes,
    weightsPerImage: classes,
    positiveWeights: weights,
    write: (answer, { target, weight }, at, counts) => {
      const findings = answer as readonly Finding[];
      for (let c = 0; c < classes; c++) {
        const finding = findings[c];
        target[at * classes + c] = (finding ?? 0) * (1 - smoothing) + smoothing / 2;
        weight[at * classes + c] = counts && finding !== null ? 1 : 0;
      }
    },
    loss: (logits, offset, answer) => findingsLoss(logits, offset, answer as readonly Finding[]),
    counts: () => new FindingCounts(classes),
  };
}

/** Mean binary cross-entropy of the findings that are known, and how many they are. */
export function findingsLoss(
  logits: ArrayLike<number>,
  offset: number,
  findings: readonly Finding[],
): { loss: number; weight: number } {
  let sum = 0;
  let known = 0;
  findings.forEach((finding, c) => {
    if (finding === null) return;
    sum += binaryCrossEntropy(logits[offset + c], finding);
    known++;
  });
  return { loss: known === 0 ? 0 : sum / known, weight: known };
}

/** In nats, from the logit; for any logit, however large. */
export const binaryCrossEntropy = (logit: number, truth: number): number =>
  Math.max(logit, 0) - logit * truth + Math.log1p(Math.exp(-Math.abs(logit)));

/** A finding in one of a hundred images would count a hundredfold: few images would then decide each step. */
const LARGEST_POSITIVE_WEIGHT = 20;

/** How many times as often each finding is known to be absent as present (PyTorch's `pos_weight`), at most 20; 1 where one of both is missing. */
export function positiveWeights(answers: readonly (readonly Finding[])[], classes: number): number[] {
  return Array.from({ length: classes }, (_, c) => {
    const present = answers.filter((findings) => findings[c] === 1).length;
    const absent = answers.filter((findings) => findings[c] === 0).length;
    return present === 0 || absent === 0 ? 1 : Math.min(LARGEST_POSITIVE_WEIGHT, absent / present);
  });
}
