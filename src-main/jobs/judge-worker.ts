import {
  compareFigures,
  compareWithSummaries,
  judgeDomains,
  judgeTarget,
  observe,
} from '../adaptation/index.ts';
import type { LabelFreeJudgement, Observation, ObservedModel, TargetEvidence } from '../adaptation/index.ts';
import type { Sample } from '../contract/dataset.ts';
import type { TrainingConfig } from '../contract/training.ts';
import { openExecutor } from '../engine/index.ts';
import { loadModel } from '../models/index.ts';
import { ProgressMeter } from '../platform/progress-meter.ts';
import { executorOptions } from './executor-options.ts';
import { figuresOf } from './figures-of-images.ts';
import { openImageSource, type PreparedImages } from './image-source.ts';
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
  /** What came with a model from another project, where the source's images stayed; null where they are here. */
  origin: TargetEvidence['origin'] | null;
}

export interface JudgeResult extends LabelFreeJudgement {
  /** Class that each model says of each image of the audit. */
  audited: number[][];
}

/** Runs each model over both domains, and says what can be said of them. */
async function judge(task: JudgeTask, worker: WorkerContext<never>): Promise<JudgeResult> {
  const { config, classes, models, learned, source, target, audit, origin } = task;
  const { signal, onProgress } = worker;
  const images = openImageSource(task.images);
  const executor = await openExecutor(executorOptions(config));
  try {
    const there = figuresOf(target, images);
    const keys = (samples: Sample[]): string[] => samples.map(({ patientKey }) => patientKey);
    const differences = origin
      ? compareWithSummaries(origin.figures ?? [], there, keys(target))
      : compareFigures(figuresOf(source, images), keys(source), there, keys(target));
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
    const common = { classes, target, differences, models: observed };
    const options = { signal, onModel: () => meter.advance(1) };
    const judged = await (origin
      ? judgeTarget({ ...common, origin }, options)
      : judgeDomains({ ...common, learned, source, seed: config.seed }, options));
    return { ...judged, audited };
  } finally {
    images.close();
    await executor.dispose();
  }
}

/** Rows of an observation. */
const part = (seen: Observation, from: number, to: number): Observation => ({
  ...seen,
  features: seen.features.slice(from * seen.width, to * seen.width),
  logits: seen.logits.slice(from * seen.units, to * seen.units),
  probabilities: seen.probabilities.slice(from * seen.classes, to * seen.classes),
});

serveWorker(judge);
