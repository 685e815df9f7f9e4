import type { Sample } from '../../contract/dataset.ts';
import { GraftError } from '../../contract/errors.ts';
import type { ModelRank } from '../../contract/ranking.ts';
import { type Executor, openExecutor } from '../../engine/index.ts';
import { countOperations, countParameters } from '../../models/index.ts';
import { pooledFeatures } from '../baselines.ts';
import type { RunContext } from '../run-context.ts';
import { startingModel } from '../starting-model.ts';
import type { TrainingTask } from '../training-task.ts';
import { judged, neighbourHits, type PatientFeatures, probeHits } from './accuracies.ts';
import { judgedAreas, neighbourScores, type PatientFindings, probeScores } from './finding-areas.ts';
import { hScore, logMe, scoresOfFindings } from './scores.ts';

/** Which images the probe of a network called rightly, and whose they are: two networks are compared on them. */
export interface ProbedImages {
  hits: boolean[];
  patients: string[];
}

/**
 * Judges a pre-trained network by its frozen features of training and validation images: a linear probe and nearest neighbours, whole
 * patients apart, with intervals; LogME and H-score beside them. Where an image may show several findings, by the mean area under their
 * ROC curves in place of accuracy. The test set is never looked at. Features are kept on the disk, where a
 * later ranking and a training find them.
 *
 * @param most images at the most, of whole patients that the seed draws
 * @param onProbed told of single images; not of findings, which are judged by areas
 * @throws GraftError `classes-too-few`, `images-missing`, `cancelled`, and what `startingModel` throws
 */
export async function rankModel(
  task: TrainingTask,
  most: number,
  context: RunContext = {},
  onProbed: (probed: ProbedImages) => void = () => {},
): Promise<ModelRank> {
  const { config } = task;
  const options = { engine: config.engine, ...(config.threads === null ? {} : { threads: config.threads }) };
  const executor = context.executor ?? (await openExecutor(options));
  try {
    return await judge(task, most, context, executor, onProbed);
  } finally {
    if (!context.executor) await executor.dispose();
  }
}

async function judge(
  task: TrainingTask,
  most: number,
  context: RunContext,
  executor: Executor,
  onProbed: (probed: ProbedImages) => void,
): Promise<ModelRank> {
  const { config, dataset, images } = task;
  const samples = chosen([...dataset.train, ...dataset.validation], most);
  const classes = dataset.classes.length;
  if (samples.length < 2 * classes) {
    throw new GraftError(
      'images-missing',
      `Expected at least ${2 * classes} labelled images to rank models by, found ${samples.length}. Label more images.`,
    );
  }
  const model = startingModel(
    { ...config, head: { ...config.head, pooling: 'average', stages: 'last' } },
    dataset.classes,
    images,
    dataset.multiLabel,
  );
  const computed = await pooledFeatures(task, context, executor, model, samples);
  const patients = samples.map(({ patientKey }) => patientKey);
  const promise = dataset.multiLabel
    ? promiseOfFindings({ ...computed, patients }, classes, config.seed)
    : promiseOfClasses({ ...computed, patients }, classes, config.seed, onProbed);
  return {
    ...promise,
    parameters: countParameters(model.network),
    multiplyAdds: countOperations(model.network),
    features: computed.size,
    images: samples.length,
    patients: new Set(patients).size,
  };
}

type Told = Pick<ModelRank, 'probe' | 'neighbours' | 'logMe' | 'hScore' | 'measure'>;

function promiseOfClasses(
  data: PatientFeatures,
  classes: number,
  seed: number,
  onProbed: (probed: ProbedImages) => void,
): Told {
  const hits = probeHits(data, classes, seed);
  onProbed({ hits, patients: [...data.patients] });
  return {
    probe: judged(hits, data.patients, seed),
    neighbours: judged(neighbourHits(data, classes), data.patients, seed),
    logMe: logMe(data, classes),
    hScore: hScore(data, classes),
  };
}

function promiseOfFindings(data: PatientFindings, classes: number, seed: number): Told {
  const probe = judgedAreas(probeScores(data, classes, seed), data, classes, seed);
  const neighbours = judgedAreas(neighbourScores(data, classes), data, classes, seed);
  if (!probe || !neighbours) {
    throw new GraftError(
      'images-missing',
      'Expected a finding that some images show and others do not to rank models by, found none. Label more images.',
    );
  }
  return { probe, neighbours, ...scoresOfFindings(data, classes), measure: 'area' };
}

/** Whole patients, in the order of their keys, which are hashes: as good as drawn. */
function chosen(samples: readonly Sample[], most: number): Sample[] {
  const groups = [...Map.groupBy(samples, ({ patientKey }) => patientKey)].sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  const kept: Sample[] = [];
  for (const [, group] of groups)
    if (kept.length === 0 || kept.length + group.length <= most) kept.push(...group);
  return kept;
}
