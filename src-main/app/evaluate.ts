import {
  analysisSettings,
  type AnalysisSettings,
  type AnalysisSettingsInput,
} from '../contract/analysis-settings.ts';
import type { Dataset, Split } from '../contract/dataset.ts';
import type { TestLooks } from '../contract/analysis.ts';
import { GraftError } from '../contract/errors.ts';
import { OUT_OF_FOLD, type Comparison, type Run } from '../contract/run.ts';
import { predictSets } from '../jobs/predict-run.ts';
import { chooseAnalysisSettings, currentAnalysisSettings } from '../store/analyses.ts';
import { saveEvaluation } from '../store/evaluations.ts';
import { getSplit } from '../store/index.ts';
import { listOpenings, recordOpening, type Opening } from '../store/openings.ts';
import { getComparison, latestComparison, listRunsOfComparison } from '../store/runs.ts';
import { resultsOf, type SetResult } from './results.ts';
import type { Session } from './session.ts';
import type { Reporting } from './reporting.ts';
import { looksAt } from './test-looks.ts';
import { prepare, requireRun } from './train-model.ts';

export interface EvaluateOptions {
  /** Any run of the comparison; default the comparison made last. All its finished runs are evaluated. */
  runId?: number;
  /** Default: validation, test and every evaluation set of the split. */
  sets?: readonly string[];
  /** How to analyse; what is left out stays as it was chosen last, or at its default. Chosen before anything is opened. */
  analysis?: AnalysisSettingsInput;
}

export interface EvaluateReport {
  comparison: Comparison;
  split: Split;
  runs: Run[];
  sets: string[];
  /** All openings of this split's held-out sets so far, these included. */
  openings: Opening[];
  results: SetResult[];
  /** Of each held-out set among them: every look at it, and what was changed between looks. */
  looks: Record<string, TestLooks>;
}

/**
 * Opens the held-out sets of a comparison's split and stores what each finished run predicts for them. Each opening of
 * a held-out set is counted before anything is computed, so that none goes uncounted.
 *
 * @throws GraftError `run-missing`, `comparison-missing`, `nothing-to-evaluate`, `set-unknown`, `cancelled`
 */
export async function evaluate(
  session: Session,
  options: EvaluateOptions = {},
  reporting: Reporting = {},
): Promise<EvaluateReport> {
  const { project, jobs } = session;
  const comparison = chooseComparison(session, options.runId);
  const split = getSplit(project.db, comparison.splitId)!;
  const runs = finishedRuns(session, comparison);
  const dataset = await prepare(session, split, runs[0].preprocessing, reporting);
  const sets = chooseSets(dataset, options.sets);
  const before = currentAnalysisSettings(project.db, comparison.id);
  const settings = analysisSettings.parse({ ...before, ...options.analysis });
  requireOneLabel(dataset, sets, settings);
  chooseAnalysisSettings(project.db, comparison.id, settings);
  for (const set of sets) if (set !== 'validation') recordOpening(project.db, split.id, set, comparison.id);
  for (const run of runs) {
    const title = `Evaluation of run ${run.id} (${run.approach})`;
    await jobs.run({ kind: 'evaluate', title, ...reporting }, async (handle) => {
      const predictions = await predictSets(project, run, dataset, sets, handle);
      for (const [set, of] of predictions) saveEvaluation(project.db, run.id, set, of);
    });
  }
  const results = await resultsOf(project.db, comparison, {
    sets: [...sets, OUT_OF_FOLD],
    ...(reporting.signal ? { signal: reporting.signal } : {}),
  });
  return {
    comparison,
    split,
    runs,
    sets,
    openings: listOpenings(project.db, split.hash),
    looks: Object.fromEntries(
      sets.filter((set) => set !== 'validation').map((set) => [set, looksAt(project.db, comparison.id, set)]),
    ),
    results,
  };
}

/** Said before a set is opened: afterwards it would have been opened for nothing. */
function requireOneLabel(
  dataset: Dataset,
  sets: readonly string[],
  { unit }: Pick<AnalysisSettings, 'unit'>,
): void {
  if (unit !== 'patient' || dataset.multiLabel) return;
  for (const set of sets) {
    const samples =
      set === 'test' || set === 'validation' ? dataset[set] : (dataset.evaluationSets[set] ?? []);
    const patients = [...Map.groupBy(samples, ({ patientKey }) => patientKey).values()];
    if (patients.some((images) => images.every(({ label }) => label === images[0].label))) continue;
    throw new GraftError(
      'analysis-mixed-labels',
      `Expected patients of ${set} whose images have one label, found none: all have images of different classes. Analyse by image (--unit image) or by series.`,
    );
  }
}

/** The comparison of a run, or the one made last. */
export function chooseComparison(session: Pick<Session, 'project'>, runId: number | undefined): Comparison {
  const { db } = session.project;
  const found =
    runId === undefined ? latestComparison(db) : getComparison(db, requireRun(session, runId).comparisonId);
  if (found) return found;
  throw new GraftError(
    'comparison-missing',
    'Expected a trained run in this project, found none. Train one first.',
  );
}

function finishedRuns({ project }: Session, comparison: Comparison): Run[] {
  const runs = listRunsOfComparison(project.db, comparison.id);
  const done = runs.filter(({ state }) => state === 'done');
  if (done.length > 0) return done;
  throw new GraftError(
    'nothing-to-evaluate',
    `Expected a finished run to evaluate, found ${runs.map(({ id, state }) => `run ${id} ${state}`).join(', ')}. Resume the training first.`,
  );
}

function chooseSets(dataset: Dataset, wanted: readonly string[] | undefined): string[] {
  const sets = { validation: dataset.validation, test: dataset.test, ...dataset.evaluationSets };
  const known = Object.entries(sets)
    .filter(([, samples]) => samples.length > 0)
    .map(([name]) => name);
  if (known.length === 0) {
    throw new GraftError(
      'nothing-labelled',
      'Expected labelled images to evaluate on, found none in the split of these runs: their model came from another project, and it was made before there were labels. Label images and adapt again (graft adapt), or judge by an audit (graft adapt judge).',
    );
  }
  const unknown = wanted?.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new GraftError(
      'set-unknown',
      `Expected a set of this split with images in it, one of ${known.join(', ')}; found "${unknown}".`,
    );
  }
  return wanted === undefined ? known : [...wanted];
}
