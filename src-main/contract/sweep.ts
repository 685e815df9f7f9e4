import { z } from 'zod';
import type { ErrorRecord } from './errors.ts';
import type { JobState } from './job.ts';
import { monitors, type Monitor } from './training.ts';

export const strategies = ['grid', 'random', 'halving'] as const;

/**
 * What one field of a plan may become: one of a list (or `{ choices }`), or a number between `low` and `high`, both among
 * them; `log` draws its logarithm evenly, for rates and other strengths.
 */
export const dimensionSchema = z.union([
  z.array(z.json()).min(1),
  z.strictObject({ choices: z.array(z.json()).min(1) }),
  z.strictObject({ low: z.number(), high: z.number(), log: z.boolean().default(false) }),
]);

/** A search for a better plan: which fields change, how trials are chosen, and what better means. */
export const sweepSchema = z.object({
  /** Field of the plan → its values: `learningRate`, `head.dropout`, `preprocessing.height` … */
  space: z.record(z.string(), dimensionSchema),
  /**
   * `grid`: every combination. `random`: `trials` draws (Bergstra and Bengio 2012). `halving`: as many draws, of which the better third
   * goes on, with three times the epochs, again and again (Jamieson and Talwalkar 2016).
   */
  strategy: z.enum(strategies).default('grid'),
  /** Draws of `random` and `halving`. */
  trials: z.number().int().min(1).max(10_000).default(20),
  /** Of the draws, and of how patients are dealt to folds. */
  seed: z.number().int().min(0).max(0xffff_ffff).default(7),
  /** What is compared, at each training's best epoch. Null: what the plan's early stopping watches. */
  objective: z.enum(monitors).nullable().default(null),
  /** Folds of a cross-validation over training and validation patients. Null: the split's own validation images. */
  folds: z.number().int().min(2).max(20).nullable().default(null),
  /** Of `halving`: one in so many goes on, with so many times the epochs. */
  factor: z.number().int().min(2).max(10).default(3),
  /** Of `halving`: epochs of the first round at least. Null: what the rounds come to, and one more than those of the head alone. */
  minimumEpochs: z.number().int().min(1).nullable().default(null),
});

export type Sweep = z.output<typeof sweepSchema>;
export type SweepInput = z.input<typeof sweepSchema>;
export type Dimension = z.output<typeof dimensionSchema>;
export type SweepStrategy = (typeof strategies)[number];
/** A value of a field, as JSON. */
export type FieldValue = z.output<ReturnType<typeof z.json>>;
/** Field → value: what a trial changes of the plan. */
export type Choices = Record<string, FieldValue>;

/**
 * Where a trial stands. `dropped`: another round of halving went on without it. `failed`: its training could not be done (it
 * diverged, say), and the sweep went on without it.
 */
export type TrialState = 'waiting' | 'running' | 'done' | 'dropped' | 'failed' | 'stopped';

/** The training of one fold of a trial. */
export interface TrialRun {
  runId: number;
  /** From 1; 0 where the split's own validation images judge. */
  fold: number;
  state: JobState;
  epochs: number;
  /** The objective at the best epoch so far. */
  value: number | null;
}

export interface Trial {
  /** From 1. */
  number: number;
  choices: Choices;
  state: TrialState;
  /** Mean of the objective over folds; null before all have one. */
  mean: number | null;
  /** Standard error of that mean; null with fewer than two folds. */
  standardError: number | null;
  /** Of all its folds together. */
  epochs: number;
  seconds: number;
  /** From 1; the round of halving that it has reached. */
  round: number;
  runs: TrialRun[];
  error: ErrorRecord | null;
}

/** A sweep as it stands. */
export interface SweepReport {
  id: number;
  splitId: number;
  state: JobState;
  definition: Sweep;
  /** What was compared. */
  objective: Monitor;
  createdAt: string;
  finishedAt: string | null;
  error: ErrorRecord | null;
  /** Best first. */
  trials: Trial[];
  /** Number of the best trial; null before one has a value. */
  best: number | null;
}

/** Whether a lower value of this is the better one. */
export const lowerIsBetter = (objective: Monitor): boolean => objective === 'val_loss';
