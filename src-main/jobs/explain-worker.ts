import type { Sample } from '../contract/dataset.ts';
import type { TrainingConfig } from '../contract/training.ts';
import { openExecutor } from '../engine/index.ts';
import {
  type ActivationMap,
  checkByRandomisation,
  chosenLayer,
  explainTargets,
  type MapContext,
  type MapRequest,
  type Randomisation,
} from '../explanation/index.ts';
import { loadModel, type Model } from '../models/index.ts';
import { predict } from '../training/index.ts';
import { executorOptions } from './executor-options.ts';
import { openImageSource, type PreparedImages } from './image-source.ts';
import type { WorkerContext } from './protocol.ts';
import { serveWorker } from './serve-worker.ts';

export interface ExplainTask {
  /** Of several: they answer together where no member is named. */
  modelFolders: readonly string[];
  dataset: PreparedImages;
  config: Pick<TrainingConfig, 'engine' | 'threads'>;
  /** Images, each with the class to be explained (null: the likeliest) and the one model that answers, from 0 (null: all). */
  asked: readonly { sample: Sample; classIndex: number | null; member: number | null }[];
  request: MapRequest;
  /** Also draws weights anew, of the model that answers for the first image, and compares maps of all these images. Null: does not. */
  check: { seed: number } | null;
}

export interface ExplainOutcome {
  /** Null for occlusion. */
  layer: string | null;
  answers: { classIndex: number; member: number | null; probabilities: number[]; map: ActivationMap }[];
  randomisation: Randomisation | null;
}

async function explain(task: ExplainTask, worker: WorkerContext<never>): Promise<ExplainOutcome> {
  const { asked, request, check } = task;
  const { signal, onProgress } = worker;
  const images = openImageSource(task.dataset);
  const executor = await openExecutor(executorOptions(task.config));
  try {
    const models = task.modelFolders.map((folder) => loadModel(folder));
    const context: MapContext = { executor, images, signal, onProgress };
    const layer = request.method === 'occlusion' ? null : chosenLayer(models[0].network, request.layer).name;
    const answers = asked.map((): ExplainOutcome['answers'][number] | null => null);
    for (const [member, places] of Map.groupBy(asked.keys(), (at) => asked[at].member)) {
      const answering = member === null ? models : [models[member]];
      const made = await answersOf(
        answering,
        places.map((at) => asked[at]),
        request,
        context,
      );
      made.forEach((answer, i) => (answers[places[i]] = { ...answer, member }));
    }
    const done = answers.map((answer) => answer!);
    const targets = asked.map(({ sample }, at) => ({ sample, classIndex: done[at].classIndex }));
    const randomisation = check
      ? await checkByRandomisation(models[asked[0].member ?? 0], targets, request, check.seed, context)
      : null;
    return { layer, answers: done, randomisation };
  } finally {
    images.close();
    await executor.dispose();
  }
}

/** What models say together of images, and the maps of it. */
async function answersOf(
  models: readonly Model[],
  asked: readonly { sample: Sample; classIndex: number | null }[],
  request: MapRequest,
  context: MapContext,
): Promise<Omit<ExplainOutcome['answers'][number], 'member'>[]> {
  const { executor, images, signal, onProgress } = context;
  const samples = asked.map(({ sample }) => sample);
  const classes = models[0].classes.length;
  const probabilities = samples.map(() => new Float32Array(classes));
  for (const model of models) {
    const own = await predict(model, samples, images, executor, {
      ...(signal ? { signal } : {}),
      ...(onProgress ? { onProgress } : {}),
    });
    own.forEach(
      (value, at) => (probabilities[Math.floor(at / classes)][at % classes] += value / models.length),
    );
  }
  const targets = asked.map(({ sample, classIndex }, at) => ({
    sample,
    classIndex: classIndex ?? probabilities[at].indexOf(Math.max(...probabilities[at])),
  }));
  const maps = await explainTargets(models, targets, request, context);
  return maps.map((map, at) => ({
    classIndex: targets[at].classIndex,
    probabilities: [...probabilities[at]],
    map,
  }));
}

serveWorker(explain);
