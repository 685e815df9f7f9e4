import type { explanationCalls, ShownExplanation } from '../../contract/calls/explanations.ts';
import type { Heatmap, SentHeatmap } from '../../contract/explanation.ts';
import { offeredLayers } from '../../explanation/index.ts';
import { modelFoldersOf } from '../../jobs/predict-ensemble.ts';
import { readModelNetwork } from '../../models/index.ts';
import { listChecks } from '../../store/checks.ts';
import { checkRun } from '../checks/check-run.ts';
import {
  type AskedImage,
  checkExplanations,
  explainImages,
  type HowToExplain,
  keptCheck,
  keptExplanation,
} from '../explain/explain-images.ts';
import { runWithModel } from '../explain/explainable.ts';
import type { ParsedInputOf } from '../../contract/call.ts';
import type { Desk, Handlers } from './desk.ts';

type Query = ParsedInputOf<(typeof explanationCalls)['explanations.find']>;

const askedOf = ({ instanceId, frameIndex, classIndex }: Query): AskedImage => ({
  instanceId,
  frameIndex,
  classIndex,
});
const howOf = ({ method, layer }: Query): HowToExplain => ({ method, layer, patch: null, stride: null });

export const explanationHandlers: Handlers<typeof explanationCalls> = {
  'explanations.layers': ({ runId }, { session }) => {
    const [folder] = modelFoldersOf(session.project, runWithModel(session, runId));
    return offeredLayers(readModelNetwork(folder));
  },
  'explanations.find': (query, desk) => found(query, desk),
  'explanations.make': ({ check, ...query }, desk) => {
    const run = runWithModel(desk.session, query.runId);
    const title = check ? 'Checking an explanation' : 'Explaining an image';
    return desk.startJob({ kind: 'explain', title }, async (session, reporting) => {
      const [{ classIndex }] = await explainImages(session, run, [askedOf(query)], howOf(query), reporting);
      // Of the class that was explained, whichever way it was chosen.
      if (check)
        await checkExplanations(session, run, [{ ...askedOf(query), classIndex }], howOf(query), reporting);
    });
  },
  'checks.list': ({ runId }, { session }) => listChecks(session.project.db, runId),
  'checks.run': ({ runId, kind, set }, desk) =>
    desk.startJob({ kind: 'check', title: `Check: ${kind}` }, async (session, reporting) => {
      await checkRun(session, kind, { runId, ...(set === undefined ? {} : { set }) }, reporting);
      desk.tell({ kind: 'changed', what: 'evaluations' });
    }),
};

function found(query: Query, { session }: Desk): ShownExplanation | null {
  const { project } = session;
  const run = runWithModel(session, query.runId);
  const explanation = keptExplanation(project, run, askedOf(query), howOf(query));
  if (!explanation) return null;
  const asked = { ...askedOf(query), classIndex: explanation.classIndex };
  const kept = keptCheck(project, run, [asked], howOf(query));
  return {
    explanation: { ...explanation, heatmap: sent(explanation.heatmap) },
    sanity: kept && { check: kept.check, own: sent(kept.own), drawn: kept.drawn.map(sent) },
  };
}

const sent = (heatmap: Heatmap): SentHeatmap => ({
  ...heatmap,
  values: Buffer.from(Uint8Array.from(heatmap.values, (value) => Math.round(255 * value))).toString('base64'),
});
