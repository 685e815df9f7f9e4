import type { Sweep } from '../../contract/sweep.ts';
import type { TrainingConfig } from '../../contract/training.ts';

/** One round of successive halving. */
export interface Round {
  /** Trials that take part. */
  trials: number;
  /** Epochs after which they are compared. */
  epochs: number;
}

/**
 * The rounds of successive halving (Jamieson and Talwalkar 2016): of each, one trial in `factor` goes on with `factor` times the epochs;
 * the last has all epochs of the plan. As many rounds as it takes to leave a few, and no more than the epochs can be divided into, as
 * scikit-learn's `HalvingRandomSearchCV(min_resources='exhaust')` lays them out.
 *
 * What grows is how far a training has come, not what it is: every trial trains the plan with all its epochs, and is held after those of
 * its round. Its rate follows the schedule of the whole training, so that a survivor goes on from its checkpoint and ends exactly as if
 * it had never been held. The alternative, a short training with a schedule of its own in each round, would have to start anew every time,
 * and would rank plans by how they do in short trainings. The price: rates are still high in early rounds, for all trials alike.
 *
 * @param epochs of the plan
 * @param least epochs of the first round
 */
export function halvingRounds(trials: number, epochs: number, least: number, factor: number): Round[] {
  const base = Math.min(least, epochs);
  const wanted = 1 + wholeLogarithm(trials, factor);
  const possible = 1 + wholeLogarithm(epochs / base, factor);
  const count = Math.min(wanted, possible);
  const rounds: Round[] = [];
  let left = trials;
  for (let round = 0; round < count; round++) {
    const share = Math.floor(epochs / factor ** (count - 1 - round));
    rounds.push({ trials: left, epochs: Math.max(base, share) });
    left = Math.ceil(left / factor);
  }
  return rounds;
}

/** Largest whole n with base ** n ≤ value; Math.log alone is off by one where they are equal. */
function wholeLogarithm(value: number, base: number): number {
  let power = 0;
  while (base ** (power + 1) <= value) power++;
  return power;
}

/** The rounds of a sweep: for `grid` and `random` one with all epochs. */
export function roundsOf(
  { strategy, factor, minimumEpochs }: Sweep,
  trials: readonly TrainingConfig[],
): Round[] {
  const epochs = Math.max(...trials.map((one) => one.epochs));
  if (strategy !== 'halving') return [{ trials: trials.length, epochs }];
  // Trials that differ in how the backbone learns cannot be told apart before it does.
  const least = minimumEpochs ?? 1 + Math.max(...trials.map(headAlone));
  return halvingRounds(trials.length, epochs, least, factor);
}

/** Epochs in which the head learns alone before the backbone joins; 0 where nothing ever joins, or all learns from the start. */
function headAlone(config: TrainingConfig): number {
  const { initial, unfreeze, trainableLayers, freezeUntil, freezePreset, epochs, headEpochs } = config;
  if (initial === 'random') return 0;
  if (unfreeze) return Math.min(...unfreeze.map(({ epoch }) => epoch)) - 1;
  const preset = trainableLayers === null && freezeUntil === null ? freezePreset : null;
  if (preset === 'feature-extraction') return 0;
  return preset === 'lp-ft' ? Math.max(headEpochs, Math.ceil(epochs / 2)) : headEpochs;
}
