import type { Dataset, Sample, Split } from '../../contract/dataset.ts';
import { GraftError } from '../../contract/errors.ts';
import type { Run } from '../../contract/run.ts';
import { listEvaluations } from '../../store/evaluations.ts';
import { getSplit, type ReadableDatabase } from '../../store/index.ts';
import { getComparison, listRunsOfComparison } from '../../store/runs.ts';
import { chooseComparison } from '../evaluate.ts';
import type { Session } from '../session.ts';
import { requireRun } from '../train-model.ts';

/** Of a comparison, in this order, when nobody says which. */
const ORDER = ['fine-tuned', 'probe', 'scratch'];

/**
 * A finished run that has a model: the one asked for, or the best one of the comparison made last.
 *
 * @throws GraftError `run-missing`, `comparison-missing`, `run-without-model`
 */
export function runWithModel(session: Pick<Session, 'project'>, runId: number | undefined): Run {
  const runs =
    runId === undefined
      ? listRunsOfComparison(session.project.db, chooseComparison(session, undefined).id)
      : [requireRun(session, runId)];
  const usable = runs.filter(({ state, approach }) => state === 'done' && ORDER.includes(approach));
  const [first] = usable.sort((a, b) => ORDER.indexOf(a.approach) - ORDER.indexOf(b.approach));
  if (first) return first;
  throw new GraftError(
    'run-without-model',
    `Expected a finished run with a model, found ${runs.map(({ id, approach, state }) => `run ${id} (${approach}, ${state})`).join(', ') || 'none'}. Choose another with --run; graft runs lists them.`,
  );
}

export const splitOfRun = (db: ReadableDatabase, run: Pick<Run, 'comparisonId'>): Split =>
  getSplit(db, getComparison(db, run.comparisonId)!.splitId)!;

export interface ImageOfSplit {
  instanceId: number;
  /** From 0. */
  frameIndex: number;
}

/** All samples of a dataset with the set that each is in, those kept out of results among them. */
export function samplesBySet(dataset: Dataset): { sample: Sample; set: string }[] {
  const { train, validation, test, evaluationSets, excluded } = dataset;
  const sets = { train, validation, test, ...evaluationSets };
  return [
    ...Object.entries(sets).flatMap(([set, samples]) => samples.map((sample) => ({ sample, set }))),
    ...excluded.map(({ sample, role }) => ({ sample, set: role })),
  ];
}

/**
 * The samples of images. Those of a held-out set that was not opened for this run stay closed: to look at why the model says what it says
 * is to look at them.
 *
 * @throws GraftError `image-not-in-split`, `set-locked`
 */
export function samplesOf(
  db: ReadableDatabase,
  run: Run,
  dataset: Dataset,
  images: readonly ImageOfSplit[],
): Sample[] {
  const known = new Map(
    samplesBySet(dataset).map((one) => [`${one.sample.instanceId}/${one.sample.frameIndex}`, one]),
  );
  const opened = new Set([
    'train',
    'validation',
    ...listEvaluations(db, run.id).map(({ setName }) => setName),
  ]);
  return images.map(({ instanceId, frameIndex }) => {
    const found = known.get(`${instanceId}/${frameIndex}`);
    if (!found) {
      throw new GraftError(
        'image-not-in-split',
        `Expected an image that takes part in the split of run ${run.id}, found image ${instanceId}${frameIndex > 0 ? `, frame ${frameIndex}` : ''}. Choose one that is labelled and was dealt to a set.`,
      );
    }
    if (opened.has(found.set)) return found.sample;
    throw new GraftError(
      'set-locked',
      `Expected an image of a set that is open, found one of ${found.set}, which was not opened for run ${run.id}. Evaluate the run on it first: each opening is counted.`,
    );
  });
}
