import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Dataset, Sample } from '../contract/dataset.ts';
import { GraftError } from '../contract/errors.ts';
import type { TrainingConfig } from '../contract/training.ts';
import { exportOnnx, exportTfjs, openExecutor, openOnnx, openTfjs, type TfjsModel } from '../engine/index.ts';
import { ensembleProgram, inferenceProgram, loadModel, type Model } from '../models/index.ts';
import { sha256, writeFileAtomic } from '../platform/files.ts';
import { predict, type ImageSource } from '../training/index.ts';
import { executorOptions } from './executor-options.ts';
import { openImageSource } from './image-source.ts';
import { joined } from './joined.ts';
import { largestGap } from './largest-gap.ts';
import type { WorkerContext } from './protocol.ts';
import { serveWorker } from './serve-worker.ts';

export interface ExporterTask {
  /** One, or the members of an ensemble. */
  modelFolders: readonly string[];
  dataset: Dataset;
  /** Real images on which the file must say what the trainer says. */
  samples: Sample[];
  config: TrainingConfig;
  format: 'onnx' | 'tfjs';
  /** Where the ONNX file goes; of TensorFlow.js the `model.json`, with the files of weights beside it. */
  path: string;
  /** Written into the file. */
  metadata: Record<string, string>;
  /** Largest difference of a probability that is let through. */
  tolerance: number;
}

export interface ExportOutcome {
  sha256: string;
  bytes: number;
  largestDifference: number;
  imagesCompared: number;
}

/** A prime that no extent of the networks has, so that the batch can be told from the other extents. */
const BATCH = 13;

async function exportModel(task: ExporterTask, worker: WorkerContext<never>): Promise<ExportOutcome> {
  const { dataset, samples, path, tolerance } = task;
  const { signal, onProgress } = worker;
  const models = task.modelFolders.map(loadModel);
  const [model] = models;
  const images = openImageSource(dataset);
  const executor = await openExecutor(executorOptions(task.config));
  try {
    const answers: Float32Array[] = [];
    for (const one of models)
      answers.push(await predict(one, samples, images, executor, { signal, onProgress }));
    const expected = joined(answers, model.classes.length).probabilities;
    const { program, parameters } =
      models.length > 1
        ? ensembleProgram(models, BATCH)
        : { program: inferenceProgram(model, BATCH), parameters: model.parameters };
    if (task.format === 'tfjs') {
      const exported = exportTfjs(program, parameters, {
        freeBatch: BATCH,
        generatedBy: task.metadata.producer,
        metadata: task.metadata,
      });
      const found = await runTfjs(exported, model, samples, images, signal);
      const largestDifference = largestGap(expected, found);
      if (!(largestDifference <= tolerance))
        throw differs('TensorFlow.js model', largestDifference, tolerance);
      return writeTfjs(path, exported, largestDifference, samples.length);
    }
    const bytes = exportOnnx(program, parameters, {
      freeBatch: BATCH,
      metadata: task.metadata,
    });
    // What is compared is the file as it lies on the disk, under a name that nobody takes for the finished one.
    const unchecked = `${path}.unchecked`;
    writeFileAtomic(unchecked, bytes);
    try {
      const written = readFileSync(unchecked);
      const found = await runFile(written, model, samples, images, signal);
      const largestDifference = largestGap(expected, found);
      if (!(largestDifference <= tolerance)) throw differs('ONNX file', largestDifference, tolerance);
      writeFileAtomic(path, written);
      return {
        sha256: sha256(written),
        bytes: written.byteLength,
        largestDifference,
        imagesCompared: samples.length,
      };
    } finally {
      rmSync(unchecked, { force: true });
    }
  } finally {
    images.close();
    await executor.dispose();
  }
}

/** Another batch size than the trainer's, as whoever uses the file will have. */
async function imageByImage(
  model: Model,
  samples: readonly Sample[],
  images: ImageSource,
  signal: AbortSignal,
  answer: (image: Float32Array, shape: number[]) => ArrayLike<number> | Promise<ArrayLike<number>>,
): Promise<Float32Array> {
  const { height, width, channels } = images;
  const classes = model.classes.length;
  const found = new Float32Array(samples.length * classes);
  const image = new Float32Array(height * width * channels);
  for (let at = 0; at < samples.length; at++) {
    if (signal.aborted) throw GraftError.cancelled('The export');
    images.read(samples[at].cacheIndex, image, 0);
    found.set(await answer(image, [1, height, width, channels]), at * classes);
  }
  return found;
}

/** What the ONNX file says. */
async function runFile(
  file: Uint8Array,
  model: Model,
  samples: readonly Sample[],
  images: ImageSource,
  signal: AbortSignal,
): Promise<Float32Array> {
  const onnx = await openOnnx(file);
  try {
    return await imageByImage(model, samples, images, signal, async (image, shape) => {
      const { probabilities } = await onnx.run({ image }, { image: shape });
      return probabilities.data;
    });
  } finally {
    await onnx.dispose();
  }
}

/** The same with the stock package of TensorFlow.js. */
async function runTfjs(
  exported: TfjsModel,
  model: Model,
  samples: readonly Sample[],
  images: ImageSource,
  signal: AbortSignal,
): Promise<Float32Array> {
  const tfjs = await openTfjs(exported);
  try {
    return await imageByImage(model, samples, images, signal, (image, shape) =>
      tfjs.run(image, shape, 'probabilities'),
    );
  } finally {
    tfjs.dispose();
  }
}

/** Weights first: whoever sees the `model.json` finds all that it names. */
function writeTfjs(
  path: string,
  { json, shards }: TfjsModel,
  largestDifference: number,
  imagesCompared: number,
): ExportOutcome {
  for (const { name, bytes } of shards) writeFileAtomic(join(dirname(path), name), bytes);
  writeFileAtomic(path, json);
  return {
    sha256: sha256(json, ...shards.map(({ bytes }) => bytes)),
    bytes: Buffer.byteLength(json) + shards.reduce((sum, { bytes }) => sum + bytes.length, 0),
    largestDifference,
    imagesCompared,
  };
}

function differs(what: string, found: number, tolerance: number): GraftError {
  return new GraftError(
    'export-differs',
    `Expected the ${what}'s probabilities within ${tolerance} of the trainer's, found a difference of ${found.toPrecision(3)}; it was not kept. Please report this model: its export cannot be trusted.`,
  );
}

serveWorker(exportModel);
