import {
  imageFigures,
  compareFigures,
  type ImageFigures,
  judgeDomains,
  observe,
} from '../adaptation/index.ts';
import type { LabelFreeJudgement, Observation, ObservedModel } from '../adaptation/index.ts';
import type { Sample } from '../contract/dataset.ts';
import type { TrainingConfig } from '../contract/training.ts';
import { openExecutor } from '../engine/index.ts';
import { loadModel } from '../models/index.ts';
import { ProgressMeter } from '../platform/progress-meter.ts';
import { executorOptions } from './executor-options.ts';
import { openImageSource, type OpenImageSource, type PreparedImages } from './image-source.ts';
import type { WorkerContext } from './protocol.ts';
import { serveWorker } from './serve-worker.ts';

export interface JudgeTask {
  /** Of the run that was adapted: engine, threads, seed. */
  config: TrainingConfig;
  classes: string[];
  images: PreparedImages;
  /** The one that was not adapted first. */
  models: { runId: number; modelFolder: string }[];
  learned: Sample[];
  source: Sample[];
  target: Sample[];
  /** Labelled images of the target. */
  audit: Sample[];
}

export interface JudgeResult extends LabelFreeJudgement {
  /** Class that each model says of each image of the audit. */
  audited: number[][];
}

/** Runs each model over both domains, and says what can be said of them. */
async function judge(task: JudgeTask, worker: WorkerContext<never>): Promise<JudgeResult> {
  const { config, classes, models, learned, source, target, audit } = task;
  const { signal, onProgress } = worker;
  const images = openImageSource(task.images);
  const executor = await openExecutor(executorOptions(config));
  try {
    const [here, there] = [source, target].map((samples) => figuresOf(samples, images));
    const keys = (samples: Sample[]): string[] => samples.map(({ patientKey }) => patientKey);
    const differences = compareFigures(here, keys(source), there, keys(target));
    const observed: ObservedModel[] = [];
    const audited: number[][] = [];
    for (const [at, { runId, modelFolder }] of models.entries()) {
      const model = loadModel(modelFolder);
      const all = [...learned, ...source, ...target, ...audit];
      const seen = await observe(model, all, images, executor, {
        signal,
        onProgress: (progress) =>
          onProgress({ ...progress, phase: `Model ${at + 1} of ${models.length}: ${progress.phase}` }),
      });
      let from = 0;
      const [a, b, c, d] = [learned, source, target, audit].map(({ length }) =>
        part(seen, from, (from += length)),
      );
      observed.push({ runId, learned: a, source: b, target: c });
      audited.push(
        audit.map((_, row) => {
          const own = d.probabilities.subarray(row * d.classes, (row + 1) * d.classes);
          return own.indexOf(Math.max(...own));
        }),
      );
    }
    const meter = new ProgressMeter('Comparing both domains', 'models', models.length, onProgress);
    const judged = await judgeDomains(
      { classes, learned, source, target, differences, models: observed, seed: config.seed },
      {
        signal,
        onModel: () => meter.advance(1),
      },
    );
    return { ...judged, audited };
  } finally {
    images.close();
    await executor.dispose();
  }
}

function figuresOf(samples: readonly Sample[], images: OpenImageSource): ImageFigures[] {
  const { height, width, channels } = images;
  const values = new Float32Array(height * width * channels);
  return samples.map(({ cacheIndex }) => {
    images.read(cacheIndex, values, 0);
    const grey =
      channels === 1
        ? values
        : Float32Array.from(
            { length: height * width },
            (_, at) => (values[3 * at] + values[3 * at + 1] + values[3 * at + 2]) / 3,
          );
    return imageFigures({ values: grey, height, width });
  });
}

/** Rows of an observation. */
const part = (seen: Observation, from: number, to: number): Observation => ({
  ...seen,
  features: seen.features.slice(from * seen.width, to * seen.width),
  logits: seen.logits.slice(from * seen.units, to * seen.units),
  probabilities: seen.probabilities.slice(from * seen.classes, to * seen.classes),
});

serveWorker(judge);
