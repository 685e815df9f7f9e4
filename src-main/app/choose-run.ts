import { GraftError } from '../contract/errors.ts';
import type { Run } from '../contract/run.ts';
import { listRunsOfComparison } from '../store/runs.ts';
import { chooseComparison } from './evaluate.ts';
import type { Session } from './session.ts';
import { requireRun } from './train-model.ts';

/**
 * A finished run with a model, to be taken out of the project.
 *
 * @param runId default: the fine-tuned run of the comparison made last, or what there is of it
 * @throws GraftError `run-missing`, `run-not-exportable`, `comparison-missing`
 */
export function chooseModelRun(session: Session, runId: number | undefined): Run {
  const run = runId === undefined ? bestOfLatest(session) : requireRun(session, runId);
  if (run?.state === 'done' && run.approach !== 'majority') return run;
  throw new GraftError(
    'run-not-exportable',
    `Expected a finished run with a model, found ${run ? `run ${run.id} (${run.approach}, ${run.state})` : 'none'}. Choose another with --run; graft runs lists them.`,
  );
}

function bestOfLatest(session: Session): Run | undefined {
  const runs = listRunsOfComparison(session.project.db, chooseComparison(session, undefined).id);
  const order = ['fine-tuned', 'probe', 'scratch'];
  return order
    .map((approach) => runs.find((run) => run.approach === approach && run.state === 'done'))
    .find((run) => run !== undefined);
}
