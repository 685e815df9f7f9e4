import { chooseDomains } from '../../cohort/index.ts';
import { adaptationTitle } from '../../contract/adaptation-stages.ts';
import type { adaptationCalls } from '../../contract/calls/adaptations.ts';
import { listJudgements } from '../../store/judgements.ts';
import { getComparison } from '../../store/runs.ts';
import { adapt } from '../adaptation/adapt.ts';
import { auditOf, chooseAudit } from '../adaptation/audit.ts';
import { originOfRun } from '../../store/arrived-models.ts';
import { bringModel } from '../travelling/bring-model.ts';
import { adaptableRun } from '../adaptation/adaptable-run.ts';
import { adaptationCandidates } from '../adaptation/candidates.ts';
import { groupOf } from '../adaptation/group.ts';
import { judgeAdaptation, keepRun } from '../adaptation/judge.ts';
import { requireRun } from '../train-model.ts';
import type { Desk, Handlers } from './desk.ts';

export const adaptationHandlers: Handlers<typeof adaptationCalls> = {
  'adaptations.runs': (_, { session }) =>
    adaptationCandidates(session.project).map((run) => adaptableRun(session.project, run)),
  'adaptations.bring': async ({ path }, desk) => {
    const { session } = desk;
    const run = await bringModel(session, path);
    changed(desk);
    return adaptableRun(session.project, run);
  },
  'adaptations.count': ({ runId, domains }, { session }) => {
    const { comparisonId } = requireRun(session, runId);
    const { splitId } = getComparison(session.project.db, comparisonId)!;
    const away = originOfRun(session.project.db, runId) !== null;
    return chooseDomains(session.project, splitId, domains, 0, away).facts;
  },
  'adaptations.start': ({ runId, domains, methods, strength }, desk) => {
    const names = methods.map(adaptationTitle).join(', ');
    return desk.startJob(
      { kind: 'adapt', title: `Adapting run ${runId}: ${names}` },
      async (session, reporting) => {
        desk.pause.set(false);
        try {
          const settings = strength === null ? {} : { strength };
          const { runs } = await adapt(
            session,
            { runId, domains, methods, settings, onStart: () => changed(desk) },
            { ...reporting, pause: desk.pause },
          );
          const done = runs.filter(({ state }, at) => at > 0 && state === 'done');
          if (done.length > 0) await judgeAdaptation(session, { runId: done[0].id }, reporting);
        } finally {
          changed(desk);
        }
      },
    );
  },
  'adaptations.judge': ({ runId }, desk) =>
    desk.startJob({ kind: 'evaluate', title: 'Judging adapted models' }, async (session, reporting) => {
      await judgeAdaptation(session, { runId }, reporting);
      changed(desk);
    }),
  'adaptations.judgements': (_, { session: { project } }) =>
    listJudgements(project.db).map((stored) => {
      const adapted = stored.judgement.candidates.find(({ method }) => method !== null);
      const group = adapted && groupIfThere(project.db, adapted.runId);
      return { ...stored, audit: group ? auditOf(project, group) : null };
    }),
  'adaptations.audit': ({ runId, difference }, desk) => {
    const audit = chooseAudit(desk.session, { runId, difference });
    changed(desk);
    return audit;
  },
  'adaptations.keep': ({ runId }, desk) => {
    const stored = keepRun(desk.session, runId);
    changed(desk);
    return stored;
  },
};

/** Null where the adapted run was deleted since. */
function groupIfThere(...call: Parameters<typeof groupOf>): ReturnType<typeof groupOf> | null {
  try {
    return groupOf(...call);
  } catch {
    return null;
  }
}

function changed(desk: Desk): void {
  if (desk.isOpen) desk.tell({ kind: 'changed', what: 'runs' });
}
