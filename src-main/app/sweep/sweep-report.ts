import type { ErrorRecord } from '../../contract/errors.ts';
import type { Run } from '../../contract/run.ts';
import type { SweepReport, Trial, TrialRun, TrialState } from '../../contract/sweep.ts';
import type { EpochMetrics, Monitor } from '../../contract/training.ts';
import { listEpochs } from '../../store/epochs.ts';
import type { ReadableDatabase } from '../../store/index.ts';
import { getRun } from '../../store/runs.ts';
import { listPlaces, listTrials, type StoredSweep } from '../../store/sweeps.ts';
import { compareValues, foldMean, objectiveOf, type Round, roundsOf } from '../../training/sweep/index.ts';

/** A trial with all that was measured of it. */
export interface MeasuredTrial {
  number: number;
  choices: Trial['choices'];
  runs: { fold: number; run: Run; epochs: EpochMetrics[] }[];
}

/** What is stored of a sweep's trials, from trial 1. */
export function measuredTrials(db: ReadableDatabase, sweepId: number): MeasuredTrial[] {
  const places = Map.groupBy(listPlaces(db, sweepId), ({ trial }) => trial);
  return listTrials(db, sweepId).map(({ number, choices }) => ({
    number,
    choices,
    runs: (places.get(number) ?? []).map(({ fold, runId }) => ({
      fold,
      run: getRun(db, runId)!,
      epochs: listEpochs(db, runId),
    })),
  }));
}

/** What trials are compared by. */
export const objectiveOfSweep = ({ definition, plan }: StoredSweep): Monitor =>
  definition.objective ?? plan.settings?.earlyStopping?.monitor ?? 'val_loss';

/** The rounds that a sweep goes through. */
export function roundsOfSweep({ definition }: StoredSweep, trials: readonly MeasuredTrial[]): Round[] {
  return roundsOf(
    definition,
    trials.map(({ runs }) => runs[0].run.config),
  );
}

/**
 * The trials that take part in a round, from 0: all in the first, and in each other the better ones of the round before, as they stood at
 * its end. Decided from stored epochs alone, so that a sweep that goes on decides as before.
 */
export function participants(
  trials: readonly MeasuredTrial[],
  rounds: readonly Round[],
  round: number,
  objective: Monitor,
): MeasuredTrial[] {
  if (round === 0) return [...trials];
  const within = rounds[round - 1].epochs;
  const compare = compareValues(objective);
  const standing = participants(trials, rounds, round - 1, objective)
    // One that failed later was there: what has been decided stays so.
    .filter(({ runs }) => runs.every((one) => isTrained(one, rounds[round - 1])))
    .map((trial) => ({ trial, value: meanOf(trial, objective, within).mean }));
  return standing
    .sort((a, b) => compare(a.value, b.value) || a.trial.number - b.trial.number)
    .slice(0, rounds[round].trials)
    .map(({ trial }) => trial);
}

const meanOf = ({ runs }: MeasuredTrial, objective: Monitor, within?: number): ReturnType<typeof foldMean> =>
  foldMean(runs.map(({ epochs }) => objectiveOf(epochs, objective, within)));

/** A sweep as it stands, its trials sorted: those that came furthest first, of these the best. */
export function sweepReport(db: ReadableDatabase, sweep: StoredSweep): SweepReport {
  const objective = objectiveOfSweep(sweep);
  const measured = measuredTrials(db, sweep.id);
  const compare = compareValues(objective);
  const begun = measured.every(({ runs }) => runs.length > 0);
  const rounds = begun ? roundsOfSweep(sweep, measured) : [];
  const reached = roundsReached(measured, rounds, objective);
  const trials = measured
    .map((trial) => trialReport(trial, objective, reached, sweep))
    .sort((a, b) => b.round - a.round || compare(a.mean, b.mean) || a.number - b.number);
  const { id, splitId, state, definition, createdAt, finishedAt, error } = sweep;
  const best = trials.find(({ mean }) => mean !== null)?.number ?? null;
  return { id, splitId, state, definition, objective, createdAt, finishedAt, error, trials, best };
}

/** For each trial the last round, from 1, that is known to have it; and which round is the last that has begun. */
function roundsReached(
  trials: readonly MeasuredTrial[],
  rounds: readonly Round[],
  objective: Monitor,
): { of: Map<number, number>; last: number } {
  const of = new Map(trials.map(({ number }) => [number, 1]));
  let last = 1;
  for (let round = 1; round < rounds.length; round++) {
    const before = participants(trials, rounds, round - 1, objective);
    if (!before.every((trial) => hasFinished(trial, rounds[round - 1]))) break;
    last = round + 1;
    for (const { number } of participants(trials, rounds, round, objective)) of.set(number, last);
  }
  return { of, last };
}

/** Whether a round has no more to ask of a trial. */
const hasFinished = ({ runs }: MeasuredTrial, round: Round): boolean =>
  runs.some(({ run }) => run.state === 'failed') || runs.every((one) => isTrained(one, round));

/** Whether a run has come as far as a round asks, or ended before of itself. */
export const isTrained = (
  { run, epochs }: MeasuredTrial['runs'][number],
  { epochs: until }: Round,
): boolean =>
  epochs.length >= Math.min(until, run.config.epochs) ||
  (run.state === 'done' && run.result !== null && run.result.complete !== false);

function trialReport(
  trial: MeasuredTrial,
  objective: Monitor,
  reached: { of: Map<number, number>; last: number },
  sweep: StoredSweep,
): Trial {
  const { number, choices, runs } = trial;
  const round = reached.of.get(number)!;
  const failure = errorOf(runs);
  const sum = (of: (run: MeasuredTrial['runs'][number]) => number): number =>
    runs.reduce((total, run) => total + of(run), 0);
  return {
    number,
    choices,
    state: stateOf(trial, round < reached.last, sweep),
    ...(failure === null ? meanOf(trial, objective) : { mean: null, standardError: null }),
    epochs: sum(({ epochs }) => epochs.length),
    seconds: sum(({ epochs }) => epochs.reduce((total, { seconds }) => total + seconds, 0)),
    round,
    runs: runs.map(({ fold, run, epochs }): TrialRun => ({
      runId: run.id,
      fold,
      state: run.state,
      epochs: epochs.length,
      value: objectiveOf(epochs, objective),
    })),
    error: failure,
  };
}

const errorOf = (runs: MeasuredTrial['runs']): ErrorRecord | null =>
  runs.find(({ run }) => run.state === 'failed')?.run.error ?? null;

function stateOf({ runs }: MeasuredTrial, dropped: boolean, sweep: StoredSweep): TrialState {
  const states = runs.map(({ run }) => run.state);
  if (states.includes('failed')) return 'failed';
  if (states.includes('running')) return 'running';
  if (dropped) return 'dropped';
  if (states.length > 0 && states.every((state) => state === 'done')) return 'done';
  const over = sweep.state !== 'running' && sweep.state !== 'queued';
  if (states.some((state) => state !== 'queued')) return over ? 'stopped' : 'waiting';
  return 'waiting';
}
