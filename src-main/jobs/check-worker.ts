import type { CheckKind, CheckReports } from '../contract/checks.ts';
import type { Sample } from '../contract/dataset.ts';
import type { TrainingConfig } from '../contract/training.ts';
import {
  analyseFailures,
  type AttributeValues,
  coverMiddle,
  type Features,
  frozenFeatures,
  type ImageQuality,
  type JudgedImage,
  type Lookalike,
  measureLeakage,
  measureQuality,
  perceptualHash,
  probeShortcuts,
} from '../checks/index.ts';
import { type Executor, openExecutor } from '../engine/index.ts';
import { loadModel, type Model } from '../models/index.ts';
import { sha256 } from '../platform/files.ts';
import { ProgressMeter } from '../platform/progress-meter.ts';
import { startingModel } from '../training/index.ts';
import { executorOptions } from './executor-options.ts';
import { openImageSource, type OpenImageSource, type PreparedImages } from './image-source.ts';
import type { WorkerContext } from './protocol.ts';
import { serveWorker } from './serve-worker.ts';

interface Asked {
  dataset: PreparedImages & { classes: readonly string[]; multiLabel?: boolean };
  config: TrainingConfig;
  /** Of an ensemble that of its first member. */
  modelFolder: string;
  /** Images that are looked at; of failures those that are judged. */
  samples: readonly Sample[];
}

export type CheckTask = Asked &
  (
    | { kind: 'shortcuts'; attributes: readonly AttributeValues[] }
    | { kind: 'leakage'; model: string }
    | {
        kind: 'failures';
        setName: string;
        /** One for each sample. */
        judged: readonly JudgedImage[];
        /** Those that were learned from, or that the epoch was chosen by. */
        others: readonly { sample: Sample; set: string }[];
      }
  );

interface Workshop {
  images: OpenImageSource;
  executor: Executor;
  worker: WorkerContext<never>;
}

async function check(task: CheckTask, worker: WorkerContext<never>): Promise<CheckReports[CheckKind]> {
  const images = openImageSource(task.dataset);
  const executor = await openExecutor(executorOptions(task.config));
  try {
    const workshop = { images, executor, worker };
    if (task.kind === 'shortcuts') return await shortcuts(task, workshop);
    if (task.kind === 'leakage') return await leakage(task, workshop);
    return await failures(task, workshop);
  } finally {
    images.close();
    await executor.dispose();
  }
}

const featuresOf = (
  model: Model,
  samples: readonly Sample[],
  { images, executor, worker: { signal, onProgress } }: Workshop,
  phase: string,
  alter?: (image: Float32Array) => void,
): Promise<Features> =>
  frozenFeatures(model, samples, images, executor, {
    signal,
    onProgress,
    phase,
    ...(alter ? { alter } : {}),
  });

async function shortcuts(
  { dataset, config, samples, modelFolder, attributes }: Extract<CheckTask, { kind: 'shortcuts' }>,
  workshop: Workshop,
): Promise<CheckReports['shortcuts']> {
  const model = loadModel(modelFolder);
  const { height, width, channels } = workshop.images;
  const whole = await featuresOf(model, samples, workshop, 'Features of whole images');
  const border = await featuresOf(model, samples, workshop, 'Features of borders', (image) =>
    coverMiddle(image, height, width, channels),
  );
  const probes = new ProgressMeter('Probing', 'probes', null, workshop.worker.onProgress, { everyMs: 0 });
  return probeShortcuts(
    {
      whole,
      border,
      patients: samples.map(({ patientKey }) => patientKey),
      classes: dataset.classes,
      labels: samples.map(({ label }) => label),
      findings: dataset.multiLabel ? samples.map(({ findings }) => findings!) : null,
      attributes,
      seed: config.seed,
    },
    (name) => probes.advance(1, name),
  );
}

async function leakage(
  { dataset, config, samples, model: title }: Extract<CheckTask, { kind: 'leakage' }>,
  workshop: Workshop,
): Promise<CheckReports['leakage']> {
  const { classes, multiLabel = false } = dataset;
  const model = startingModel(config, classes, workshop.images, multiLabel);
  const features = await featuresOf(model, samples, workshop, 'Features before training');
  // Of findings the one whose rarer answer is known most often: it says most.
  const rarer = (at: number): number =>
    Math.min(...[0, 1].map((answer) => samples.filter(({ findings }) => findings?.[at] === answer).length));
  const finding = multiLabel
    ? classes.map((_, at) => at).reduce((a, b) => (rarer(b) > rarer(a) ? b : a))
    : null;
  return measureLeakage({
    features,
    patients: samples.map(({ patientKey }) => patientKey),
    labels: samples.map(({ label, findings }) => (finding === null ? label : (findings?.[finding] ?? -1))),
    classes: finding === null ? classes.length : 2,
    seed: config.seed,
    model: title,
    finding: finding === null ? null : classes[finding],
  });
}

async function failures(
  {
    dataset,
    config,
    samples,
    modelFolder,
    setName,
    judged,
    others,
  }: Extract<CheckTask, { kind: 'failures' }>,
  workshop: Workshop,
): Promise<CheckReports['failures']> {
  const { classes } = dataset;
  const all = [...samples.map((sample) => ({ sample, set: setName })), ...others];
  const every = all.map(({ sample }) => sample);
  const model = loadModel(modelFolder);
  const features = await featuresOf(model, every, workshop, 'Features of all images');
  const looks = lookAt(every, workshop);
  const labelOf = ({ label, findings }: Sample): string =>
    findings ? JSON.stringify(findings) : classes[label];
  return analyseFailures({
    setName,
    classes,
    judged,
    features: { ...features, values: features.values.slice(0, samples.length * features.size) },
    quality: looks.slice(0, samples.length).map(({ quality }) => quality),
    lookalikes: all.map(({ sample, set }, at): Lookalike => ({
      ...{ instanceId: sample.instanceId, frameIndex: sample.frameIndex, patientKey: sample.patientKey },
      ...{ set, label: labelOf(sample), hash: looks[at].hash, pixels: looks[at].pixels },
    })),
    lookalikeFeatures: features,
    seed: config.seed,
  });
}

/** What can be said of images by their pixels, as the network is shown them. */
function lookAt(
  samples: readonly Sample[],
  { images, worker }: Workshop,
): { quality: ImageQuality; hash: bigint; pixels: string }[] {
  const { height, width, channels } = images;
  const meter = new ProgressMeter('Looking at pixels', 'images', samples.length, worker.onProgress);
  const image = new Float32Array(height * width * channels);
  return samples.map(({ cacheIndex }) => {
    worker.signal.throwIfAborted();
    images.read(cacheIndex, image, 0);
    meter.advance();
    return {
      quality: measureQuality(image, height, width, channels),
      hash: perceptualHash(image, height, width, channels),
      pixels: sha256(new Uint8Array(image.buffer)),
    };
  });
}

serveWorker(check);
