import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunScores, SetEvaluation, SetScores } from '../../contract/calls/evaluations.ts';
import { GraftError } from '../../contract/errors.ts';
import { type Comparison, OUT_OF_FOLD, type Prediction, type Run } from '../../contract/run.ts';
import { predictedClass, rankClasses, rankFindings } from '../../evaluation/index.ts';
import { sha256, writeFileAtomic } from '../../platform/files.ts';
import { currentAnalysisSettings } from '../../store/analyses.ts';
import { listEvaluations } from '../../store/evaluations.ts';
import { getSplit } from '../../store/index.ts';
import { listPredictions } from '../../store/predictions.ts';
import { getComparison, listRunsOfComparison } from '../../store/runs.ts';
import { resultsOf, type SetResult } from '../results.ts';
import { looksAt } from '../test-looks.ts';
import type { Desk } from './desk.ts';
import { attributesOf } from './scored-attributes.ts';
import { sentencesOf } from './evaluation-sentences.ts';

/**
 * Everything about one set of a comparison. Tables with their thousand replicates are computed once and kept in the
 * project's cache under a name that changes with the predictions.
 *
 * @throws GraftError `comparison-missing`, `not-evaluated`
 */
export async function setEvaluation(
  desk: Desk,
  comparisonId: number,
  setName: string,
): Promise<SetEvaluation> {
  const { db } = desk.session.project;
  const comparison = getComparison(db, comparisonId);
  if (!comparison) {
    throw new GraftError('comparison-missing', `Expected a training of this project, found ${comparisonId}.`);
  }
  const runs = listRunsOfComparison(db, comparisonId).filter(({ state }) => state === 'done');
  const evaluations = runs.map((run) => ({
    run,
    evaluation: listEvaluations(db, run.id).find((one) => one.setName === setName),
  }));
  if (runs.length === 0 || evaluations.some(({ evaluation }) => !evaluation)) throw notEvaluated(setName);
  const stamp = evaluations.map(({ run, evaluation }) => [run.id, evaluation!.id, evaluation!.evaluatedAt]);
  const { classes } = getSplit(db, comparison.splitId)!;
  // What validation images fit, and the settings by which, make another analysis.
  const fittedBy = runs.map(
    (run) => listEvaluations(db, run.id).find((one) => one.setName === 'validation')?.evaluatedAt,
  );
  const settings = currentAnalysisSettings(db, comparisonId);
  const { table, withCopies, excluded, analysis } = await cachedResult(desk, comparison, setName, [
    stamp,
    fittedBy,
    settings,
  ]);
  const predictions = evaluations.map(({ run, evaluation }) => ({
    run,
    predictions: listPredictions(db, evaluation!.id),
  }));
  return {
    setName,
    table,
    withCopies,
    excluded,
    scores: scoresOf(desk, predictions, classes.length),
    sentences: sentencesOf(table),
    analysis,
    looks: setName === 'validation' || setName === OUT_OF_FOLD ? null : looksAt(db, comparisonId, setName),
  };
}

const notEvaluated = (setName: string): GraftError =>
  new GraftError(
    'not-evaluated',
    `Expected results on ${setName}, found none: it was not opened for this training yet. Evaluate it first.`,
  );

type Kept = Pick<SetResult, 'table' | 'withCopies' | 'excluded' | 'analysis'>;

/** Tables being computed, by file: who asks meanwhile waits for the same one. */
const underWay = new Map<string, Promise<Kept>>();

