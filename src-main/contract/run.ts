import { type AdaptationName, adaptationNames, adaptationTitle } from './adaptation-stages.ts';
import type { Finding, Preprocessing } from './dataset.ts';
import type { ErrorRecord } from './errors.ts';
import type { JobState } from './job.ts';
import type { RunResult, TrainingConfig } from './training.ts';

/**
 * What is set beside what on one split: guessing by class frequency; a linear classifier on the pre-trained network's
 * features; the same network from random weights; and the pre-trained network, fine-tuned.
 */
export const approaches = ['majority', 'probe', 'scratch', 'fine-tuned'] as const;
/** What a training can be told to make. */
export type TrainedApproach = (typeof approaches)[number];
/** A model that was adapted to another domain, by the method or methods that did it. */
export type AdaptedApproach = `adapted-${AdaptationName}`;
export type Approach = TrainedApproach | AdaptedApproach;

const PREFIX = 'adapted-';
export const adaptedApproaches = adaptationNames.map((name): AdaptedApproach => `${PREFIX}${name}`);

/** The method or methods by which a run was adapted; null where it was not. */
export const methodOf = (approach: Approach): AdaptationName | null =>
  adaptationNames.find((name) => approach === `${PREFIX}${name}`) ?? null;

/** What an approach is called, those of a training by `names`. */
export function nameOfApproach(approach: Approach, names: Readonly<Record<TrainedApproach, string>>): string {
  const method = methodOf(approach);
  return method ? `Adapted, ${adaptationTitle(method)}` : names[approach as TrainedApproach];
}

/** Versions and machine that a run was made with, for the report. */
export interface RunEnvironment {
  graft: string;
  node: string;
  /** `linux-x64` */
  platform: string;
  cpu: string;
  cores: number;
  packages: Record<string, string>;
}

/** One training of one approach. Runs of a comparison share split, preprocessing and seed. */
export interface Run {
  id: number;
  comparisonId: number;
  approach: Approach;
  state: JobState;
  config: TrainingConfig;
  preprocessing: Preprocessing;
  environment: RunEnvironment;
  /** SHA-256 of the weights that training started from; null when they were random, or none were needed. */
  startingWeights: string | null;
  /** Null until it is done, and for the majority class, which learns nothing. */
  result: RunResult | null;
  error: ErrorRecord | null;
  /** ISO 8601, UTC. */
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
}

export interface Comparison {
  id: number;
  splitId: number;
  createdAt: string;
}

/** The set under which an ensemble keeps what each member said of the patients that it did not learn from. */
export const OUT_OF_FOLD = 'out-of-fold';

/** What a run said about one image of a set. */
export interface Prediction {
  /** Null when the image has left the project since. */
  instanceId: number | null;
  frameIndex: number;
  patientKey: string;
  /** Value of the attribute that subgroups are made by. */
  subgroup: string | null;
  /** Index into the split's classes; −1 in a multi-label split. */
  label: number;
  /** In a multi-label split: one for each class. */
  findings?: readonly Finding[];
  /** In class order, adding up to 1, but for findings, of which each has its own. */
  probabilities: Float32Array;
  /** Of an ensemble: the mean squared distance of its members' probabilities from their mean; the larger, the less sure. */
  disagreement?: number;
  /** Why it is left out of the main result (a duplicate of a training image, say); null when it counts. */
  excluded: string | null;
}

/** A model that was exported, and how far its file's predictions are from the trainer's. */
export interface ExportedModel {
  id: number;
  runId: number;
  /** Relative to the project's folder. */
  path: string;
  sha256: string;
  bytes: number;
  largestDifference: number;
  imagesCompared: number;
  exportedAt: string;
}
