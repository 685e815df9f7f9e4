import { rmSync } from 'node:fs';
import type { runCalls } from '../../contract/calls/runs.ts';
import { GraftError } from '../../contract/errors.ts';
import type { Comparison } from '../../contract/run.ts';
import { runFolder } from '../../jobs/train-run.ts';
import { listEnsembleMembers } from '../../store/ensembles.ts';
import { transaction } from '../../store/index.ts';
import { deleteComparison, getComparison, listRunsOfComparison, renameComparison } from '../../store/runs.ts';
import type { TrainReporting } from '../reporting.ts';
import { resumeRuns } from '../adaptation/resume.ts';
import { titleOfStart } from '../start-names.ts';
import { trainModel } from '../train-model.ts';
import { comparisonSummaries } from './comparison-summaries.ts';
import type { Desk, Handlers } from './desk.ts';
import { describeProject } from './projects.ts';
import { runLog } from './run-log.ts';

export const runHandlers: Handlers<typeof runCalls> = {
  'runs.start': ({ settings, preprocessing, split, approaches, name }, desk) => {
    const title = `Training ${name || titleOfStart(settings)}`;
    const job = desk.startJob({ kind: 'train', title }, async (session, reporting) => {
      const { splitId, options } = split;
      await trainModel(
        session,
        {
          split: { ...(splitId ? { splitId } : {}), ...(options && !splitId ? { options } : {}) },
          settings,
          ...(preprocessing ? { preprocessing: withoutUndefined(preprocessing) } : {}),
          ...(approaches ? { approaches } : {}),
          onStart: ({ comparison }) => {
            if (name) renameComparison(session.project.db, comparison.id, name);
            desk.tell({ kind: 'changed', what: 'splits' });
            desk.tell({ kind: 'changed', what: 'runs' });
          },
        },
        training(desk, reporting),
      ).finally(() => runsChanged(desk));
    });
    return { job };
  },
  'runs.list': (_, { session }) => comparisonSummaries(session.project.db),
  'runs.resume': ({ comparisonId }, desk) => {
    requireComparison(desk, comparisonId);
    const [run] = listRunsOfComparison(desk.session.project.db, comparisonId);
    return desk.startJob(
      { kind: 'train', title: `Going on with training ${comparisonId}` },
      async (session, reporting) => {
        desk.tell({ kind: 'changed', what: 'runs' });
        await resumeRuns(session, run.id, training(desk, reporting)).finally(() => runsChanged(desk));
      },
    );
  },
  'runs.pause': ({ paused }, desk) => {
    if (paused !== null) desk.pause.set(paused);
    return desk.pause.paused;
  },
  'runs.rename': ({ comparisonId, name }, desk) => {
    requireComparison(desk, comparisonId);
    renameComparison(desk.session.project.db, comparisonId, name || null);
    desk.tell({ kind: 'changed', what: 'runs' });
    return null;
  },
  'runs.delete': ({ comparisonId }, desk) => {
    const { project } = desk.session;
    requireComparison(desk, comparisonId);
    const runs = listRunsOfComparison(project.db, comparisonId);
    const members = runs.flatMap(({ id }) => listEnsembleMembers(project.db, id)).map(({ runId }) => runId);
    if (runs.some(({ state }) => state === 'running')) {
      throw new GraftError(
        'run-running',
        'Expected a training that has ended, found one that runs. Cancel it first.',
      );
    }
    transaction(project.db, () => deleteComparison(project.db, comparisonId));
    for (const id of [...runs.map((run) => run.id), ...members])
      rmSync(runFolder(project, id), { recursive: true, force: true });
    runsChanged(desk);
    return null;
  },
  'runs.log': ({ comparisonId }, desk) => {
    requireComparison(desk, comparisonId);
    return runLog(desk.session.project.db, comparisonId);
  },
};

/** Epochs are told as they are stored; a new training never begins on hold. */
function training(desk: Desk, reporting: TrainReporting): TrainReporting {
  desk.pause.set(false);
  return {
    ...reporting,
    pause: desk.pause,
    onEpoch: (runId, metrics) => desk.tell({ kind: 'epoch', runId, metrics }),
  };
}

function runsChanged(desk: Desk): void {
  if (!desk.isOpen) return;
  desk.pause.set(false);
  desk.tell({ kind: 'changed', what: 'runs' });
  desk.tell({ kind: 'project', project: describeProject(desk) });
}

function requireComparison({ session }: Desk, id: number): Comparison {
  const found = getComparison(session.project.db, id);
  if (found) return found;
  throw new GraftError('comparison-missing', `Expected a training of this project, found ${id}.`);
}

/** What was left out stays out: an undefined would win over a default. */
const withoutUndefined = <Value extends object>(
  value: Value,
): { [Key in keyof Value]: NonNullable<Value[Key]> } =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as never;