async function cachedResult(
  desk: Desk,
  comparison: Comparison,
  setName: string,
  stamp: unknown,
): Promise<Kept> {
  const { paths } = desk.session.project;
  const name = sha256(JSON.stringify(['evaluation-3', comparison.id, setName, stamp])).slice(0, 32);
  const file = join(paths.cache, 'evaluations', `${name}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Kept;
  const begun = underWay.get(file);
  if (begun) return begun;
  const computed = compute(desk, comparison, setName, file).finally(() => underWay.delete(file));
  underWay.set(file, computed);
  return computed;
}

async function compute(desk: Desk, comparison: Comparison, setName: string, file: string): Promise<Kept> {
  const { db } = desk.session.project;
  const results = await resultsOf(db, comparison, { sets: [setName] });
  const found = results.find((one) => one.setName === setName);
  if (!found) throw notEvaluated(setName);
  const { table, withCopies, excluded, analysis } = found;
  const kept = { table, withCopies, excluded, analysis };
  writeFileAtomic(file, JSON.stringify(kept));
  return kept;
}

function scoresOf(
  desk: Desk,
  models: readonly { run: Run; predictions: Prediction[] }[],
  classes: number,
): SetScores {
  const [{ predictions: first }] = models;
  const browser = desk.browser();
  const unknown = new Map<string, string>();
  const pseudonym = ({ instanceId, patientKey }: Prediction): string => {
    const row = instanceId === null ? undefined : browser.table.rowOf.get(instanceId);
    if (row !== undefined) return browser.pseudonym(row);
    if (!unknown.has(patientKey)) unknown.set(patientKey, `P-gone-${unknown.size + 1}`);
    return unknown.get(patientKey)!;
  };
  return {
    instanceIds: first.map(({ instanceId }) => instanceId),
    frameIndexes: first.map(({ frameIndex }) => frameIndex),
    pseudonyms: first.map(pseudonym),
    labels: first.map(({ label }) => label),
    ...(first[0]?.findings ? { findings: first.flatMap(({ findings }) => [...findings!]) } : {}),
    excluded: first.map(({ excluded }) => excluded),
    runs: models.map(({ run, predictions }) => runScores(run, predictions, classes)),
    attributes: attributesOf(browser.table, first),
  };
}

function runScores(run: Run, predictions: readonly Prediction[], classes: number): RunScores {
  const counting = predictions.filter(({ excluded }) => excluded === null);
  const scores = counting.map(({ probabilities }) => probabilities);
  const ranked = counting[0]?.findings
    ? rankFindings(
        counting.map(({ findings }) => findings!),
        scores,
        classes,
      )
    : rankClasses(
        counting.map(({ label }) => label),
        scores,
        classes,
      );
  return {
    approach: run.approach,
    runId: run.id,
    // Six digits are more than a float32 holds where it matters, and half the text.
    probabilities: predictions.flatMap(({ probabilities }) =>
      Array.from(probabilities, (value) => Number(value.toPrecision(6))),
    ),
    ...(predictions.some(({ disagreement }) => disagreement !== undefined)
      ? {
          disagreement: predictions.map(({ disagreement }) =>
            Number(Math.sqrt((disagreement ?? 0) / classes).toPrecision(6)),
          ),
        }
      : {}),
    precisionRecall: ranked.map((one) => one.precisionRecall()),
    patientAccuracy: byPatient(counting, classes),
  };
}

/** Each patient once, by the mean of the probabilities; the true class is that of most of the patient's images. */
function byPatient(predictions: readonly Prediction[], classes: number): RunScores['patientAccuracy'] {
  const patients = [...Map.groupBy(predictions, ({ patientKey }) => patientKey).values()];
  const right = patients.filter((images) => {
    if (images[0].findings) return findingsRight(images, classes);
    const mean = new Float64Array(classes);
    const truth = new Float64Array(classes);
    for (const { probabilities, label } of images) {
      probabilities.forEach((value, at) => (mean[at] += value / images.length));
      truth[label]++;
    }
    return predictedClass(mean) === predictedClass(truth);
  }).length;
  return { right, patients: patients.length };
}

/** A patient shows a finding that one of the images shows, and does not where all that are known do not. */
function findingsRight(images: readonly Prediction[], findings: number): boolean {
  return Array.from({ length: findings }, (_, k) => {
    const known = images.flatMap(({ findings: truths }) => truths?.[k] ?? []);
    if (known.length === 0) return true;
    const mean = images.reduce((sum, { probabilities }) => sum + probabilities[k], 0) / images.length;
    return mean >= 0.5 === known.includes(1);
  }).every(Boolean);
}
