import { mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { AdaptationMethodName } from '../../contract/adaptation.ts';
import type { Dataset, Sample, Split } from '../../contract/dataset.ts';
import { GraftError } from '../../contract/errors.ts';
import type { ModelOrigin } from '../../contract/model-origin.ts';
import type { Run } from '../../contract/run.ts';
import { runInWorker } from '../../jobs/run-in-worker.ts';
import { modelFolder } from '../../jobs/train-run.ts';
import type { TravellerOutcome, TravellerTask } from '../../jobs/traveller-worker.ts';
import { loadModel, saveModel } from '../../models/index.ts';
import { sha256, sha256OfFile, writeFileAtomic } from '../../platform/files.ts';
import { adaptationOfRun } from '../../store/adaptations.ts';
import { originOfRun } from '../../store/arrived-models.ts';
import type { Project, ReadableDatabase } from '../../store/index.ts';
import { graftVersion } from '../environment.ts';
import type { Reporting } from '../reporting.ts';
import type { Session } from '../session.ts';

/** The file that says where a model in a folder comes from. */
export const ORIGIN = 'origin.json';
const FILES = ['model.json', 'weights.safetensors', ORIGIN];
/** Of each kind at the most, at equal steps. */
const MOST = 600;

export interface Travelling {
  sha256: string;
  bytes: number;
  largestDifference: number;
  imagesCompared: number;
}

/**
 * Writes a run's model as a folder that another Graft can adapt: the network, its weights, and `origin.json` with classes, preprocessing, the
 * plan, and counts of what it knows. Nothing in it is of one image or one patient.
 *
 * @param compared images on which the copy has to say what the model says
 * @throws GraftError `travelling-ensemble`, `export-differs`, `cancelled`
 */
export async function exportTravelling(
  { project, jobs }: Session,
  { run, split, dataset, compared }: { run: Run; split: Split; dataset: Dataset; compared: Sample[] },
  folder: string,
  tolerance: number,
  reporting: Reporting,
): Promise<Travelling> {
  if (run.config.folds !== null) {
    throw new GraftError(
      'travelling-ensemble',
      `Expected one model to be adapted elsewhere, found run ${run.id}, an ensemble: its members would each learn other features from the target. Export a run of one model, or the ensemble as onnx for use without adapting.`,
    );
  }
  mkdirSync(folder, { recursive: true });
  const from = modelFolder(project, run.id);
  // What the description says of its making names folders of this machine; the origin says it itself.
  saveModel(folder, { ...loadModel(from), metadata: {} });
  const before = originOfRun(project.db, run.id);
  const adaptedBy = methodsOf(project.db, run);
  // A model that was adapted answers otherwise than it did on the source.
  const judgeable = !split.multiLabel && adaptedBy.length === 0 && before === null;
  const task: TravellerTask = {
    modelFolder: from,
    copy: folder,
    dataset,
    compared,
    counted: judgeable ? thinned(dataset.validation) : [],
    looked: before === null ? thinned([...dataset.train, ...dataset.validation]) : [],
    config: run.config,
    tolerance,
  };
  try {
    const measured = await jobs.run(
      { kind: 'export', title: `Export of run ${run.id}`, ...reporting },
      ({ signal, onProgress }) =>
        runInWorker<TravellerTask, never, TravellerOutcome>(
          new URL('../../jobs/traveller-worker.ts', import.meta.url),
          task,
          { what: 'The export', signal, onProgress },
        ),
    );
    const origin = await originOf(project, { run, split, adaptedBy }, folder, measured, task.counted);
    writeFileAtomic(
      join(folder, ORIGIN),
      `${JSON.stringify(before ? carried(before, origin) : origin, null, 2)}\n`,
    );
    const { largestDifference, imagesCompared } = measured;
    const bytes = FILES.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    return { sha256: origin.weights, bytes, largestDifference, imagesCompared };
  } catch (error) {
    for (const name of FILES) rmSync(join(folder, name), { force: true });
    throw error;
  }
}

async function originOf(
  { id }: Project,
  { run, split, adaptedBy }: { run: Run; split: Split; adaptedBy: AdaptationMethodName[] },
  folder: string,
  { confusion, figures }: TravellerOutcome,
  counted: readonly Sample[],
): Promise<ModelOrigin> {
  const { preprocessing, config, startingWeights, approach } = run;
  const learned = split.counts.train ?? { images: 0, patients: 0, classes: split.classes.map(() => 0) };
  return {
    format: 'graft-origin',
    version: 1,
    graft: graftVersion(),
    exportedAt: new Date().toISOString(),
    project: id,
    run: run.id,
    approach,
    classes: split.classes,
    multiLabel: split.multiLabel ?? false,
    preprocessing,
    config: { ...config, initial: basename(config.initial) },
    startingWeights,
    splitHash: split.hash,
    weights: await sha256OfFile(join(folder, 'weights.safetensors')),
    description: sha256(readFileSync(join(folder, 'model.json'))),
    learned: { images: learned.images, patients: learned.patients, classes: learned.classes },
    validation: confusion && {
      images: counted.length,
      patients: new Set(counted.map(({ patientKey }) => patientKey)).size,
      confusion,
    },
    figures,
    adaptedBy,
  };
}

/** A model that came from elsewhere still knows what it knew; what was said of it as it came is no longer so. */
const carried = (before: ModelOrigin, now: ModelOrigin): ModelOrigin => ({
  ...now,
  splitHash: before.splitHash,
  startingWeights: before.startingWeights,
  learned: before.learned,
  validation: now.adaptedBy.length === 0 ? before.validation : null,
  figures: before.figures,
  adaptedBy: [...before.adaptedBy, ...now.adaptedBy],
});

/** By which methods a run was adapted since it was trained, or arrived, the first first. */
function methodsOf(db: ReadableDatabase, run: Run): AdaptationMethodName[] {
  const methods: AdaptationMethodName[] = [];
  for (let at: number | null = run.id; at !== null;) {
    const record = adaptationOfRun(db, at);
    if (!record) break;
    methods.unshift(...record.config.before, record.config.method);
    at = record.sourceRunId;
  }
  return methods;
}

const thinned = (samples: readonly Sample[]): Sample[] =>
  samples.length <= MOST
    ? [...samples]
    : Array.from({ length: MOST }, (_, at) => samples[Math.floor((at * samples.length) / MOST)]);
