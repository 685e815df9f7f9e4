import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createSplit } from '../../cohort/index.ts';
import type { Capsule, CapsuleVerification, VerifiedRow } from '../../contract/capsule.ts';
import type { Dataset, Split } from '../../contract/dataset.ts';
import { GraftError } from '../../contract/errors.ts';
import { OUT_OF_FOLD, type Prediction, type Run } from '../../contract/run.ts';
import { predictSets } from '../../jobs/predict-run.ts';
import { modelFolder } from '../../jobs/train-run.ts';
import { sha256OfFile } from '../../platform/files.ts';
import { hasAuditEntry } from '../../store/audit-head.ts';
import { getInstances, listSplitMembers, listSplits, type Project, transaction } from '../../store/index.ts';
import { recordOpening } from '../../store/openings.ts';
import { getComparison } from '../../store/runs.ts';
import { runEnvironment } from '../environment.ts';
import type { Reporting } from '../reporting.ts';
import type { Session } from '../session.ts';
import { prepare } from '../train-model.ts';
import { compareMetrics, comparePredictions } from './compare.ts';
import { imageHash } from './hashes.ts';
import { metricsOf, type PredictedSet } from './metrics.ts';
import { openCapsule, type OpenCapsule } from './open-capsule.ts';
import { retrain } from './retrain.ts';

export interface VerifyOptions {
  /** Also trains everything again from the plan. Default false. */
  retrain?: boolean;
}

/**
 * Runs a study capsule again in a project that has its images, and says row by row what agrees and how exactly: the files, the split, the
 * weights, the answers of each model on each set, the metrics, the audit trail; with `retrain` the training too. Asking for held-out sets
 * opens them, which is counted.
 *
 * @throws GraftError `weights-missing`, `capsule-file`, `weights-file`, `cancelled`, and what preparing throws
 */
export async function verifyCapsule(
  session: Session,
  path: string,
  options: VerifyOptions = {},
  reporting: Reporting = {},
): Promise<CapsuleVerification> {
  const open = await openCapsule(resolve(path));
  try {
    const { capsule, files } = open;
    const rows = [files, ...environmentRows(capsule)];
    // Weights of a file that was changed are not run.
    if (files.agrees === 'exactly') rows.push(...(await rerun(session, open, options, reporting)));
    return { rows, agrees: rows.every(({ agrees }) => agrees !== 'no') };
  } finally {
    open.close();
  }
}

/** Versions are told: where they differ, numbers may in their last digits. */
function environmentRows({ runs }: Capsule): VerifiedRow[] {
  const now = runEnvironment();
  const [{ environment: then }] = runs;
  const versions = (of: typeof then): Record<string, string> => ({
    Graft: of.graft,
    Node: of.node,
    ...of.packages,
    platform: of.platform,
    processor: of.cpu,
  });
  const [was, is] = [versions(then), versions(now)];
  const changed = Object.keys(was).filter((name) => was[name] !== is[name]);
  const detail =
    changed.length === 0
      ? Object.entries(was)
          .map(([name, version]) => `${name} ${version}`)
          .join(', ')
      : changed.map((name) => `${name} ${was[name]} then, ${is[name]} now`).join('; ');
  return [{ what: 'Versions and machine', agrees: changed.length === 0 ? 'exactly' : 'told', detail }];
}

async function rerun(
  session: Session,
  open: OpenCapsule,
  options: VerifyOptions,
  reporting: Reporting,
): Promise<VerifiedRow[]> {
  const { project } = session;
  const { capsule } = open;
  const { split, row } = findSplit(project, capsule);
  const rows = [row, await auditRow(project, capsule), ...(await weightRows(project, capsule))];
  if (!split) return rows;
  const dataset = await prepare(session, split, capsule.preprocessing, reporting);
  const ids = listSplitMembers(project.db, split.id).map(({ instanceId }) => instanceId);
  const hashes = new Map(getInstances(project.db, ids).map((one) => [one.id, imageHash(split.hash, one)]));
  const imageOf = (id: number): string | undefined => hashes.get(id);
  const sets = setsToAsk(capsule, dataset);
  const comparison = getComparison(project.db, capsule.comparison);
  for (const set of sets)
    if (set !== 'validation')
      recordOpening(project.db, split.id, set, comparison?.splitId === split.id ? comparison.id : null);
  const answers = await askAgain(session, open, dataset, sets, reporting);
  for (const { runId, setName, file } of capsule.evaluations) {
    const { approach } = capsule.runs.find(({ id }) => id === runId)!;
    const what = `Answers of run ${runId} (${approach}) on ${setName}`;
    const found = answers.get(runId)?.get(setName);
    if (found) rows.push(comparePredictions(what, open.predictions(file), found, imageOf));
    else rows.push({ what, agrees: 'unknown', detail: 'its models are not asked about this set again' });
  }
  const predicted = sets.map((setName): PredictedSet => ({
    setName,
    models: capsule.runs.flatMap(({ id, approach }) => {
      const predictions = answers.get(id)?.get(setName);
      return predictions ? [{ approach, predictions }] : [];
    }),
  }));
  const title = 'Metrics of a capsule';
  const metrics = await session.jobs.run({ kind: 'evaluate', title, ...reporting }, ({ signal }) =>
    metricsOf(
      split,
      predicted.filter(({ models }) => models.length === capsule.runs.length),
      signal,
    ),
  );
  for (const [setName, then] of Object.entries(capsule.metrics))
    rows.push(...compareMetrics(setName, then, metrics[setName]));
  if (options.retrain) rows.push(...(await retrain(session, open, split, dataset, imageOf, sets, reporting)));
  return rows;
}

