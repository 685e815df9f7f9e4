import { rmSync } from 'node:fs';
import { planSchema } from '../../contract/calls/plans.ts';
import type { sweepCalls } from '../../contract/calls/sweeps.ts';
import { GraftError } from '../../contract/errors.ts';
import { runFolder } from '../../jobs/train-run.ts';
import { savePlan } from '../../store/plans.ts';
import { deleteSweep, listPlaces, listSweeps } from '../../store/sweeps.ts';
import { getComparison, listRunsOfComparison } from '../../store/runs.ts';
import { learningCurves, trainLearningCurve } from '../sweep/learning-curve.ts';
import { planOfTrial, requireSweep } from '../sweep/read-sweeps.ts';
import { resumeSweep, sweepPlans } from '../sweep/sweep.ts';
import { sweepReport } from '../sweep/sweep-report.ts';
import type { Desk, Handlers } from './desk.ts';
import { held } from './held.ts';
import { currentPlan } from './plans.ts';

export const sweepHandlers: Handlers<typeof sweepCalls> = {
  'sweeps.start': ({ plan, sweep }, desk) =>
    desk.startJob({ kind: 'sweep', title: 'Searching for a better plan' }, async (session, reporting) => {
      const { splitId, options } = plan.split;
      await sweepPlans(
        session,
        {
          plan: {
            settings: plan.settings,
            preprocessing: plan.preprocessing,
            split: splitId === null ? { options } : { splitId },
          },
          sweep,
          onStart: () => {
            desk.tell({ kind: 'changed', what: 'splits' });
            desk.tell({ kind: 'changed', what: 'runs' });
          },
        },
        held(desk, reporting),
      ).finally(() => changed(desk));
    }),
  'sweeps.list': (_, { session }) => {
    const { db } = session.project;
    return listSweeps(db).map((sweep) => sweepReport(db, sweep));
  },
  'sweeps.resume': ({ sweepId }, desk) => {
    requireSweep(desk.session.project, sweepId);
    return desk.startJob(
      { kind: 'sweep', title: `Going on with sweep ${sweepId}` },
      async (session, reporting) => {
        await resumeSweep(session, sweepId, held(desk, reporting)).finally(() => changed(desk));
      },
    );
  },
  'sweeps.usePlan': ({ sweepId, trial }, desk) => {
    const { project } = desk.session;
    const { settings, preprocessing, split } = planOfTrial(project, sweepId, trial);
    const before = currentPlan(desk);
    const plan = planSchema.parse({
      ...before,
      settings,
      preprocessing: { ...before.preprocessing, ...preprocessing },
      split: { ...before.split, splitId: split?.splitId ?? null },
    });
    savePlan(project.db, plan);
    return plan;
  },
  'sweeps.learningCurve': ({ comparisonId, design }, desk) => {
    const { db } = desk.session.project;
    const comparison = getComparison(db, comparisonId);
    const run = listRunsOfComparison(db, comparisonId).find(({ approach }) => approach === 'fine-tuned');
    if (!comparison || !run) {
      throw new GraftError(
        'comparison-missing',
        `Expected a training of this project that was fine-tuned, found none with the number ${comparisonId}. Train one first.`,
      );
    }
    return desk.startJob(
      { kind: 'sweep', title: 'Training the points of a learning curve' },
      async (session, reporting) => {
        await trainLearningCurve(
          session,
          {
            plan: {
              settings: { ...run.config, folds: null },
              preprocessing: run.preprocessing,
              split: { splitId: comparison.splitId },
            },
            design,
            onStart: () => changed(desk),
          },
          held(desk, reporting),
        ).finally(() => changed(desk));
      },
    );
  },
  'sweeps.learningCurves': (_, { session }) => learningCurves(session.project.db),
  'sweeps.delete': ({ sweepId }, desk) => {
    const { project } = desk.session;
    if (requireSweep(project, sweepId).state === 'running') {
      throw new GraftError(
        'sweep-running',
        'Expected a sweep that has ended, found one that runs. Stop it first.',
      );
    }
    const places = listPlaces(project.db, sweepId);
    deleteSweep(project.db, sweepId);
    for (const { runId } of places) rmSync(runFolder(project, runId), { recursive: true, force: true });
    changed(desk);
    return null;
  },
};

function changed(desk: Desk): void {
  if (desk.isOpen) desk.tell({ kind: 'changed', what: 'runs' });
}
