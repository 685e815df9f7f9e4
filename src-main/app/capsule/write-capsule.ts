import { readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { stringify } from 'yaml';
import type { Capsule, CapsulePrediction } from '../../contract/capsule.ts';
import type { Split } from '../../contract/dataset.ts';
import { GraftError } from '../../contract/errors.ts';
import { type Comparison, methodOf, type Prediction, type Run } from '../../contract/run.ts';
import { modelFoldersOf } from '../../jobs/predict-ensemble.ts';
import { sha256, sha256OfFile } from '../../platform/files.ts';
import { writeZip, type ZipContent } from '../../platform/zip-writer.ts';
import { listEnsembleMembers } from '../../store/ensembles.ts';
import { listEpochs } from '../../store/epochs.ts';
import { listEvaluations } from '../../store/evaluations.ts';
import {
  appendAudit,
  getInstances,
  getSplit,
  listAudit,
  listSplitMembers,
  type Project,
} from '../../store/index.ts';
import { listOpenings } from '../../store/openings.ts';
import { listPredictions } from '../../store/predictions.ts';
import { listRunsOfComparison } from '../../store/runs.ts';
import { graftVersion } from '../environment.ts';
import { chooseComparison } from '../evaluate.ts';
import type { Reporting } from '../reporting.ts';
import type { Session } from '../session.ts';
import { imageHash, patientHash } from './hashes.ts';
import { metricsOf, type PredictedSet } from './metrics.ts';

export interface CapsuleOptions {
  /** Any run of the comparison; default the comparison made last. */
  runId?: number;
  /** Where the file goes. Default: `reports/study-<comparison>.capsule` in the project. */
  path?: string;
}

export interface WrittenCapsule {
  path: string;
  sha256: string;
  bytes: number;
  files: number;
}

/**
 * Writes one file with everything that a study was: plan, split, seeds, versions, weights, predictions, metrics, and the end of the audit
 * trail. Images and patients stand in it as hashes; `verifyCapsule` runs it again.
 *
 * @throws GraftError `run-missing`, `comparison-missing`, `capsule-empty`, `cancelled`
 */
export async function writeCapsule(
  session: Session,
  options: CapsuleOptions = {},
  reporting: Reporting = {},
): Promise<WrittenCapsule> {
  const { project, jobs } = session;
  const comparison = chooseComparison(session, options.runId);
  const split = getSplit(project.db, comparison.splitId)!;
  const runs = listRunsOfComparison(project.db, comparison.id).filter(({ state }) => state === 'done');
  if (runs.length === 0)
    throw new GraftError(
      'capsule-empty',
      'Expected a finished run to put into a capsule, found none. Resume the training first.',
    );
  const path = resolve(options.path ?? join(project.paths.reports, `study-${comparison.id}.capsule`));
  const title = `Capsule of comparison ${comparison.id}`;
  return jobs.run({ kind: 'export', title, ...reporting }, async ({ signal }) => {
    const predicted = predictedSets(project, runs);
    const contents = await contentsOf(project, comparison, split, runs, predicted, signal);
    await writeZip(path, contents);
    const digest = await sha256OfFile(path);
    appendAudit(project.db, 'export', { what: 'capsule', comparison: comparison.id, sha256: digest });
    return { path, sha256: digest, bytes: statSync(path).size, files: contents.length };
  });
}

/** Stored predictions by set; of those sets that every run was evaluated on metrics can be compared. */
function predictedSets({ db }: Project, runs: readonly Run[]): (PredictedSet & { runIds: number[] })[] {
  const found = runs.flatMap((run) =>
    listEvaluations(db, run.id).map(({ id, setName }) => ({
      run,
      setName,
      predictions: listPredictions(db, id),
    })),
  );
  return [...Map.groupBy(found, ({ setName }) => setName)].map(([setName, of]) => ({
    setName,
    runIds: of.map(({ run }) => run.id),
    models: of.map(({ run, predictions }) => ({ approach: run.approach, predictions })),
  }));
}

async function contentsOf(
  project: Project,
  comparison: Comparison,
  split: Split,
  runs: readonly Run[],
  predicted: ReturnType<typeof predictedSets>,
  signal: AbortSignal,
): Promise<ZipContent[]> {
  const { db } = project;
  const json = (name: string, value: unknown): ZipContent => ({
    name,
    bytes: Buffer.from(`${JSON.stringify(value, null, 1)}\n`),
  });
  const models = runs.flatMap((run) => modelsOf(project, run));
  const weights = await Promise.all(
    models.map(({ folder }) => sha256OfFile(join(folder, 'weights.safetensors'))),
  );
  const hashes = imageHashes(project, split);
  const files = predicted.flatMap(({ setName, runIds, models: of }, set) =>
    of.map(({ predictions }, at) => ({
      runId: runIds[at],
      setName,
      file: `predictions/run-${runIds[at]}-set-${set + 1}.json`,
      predictions: predictions.flatMap((one) => capsulePredictionOf(split, hashes, one)),
    })),
  );
  const [last] = listAudit(db, 1);
  const [{ preprocessing }] = runs;
  const main = runs.find(({ approach }) => approach === 'fine-tuned') ?? runs[runs.length - 1];
  const capsule: Capsule = {
    format: 'graft-capsule',
    version: 1,
    createdAt: new Date().toISOString(),
    graft: graftVersion(),
    project: project.id,
    comparison: comparison.id,
    split: {
      hash: split.hash,
      classes: split.classes,
      multiLabel: split.multiLabel ?? false,
      options: split.options,
      counts: split.counts,
    },
    preprocessing,
    seeds: [
      { name: 'split', value: split.options.seed },
      { name: 'training', value: main.config.seed },
      { name: 'bootstrap', value: split.options.seed },
    ],
    runs: runs.map(({ id, approach, config, environment, startingWeights }) => ({
      id,
      approach,
      config: withoutFolder(config),
      environment,
      startingWeights,
      epochs: listEpochs(db, id),
      models: models.flatMap((model, at) =>
        model.of === id ? [{ runId: model.runId, weights: weights[at] }] : [],
      ),
    })),
    evaluations: files.map(({ predictions, ...file }) => ({ ...file, images: predictions.length })),
    metrics: await metricsOf(
      split,
      predicted.filter(({ models: of }) => of.length === runs.length),
      signal,
    ),
    openings: listOpenings(db, split.hash).map(({ setName, openedAt }) => ({ setName, openedAt })),
    audit: { entries: last?.seq ?? 0, head: last?.hash ?? null },
  };
  const plan = {
    settings: withoutFolder(main.config),
    preprocessing: main.preprocessing,
    split: { options: split.options },
    approaches: runs.map(({ approach }) => approach).filter((approach) => methodOf(approach) === null),
  };
  const own: ZipContent[] = [
    json('capsule.json', capsule),
    { name: 'plan.yaml', bytes: Buffer.from(stringify(plan)) },
    json('members.json', membersOf(project, split, hashes)),
    ...files.map(({ file, predictions }) => json(file, predictions)),
    ...models.flatMap(({ runId, folder }): ZipContent[] => [
      json(`models/${runId}/model.json`, withoutMetadata(join(folder, 'model.json'))),
      { name: `models/${runId}/weights.safetensors`, path: join(folder, 'weights.safetensors') },
    ]),
  ];
  const sums = await Promise.all(
    own.map(async (content) => [
      content.name,
      'bytes' in content ? sha256(content.bytes) : await sha256OfFile(content.path),
    ]),
  );
  return [...own, json('checksums.json', Object.fromEntries(sums))];
}

interface ModelFolder {
  /** The run that it answers for. */
  of: number;
  /** The run that trained it. */
  runId: number;
  folder: string;
}

function modelsOf(project: Project, run: Run): ModelFolder[] {
  if (run.approach === 'majority') return [];
  const members = run.config.folds === null ? [] : listEnsembleMembers(project.db, run.id);
  return modelFoldersOf(project, run).map((folder, at) => ({
    of: run.id,
    runId: members[at]?.runId ?? run.id,
    folder,
  }));
}

/** A folder on this machine says who uses it. */
const withoutFolder = (config: Run['config']): Run['config'] => ({
  ...config,
  initial: basename(config.initial),
});

/** What a model's description says of its making names folders of this machine; the capsule says it itself. */
function withoutMetadata(path: string): unknown {
  return { ...(JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>), metadata: {} };
}

/** By instance. */
function imageHashes({ db }: Project, split: Split): Map<number, string> {
  const ids = listSplitMembers(db, split.id).map(({ instanceId }) => instanceId);
  return new Map(getInstances(db, ids).map((one) => [one.id, imageHash(split.hash, one)]));
}

function capsulePredictionOf(
  split: Split,
  hashes: ReadonlyMap<number, string>,
  { instanceId, frameIndex, patientKey, label, findings, probabilities, excluded }: Prediction,
): CapsulePrediction[] {
  const image = instanceId === null ? undefined : hashes.get(instanceId);
  if (image === undefined) return [];
  return [
    {
      image,
      frame: frameIndex,
      patient: patientHash(split.hash, patientKey),
      label,
      ...(findings ? { findings: [...findings] } : {}),
      probabilities: Array.from(probabilities),
      excluded,
    },
  ];
}

/** Who is on which side: images and patients by their hashes, in the order of these. */
function membersOf({ db }: Project, split: Split, hashes: ReadonlyMap<number, string>): unknown[] {
  const members = listSplitMembers(db, split.id);
  const instances = new Map(
    getInstances(
      db,
      members.map(({ instanceId }) => instanceId),
    ).map((one) => [one.id, one]),
  );
  return members
    .flatMap(({ instanceId, role, classIndex, findings }) => {
      const instance = instances.get(instanceId);
      if (!instance) return [];
      return [
        {
          image: hashes.get(instanceId)!,
          patient: patientHash(split.hash, instance.patientKey),
          role,
          label: classIndex,
          ...(findings ? { findings } : {}),
        },
      ];
    })
    .sort((one, other) => (one.image < other.image ? -1 : 1));
}