/** The split in this project that has the same images on the same sides, made from the plan where it is not there. */
function findSplit(project: Project, { split: then }: Capsule): { split: Split | null; row: VerifiedRow } {
  const what = 'Split: the same images on the same sides';
  const known = listSplits(project.db).find(({ hash }) => hash === then.hash);
  if (known)
    return {
      split: known,
      row: { what, agrees: 'exactly', detail: `split ${known.id}, hash ${short(then.hash)}` },
    };
  try {
    // The number that the label set has there means another one here.
    const options = { ...then.options };
    delete options.labelSetId;
    const split = transaction(project.db, () => {
      const made = createSplit(project, options);
      if (made.hash === then.hash) return made;
      // Taken back: nobody asked for it, and as the newest it would be what the next training stands on.
      throw new GraftError(
        'split-differs',
        `made again from its seed it has the hash ${short(made.hash)}, not ${short(then.hash)}: this project has other images or labels`,
      );
    });
    const detail = `made again from its seed, hash ${short(then.hash)}`;
    return { split, row: { what, agrees: 'exactly', detail } };
  } catch (error) {
    const { kind, message } = GraftError.from(error);
    if (kind === 'bug') throw error;
    return { split: null, row: { what, agrees: 'no', detail: message } };
  }
}

const short = (hash: string): string => `${hash.slice(0, 12)}…`;

async function auditRow(project: Project, { project: id, audit }: Capsule): Promise<VerifiedRow> {
  const what = 'Audit trail: the capsule’s end is in it';
  if (project.id !== id) return { what, agrees: 'unknown', detail: 'the capsule is of another project' };
  if (audit.head === null) return { what, agrees: 'unknown', detail: 'the capsule has none' };
  const found = hasAuditEntry(project.db, { seq: audit.entries, hash: audit.head });
  return found
    ? { what, agrees: 'exactly', detail: `entry ${audit.entries}, ${short(audit.head)}` }
    : { what, agrees: 'no', detail: `entry ${audit.entries} of this project is another one` };
}

/** Weights beside those that the project still has. */
async function weightRows(project: Project, { project: id, runs }: Capsule): Promise<VerifiedRow[]> {
  if (project.id !== id) return [];
  const models = runs.flatMap((run) => run.models);
  const there = models.filter(({ runId }) => existsSync(weightsPath(project, runId)));
  if (there.length === 0) return [];
  const found = await Promise.all(there.map(({ runId }) => sha256OfFile(weightsPath(project, runId))));
  const differ = there.filter(({ weights }, at) => weights !== found[at]).map(({ runId }) => runId);
  return [
    {
      what: 'Weights: the capsule’s are the project’s',
      agrees: differ.length === 0 ? 'exactly' : 'no',
      detail:
        differ.length === 0
          ? `${there.length} of ${models.length} models, bit by bit`
          : `those of run ${differ.join(', ')} differ`,
    },
  ];
}

const weightsPath = (project: Pick<Project, 'paths'>, runId: number): string =>
  join(modelFolder(project, runId), 'weights.safetensors');

/** What is in the dataset as it is now; what members of an ensemble have not seen is no set that can be asked for. */
function setsToAsk({ evaluations }: Capsule, dataset: Dataset): string[] {
  const known = ['validation', 'test', ...Object.keys(dataset.evaluationSets)];
  return [...new Set(evaluations.map(({ setName }) => setName))].filter(
    (name) => name !== OUT_OF_FOLD && known.includes(name),
  );
}

/** Asks the capsule's own models, from a folder of their own, by run and set. */
async function askAgain(
  session: Session,
  { capsule, extractModel }: OpenCapsule,
  dataset: Dataset,
  sets: readonly string[],
  reporting: Reporting,
): Promise<Map<number, Map<string, Prediction[]>>> {
  const runs = mkdtempSync(join(tmpdir(), 'graft-capsule-'));
  const elsewhere = { ...session.project, paths: { ...session.project.paths, runs } };
  const answers = new Map<number, Map<string, Prediction[]>>();
  try {
    for (const { id, approach, config, environment, startingWeights, models } of capsule.runs) {
      // Who trained the members of an ensemble is known in their own project alone.
      if (config.folds !== null && capsule.project !== session.project.id) continue;
      for (const { runId } of models) extractModel(runId, modelFolder(elsewhere, runId));
      const run: Run = {
        id,
        comparisonId: capsule.comparison,
        approach,
        state: 'done',
        config,
        preprocessing: capsule.preprocessing,
        environment,
        startingWeights,
        result: null,
        error: null,
        createdAt: capsule.createdAt,
        startedAt: null,
        finishedAt: null,
      };
      const title = `Answers of run ${id} (${approach}) of a capsule`;
      const found = await session.jobs.run({ kind: 'evaluate', title, ...reporting }, (handle) =>
        predictSets(elsewhere, run, dataset, sets, handle),
      );
      answers.set(id, found);
    }
    return answers;
  } finally {
    rmSync(runs, { recursive: true, force: true });
  }
}
