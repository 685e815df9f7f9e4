import { summariseFigures } from '../adaptation/index.ts';
import type { Dataset, Sample } from '../contract/dataset.ts';
import { GraftError } from '../contract/errors.ts';
import type { FigureSummary } from '../contract/model-origin.ts';
import type { TrainingConfig } from '../contract/training.ts';
import { openExecutor } from '../engine/index.ts';
import { loadModel } from '../models/index.ts';
import { predict } from '../training/index.ts';
import { executorOptions } from './executor-options.ts';
import { figuresOf } from './figures-of-images.ts';
import { openImageSource } from './image-source.ts';
import { largestGap } from './largest-gap.ts';
import type { WorkerContext } from './protocol.ts';
import { serveWorker } from './serve-worker.ts';

/** A model that is to leave, with what it leaves behind. */
export interface TravellerTask {
  /** Of the run, and the copy that is to leave. */
  modelFolder: string;
  copy: string;
  dataset: Dataset;
  /** On which both have to say the same. */
  compared: Sample[];
  /** Validation images, to be counted by what they show and what the model says; none: nothing is counted. */
  counted: Sample[];
  /** Whose look is summarised; none: nothing is. */
  looked: Sample[];
  config: TrainingConfig;
  tolerance: number;
}

export interface TravellerOutcome {
  largestDifference: number;
  imagesCompared: number;
  /** Rows what images show, columns what the model says; null where none was counted. */
  confusion: number[][] | null;
  figures: FigureSummary[] | null;
}

/** Holds the copy to the model, and reduces the images that stay behind to counts and means. */
async function measure(task: TravellerTask, worker: WorkerContext<never>): Promise<TravellerOutcome> {
  const { dataset, compared, counted, looked, tolerance } = task;
  const { signal, onProgress } = worker;
  const [model, copy] = [task.modelFolder, task.copy].map(loadModel);
  const images = openImageSource(dataset);
  const executor = await openExecutor(executorOptions(task.config));
  const ask = (one: typeof model, samples: Sample[]): Promise<Float32Array> =>
    predict(one, samples, images, executor, { signal, onProgress });
  try {
    const largestDifference = largestGap(await ask(model, compared), await ask(copy, compared));
    if (!(largestDifference <= tolerance)) {
      throw new GraftError(
        'export-differs',
        `Expected the copy's probabilities within ${tolerance} of the model's, found a difference of ${largestDifference.toPrecision(3)}; it was not kept. Export it again.`,
      );
    }
    return {
      largestDifference,
      imagesCompared: compared.length,
      confusion:
        counted.length === 0 ? null : confusionOf(counted, await ask(copy, counted), model.classes.length),
      figures:
        looked.length === 0
          ? null
          : summariseFigures(
              figuresOf(looked, images),
              looked.map(({ patientKey }) => patientKey),
            ),
    };
  } finally {
    images.close();
    await executor.dispose();
  }
}

function confusionOf(samples: readonly Sample[], probabilities: Float32Array, classes: number): number[][] {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  samples.forEach(({ label }, row) => {
    const own = probabilities.subarray(row * classes, (row + 1) * classes);
    counts[label][own.indexOf(Math.max(...own))]++;
  });
  return counts;
}

serveWorker(measure);
