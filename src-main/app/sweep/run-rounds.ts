import { rmSync } from 'node:fs';
import type { Dataset } from '../../contract/dataset.ts';
import type { Run } from '../../contract/run.ts';
import type { JobHandle } from '../../jobs/job-runner.ts';
import { runTrials, type RunTrialsOptions } from '../../jobs/run-trials.ts';
import { runFolder } from '../../jobs/train-run.ts';
import type { Project } from '../../store/index.ts';
import type { StoredSweep } from '../../store/sweeps.ts';
import type { Round } from '../../training/sweep/index.ts';
import type { TrainReporting } from '../reporting.ts';
import { SweepProgress } from './sweep-progress.ts';
import {
  isTrained,
  type MeasuredTrial,
  measuredTrials,
  objectiveOfSweep,
  participants,
  roundsOfSweep,
} from './sweep-report.ts';

/** One training that a round asks for. */
interface RoundTraining {
  run: Run;
  trial: number;
  /** For people. */
  name: string;
  /** Epochs that it is to do in this round, at most; of the rounds before; and all that are stored. */
  epochs: number;
  before: number;
  stored: number;
  done: boolean;
}

type RoundReporting = Pick<TrainReporting, 'pause' | 'onEpoch'> & Pick<RunTrialsOptions, 'startWorker'>;

/** Trains what the rounds of a sweep ask for and is not done yet. */
export async function runRounds(
  project: Project,
  sweep: StoredSweep,
  datasets: ReadonlyMap<number, Dataset>,
  handle: JobHandle,
  reporting: RoundReporting,
): Promise<void> {
  const all = measuredTrials(project.db, sweep.id);
  const rounds = roundsOfSweep(sweep, all);
  const progress = new SweepProgress(...workOf(rounds, all[0].runs.length), handle.onProgress);
  for (const [at, round] of rounds.entries()) {
    const trials = measuredTrials(project.db, sweep.id);
    const chosen = participants(trials, rounds, at, objectiveOfSweep(sweep));
    for (const trial of trials)
      if (!chosen.includes(trial)) for (const { run } of trial.runs) discard(project, run.id);
    const trainings = chosen.flatMap((trial) => trainingsOf(trial, round, rounds[at - 1]));
    const last = at === rounds.length - 1;
    await runRound(project, { round, last, trainings, datasets, progress }, handle, reporting);
  }
}

/** Trials and epochs of all rounds. */
function workOf(rounds: readonly Round[], folds: number): [trials: number, epochs: number] {
  return rounds.reduce<[number, number]>(
    ([trials, epochs], round, at) => [
      trials + round.trials,
      epochs + round.trials * folds * (round.epochs - (rounds[at - 1]?.epochs ?? 0)),
    ],
    [0, 0],
  );
}

function trainingsOf(trial: MeasuredTrial, round: Round, before: Round | undefined): RoundTraining[] {
  const failed = trial.runs.some(({ run }) => run.state === 'failed');
  return trial.runs.map((one) => ({
    run: one.run,
    trial: trial.number,
    name: one.fold === 0 ? `trial ${trial.number}` : `trial ${trial.number}, fold ${one.fold}`,
    epochs: Math.max(0, Math.min(round.epochs, one.run.config.epochs) - (before?.epochs ?? 0)),
    before: before?.epochs ?? 0,
    stored: one.epochs.length,
    done: failed || (one.run.state === 'done' && isTrained(one, round)),
  }));
}

interface RoundWork {
  round: Round;
  last: boolean;
  trainings: readonly RoundTraining[];
  datasets: ReadonlyMap<number, Dataset>;
  progress: SweepProgress;
}

async function runRound(
  project: Project,
  { round, last, trainings, datasets, progress }: RoundWork,
  { signal }: JobHandle,
  { onEpoch, ...work }: RoundReporting,
): Promise<void> {
  const left = Map.groupBy(
    trainings.filter(({ done }) => !done),
    ({ trial }) => trial,
  );
  for (const one of trainings) if (one.done) progress.find(one.epochs);
  for (const trial of new Set(trainings.map((one) => one.trial))) if (!left.has(trial)) progress.endTrial();
  const byRun = new Map(trainings.map((one) => [one.run.id, one]));
  progress.tell();
  await runTrials(
    project,
    [...left.values()].flat().map(({ run, trial }) => ({
      runId: run.id,
      group: trial,
      config: run.config,
      dataset: datasets.get(run.id)!,
      resume: true,
      // What a sweep finds is a plan; a model of its own would be a model that was chosen among many on the same images.
      keepModel: false,
      ...(round.epochs < run.config.epochs ? { until: round.epochs } : {}),
    })),
    {
      what: 'The sweep',
      signal,
      ...work,
      onStart: (runId) => {
        const { name, epochs, before, stored } = byRun.get(runId)!;
        progress.begin(runId, name, epochs, before, stored);
      },
      onProgress: (runId, inside) => progress.tell(runId, inside),
      onEpoch: (runId, metrics) => {
        progress.epoch(runId, metrics.epoch);
        onEpoch?.(runId, metrics);
      },
      onEnd: (runId, state) => {
        progress.end(runId);
        if (last) discard(project, runId);
        const { trial } = byRun.get(runId)!;
        const others = left.get(trial)!.filter(({ run }) => run.id !== runId);
        // The rest of a trial that failed is not begun.
        left.set(trial, state === 'failed' ? [] : others);
        if (state === 'failed') for (const one of others) progress.find(one.epochs);
        if (left.get(trial)!.length === 0) progress.endTrial();
        progress.tell();
      },
    },
  );
}

/** Checkpoints of trainings that nobody goes on with: there can be many, and large ones. */
function discard(project: Project, runId: number): void {
  rmSync(runFolder(project, runId), { recursive: true, force: true });
}
