import type { TrainingConfig } from '../contract/training.ts';

/** How the learning rate changes over the steps of a phase. */
export interface Schedule {
  kind: TrainingConfig['schedule'];
  /** Share of the steps over which the rate rises to its full height. */
  warmup: number;
  /** Of the whole phase: as often as the weights move. */
  steps: number;
  stepsPerEpoch: number;
  /** For `step`. */
  step: TrainingConfig['step'];
}

/** Of a one-cycle schedule: the share of the steps in which the rate rises, and how far below its height it begins and ends. */
const CYCLE = { rise: 0.3, start: 25, end: 1e4 };

/**
 * Factor of the learning rate at a step (from 0). `constant`, `step` and `plateau` rise linearly and then stay, or fall by steps;
 * `cosine` falls along a half cosine to 0 (Loshchilov and Hutter 2017); `one-cycle` rises and falls along half cosines (Smith and
 * Topin 2018, with PyTorch's numbers), and has no other warm-up. What `plateau` takes away depends on validation, and is not in here.
 */
export function scheduleFactor(schedule: Schedule, step: number): number {
  const { kind, warmup, steps, stepsPerEpoch } = schedule;
  if (kind === 'one-cycle') return oneCycle(step, steps);
  const rising = Math.floor(warmup * steps);
  if (step < rising) return (step + 1) / (rising + 1);
  switch (kind) {
    case 'cosine':
      return 0.5 * (1 + Math.cos((Math.PI * (step - rising)) / Math.max(1, steps - rising)));
    case 'step':
      return schedule.step.factor ** Math.floor(Math.floor(step / stepsPerEpoch) / schedule.step.every);
    default:
      return 1;
  }
}

/** How often the weights move in an epoch, where `accumulate` batches make one step: what is left at its end makes one as well. */
export const movesOf = (batches: number, accumulate: number): number => Math.ceil(batches / accumulate);

/**
 * Which step of a phase a batch is part of, from 0, as a batch that large would be.
 *
 * @param batch of the phase, from 0 @param batches of an epoch
 */
export const moveAt = (batch: number, batches: number, accumulate: number): number =>
  Math.floor(batch / batches) * movesOf(batches, accumulate) + Math.floor((batch % batches) / accumulate);

function oneCycle(step: number, steps: number): number {
  const top = Math.max(1, CYCLE.rise * steps - 1);
  const between = (from: number, to: number, share: number): number =>
    to + ((from - to) / 2) * (1 + Math.cos(Math.PI * share));
  if (step <= top) return between(1 / CYCLE.start, 1, step / top);
  return between(1, 1 / (CYCLE.start * CYCLE.end), (step - top) / Math.max(1, steps - 1 - top));
}
