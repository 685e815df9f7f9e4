import { basename } from 'node:path';
import type { CheckKind, CheckReports, StoredCheck } from '../../contract/checks.ts';
import type { Dataset, Sample } from '../../contract/dataset.ts';
import { GraftError } from '../../contract/errors.ts';
import type { FilterKeyword } from '../../contract/instances.ts';
import type { Run } from '../../contract/run.ts';
import type { CheckTask } from '../../jobs/check-worker.ts';
import { modelFoldersOf } from '../../jobs/predict-ensemble.ts';
import { runInWorker } from '../../jobs/run-in-worker.ts';
import { cardOf, modelCards } from '../../models/index.ts';
import { listChecks, saveCheck } from '../../store/checks.ts';
import { attributeOfInstances, type ReadableDatabase } from '../../store/index.ts';
import { addedModelIn } from '../added-models.ts';
import { runWithModel, samplesBySet, splitOfRun } from '../explain/explainable.ts';
import { predictionsOf } from '../explain/worst-errors.ts';
import type { Reporting } from '../reporting.ts';
import type { Session } from '../session.ts';
import { prepare } from '../train-model.ts';

export interface CheckOptions {
  /** Default: the fine-tuned run of the comparison made last, or what there is of it. */
  runId?: number;
  /** Of failures: the set whose errors are looked at. Default: test where it was opened, else another, else validation. */
  set?: string;
  /** Of shortcuts and leakage: images at the most, of whole patients. Default 600. */
  images?: number;
}

const MOST = 600;

/** What no diagnosis should hang on. Rows and columns are not asked about: resizing shows them to any network. */
const SUSPECTS: readonly (FilterKeyword | 'source')[] = [
  'source',
  'Manufacturer',
  'ManufacturerModelName',
  'InstitutionName',
  'StationName',
  'MagneticFieldStrength',
  'KVP',
  'SliceThickness',
  'ViewPosition',
  'PatientSex',
  'StudyYear',
  'TransferSyntaxUID',
];

/**
 * Asks of a run whether it is right for the right reason, or what its errors have in common, and keeps the answer. Shortcuts and leakage look at training and
 * validation images alone; failures at a set that was opened before: none is opened by a check.
 *
 * @throws GraftError `run-missing`, `comparison-missing`, `run-without-model`, `not-evaluated`, `patients-too-few`, `images-of-one`, `cancelled`
 */
export async function checkRun<Kind extends CheckKind>(
  session: Session,
  kind: Kind,
  options: CheckOptions = {},
  reporting: Reporting = {},
): Promise<StoredCheck<Kind>> {
  const { project, jobs } = session;
  const run = runWithModel(session, options.runId);
  // Before images are prepared: what was not evaluated is said at once.
  const predicted = kind === 'failures' ? predictionsOf(project.db, run, options.set) : null;
  const dataset = await prepare(session, splitOfRun(project.db, run), run.preprocessing, reporting);
  const about = { dataset, config: run.config, modelFolder: modelFoldersOf(project, run)[0] };
  const task: CheckTask =
    predicted !== null
      ? { kind: 'failures', ...about, ...failureImages(dataset, predicted) }
      : kind === 'leakage'
        ? { kind, ...about, samples: chosen(dataset, options.images ?? MOST), model: startOf(run) }
        : shortcutTask(project.db, about, chosen(dataset, options.images ?? MOST));
  const title = `Check of run ${run.id}: ${kind}`;
  const report = await jobs.run({ kind: 'check', title, ...reporting }, ({ signal, onProgress }) =>
    runInWorker<CheckTask, never, CheckReports[Kind]>(
      new URL('../../jobs/check-worker.ts', import.meta.url),
      task,
      { what: 'The check', signal, onProgress },
    ),
  );
  const setName = predicted?.setName ?? null;
  saveCheck(project.db, { kind, runId: run.id, setName, report });
  return listChecks(project.db, run.id).find(
    (one): one is StoredCheck<Kind> => one.kind === kind && one.setName === setName,
  )!;
}

function shortcutTask(
  db: ReadableDatabase,
  about: Pick<CheckTask, 'dataset' | 'config' | 'modelFolder'>,
  samples: readonly Sample[],
): CheckTask {
  const attributes = SUSPECTS.map((attribute) => {
    const values = attributeOfInstances(db, attribute);
    return { attribute, values: samples.map(({ instanceId }) => values.get(instanceId) ?? null) };
  });
  return { kind: 'shortcuts', ...about, samples, attributes };
}

/** Whole patients of training and validation, in the order of their keys, which are hashes: as good as drawn. */
function chosen({ train, validation }: Dataset, most: number): Sample[] {
  const groups = [...Map.groupBy([...train, ...validation], ({ patientKey }) => patientKey)].sort(
    ([a], [b]) => (a < b ? -1 : 1),
  );
  const kept: Sample[] = [];
  for (const [, group] of groups)
    if (kept.length === 0 || kept.length + group.length <= most) kept.push(...group);
  return kept;
}

function failureImages(
  dataset: Dataset,
  { setName, predictions }: ReturnType<typeof predictionsOf>,
): Pick<Extract<CheckTask, { kind: 'failures' }>, 'setName' | 'samples' | 'judged' | 'others'> {
  const all = samplesBySet(dataset);
  const nameOf = (one: { instanceId: number | null; frameIndex: number }): string =>
    `${one.instanceId}/${one.frameIndex}`;
  const sampleOf = new Map(all.map(({ sample }) => [nameOf(sample), sample]));
  const pairs = predictions.flatMap((prediction) => {
    const sample = sampleOf.get(nameOf(prediction));
    return sample ? [{ sample, prediction }] : [];
  });
  if (pairs.length === 0) {
    throw new GraftError(
      'not-evaluated',
      `Expected images of ${setName} that are still in the project, found none. Evaluate the run again.`,
    );
  }
  const judged = new Set(pairs.map(({ sample }) => nameOf(sample)));
  return {
    setName,
    samples: pairs.map(({ sample }) => sample),
    judged: pairs.map(({ prediction: { label, findings, probabilities, frameIndex, instanceId } }) => ({
      ...{ instanceId: instanceId!, frameIndex, label, probabilities },
      ...(findings ? { findings } : {}),
    })),
    // Copies kept out of results among them: they are what is looked for.
    others: all.filter(
      ({ sample, set }) =>
        !judged.has(nameOf(sample)) && (set === 'train' || set === 'validation' || set === setName),
    ),
  };
}

/** The network that a run started from, in words. */
function startOf({ config }: Run): string {
  const title = modelCards().some(({ name }) => name === config.modelName)
    ? cardOf({ modelName: config.modelName, initial: 'pretrained' }).title
    : config.modelName;
  if (config.initial === 'random') return `${title}, random weights`;
  if (config.initial === 'pretrained') return title;
  return addedModelIn(config.initial)?.title ?? basename(config.initial);
}
