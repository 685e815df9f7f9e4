/**
 * What a sweep over heads costs beside the naive frozen loop, which runs the frozen backbone for every image in every epoch: both on the
 * same images of the same project, in one run. The sweep is the application's own, with its worker, its checkpoints and its rows.
 *
 *     node bench/sweep.ts [--model starter] [--size of the model] [--images 1000] [--trials 20] [--epochs 20] [--patience 6]
 *                         [--versions 4 of augmentation] [--folds 0] [--threads 2] [--halving 1: the better third goes on]
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp } from '../src-main/app/index.ts';
import { loadDataset } from '../src-main/cohort/index.ts';
import { trainingConfigSchema, type TrainingSettings } from '../src-main/contract/training.ts';
import { explicitLittleEndian, writeDicom } from '../src-main/dicom/index.ts';
import { openExecutor } from '../src-main/engine/index.ts';
import { keepSpareWorkers } from '../src-main/jobs/spare-workers.ts';
import { openImageSource } from '../src-main/jobs/image-source.ts';
import { initialiseParameters, modelCard, saveModel, shippedWeights } from '../src-main/models/index.ts';
import { RandomStream } from '../src-main/platform/random.ts';
import { openProjectForReading } from '../src-main/store/index.ts';
import { answerOf } from '../src-main/training/answers.ts';
import { objectiveFor } from '../src-main/training/objective.ts';
import { PhaseLoop } from '../src-main/training/loop.ts';
import { planPhases } from '../src-main/training/phase.ts';
import { prefixProgram } from '../src-main/training/programs.ts';
import { startingModel } from '../src-main/training/index.ts';
import { processorClock } from './processor-time.ts';
import { flags, load } from './side-by-side.ts';

const given = flags({
  model: 'starter',
  size: 0,
  images: 1000,
  trials: 20,
  epochs: 20,
  patience: 6,
  versions: 4,
  folds: 0,
  threads: 2,
  halving: 0,
});
const { model, images, trials, epochs, patience, versions, folds, threads, halving } = given;
const size = given.size || modelCard(model).inputSize;
const preprocessing = { height: size, width: size, channels: 1 as const };
/** A network without weights of its own is measured with random ones: what it costs is the same. */
const settings: TrainingSettings = {
  modelName: model,
  freezePreset: 'feature-extraction',
  epochs,
  threads,
  earlyStopping: { patience },
  augmentation: { variants: versions },
};

const folder = mkdtempSync(join(tmpdir(), 'graft-sweep-bench-'));
process.env.GRAFT_HOME = join(folder, 'home');
const project = join(folder, 'project');
const app = createApp();
// As in the window, which stays open.
const spares = keepSpareWorkers();
try {
  if (!shippedWeights(modelCard(model))) settings.initial = savedModel();
  await makeProject();
  console.log(
    `${model}, ${images} images at ${size}², ${trials} heads of at most ${epochs} epochs${halving ? ', halving' : ''}${folds ? ` on ${folds} folds` : ''}, ${threads} threads, ${load()} before`,
  );
  await measure();
} finally {
  spares.close();
  rmSync(folder, { recursive: true, force: true });
}

async function measure(): Promise<void> {
  // Fills the caches of pixels and of features.
  await timedSweep({ 'head.dropout': [0.1] });
  await sparesLoaded();
  const before = await naiveEpoch();
  const sweep = await timedSweep({
    headLearningRate: [1e-2, 3e-3, 1e-3, 3e-4, 1e-4].slice(0, Math.ceil(trials / 4)),
    'head.dropout': [0, 0.2, 0.4, 0.6].slice(0, Math.min(4, trials)),
  });
  // Before and after, since other work on the machine comes and goes.
  await sparesLoaded();
  const after = await naiveEpoch();
  const naive = (before.seconds + after.seconds) / 2;
  console.log(
    `  naive frozen loop, one epoch   ${naive.toFixed(2)} s (${before.seconds.toFixed(2)} and ${after.seconds.toFixed(2)}; compiled before, ${before.compile.toFixed(2)} s)`,
  );
  console.log(
    `  sweep, features cached         ${sweep.seconds.toFixed(2)} s for ${sweep.epochs} epochs in all, which took ${sweep.training.toFixed(2)} s of it`,
  );
  console.log(`  the sweep costs ${(sweep.seconds / naive).toFixed(2)} of an epoch of the naive loop`);
  if (sweep.processor === null) return;
  const own = (before.processor! + after.processor!) / 2;
  console.log(
    `  processor time                 ${own.toFixed(2)} s and ${sweep.processor.toFixed(2)} s, ${(sweep.processor / own).toFixed(2)} of an epoch`,
  );
}

/** Until the processes in place of those that the first sweep took are there. */
async function sparesLoaded(): Promise<void> {
  while (spares.waiting < 2) await new Promise((resolve) => setTimeout(resolve, 100));
}

interface TimedSweep {
  seconds: number;
  /** Of all trials. */
  epochs: number;
  /** Seconds that the epochs themselves took. */
  training: number;
  /** Seconds of all processors, those of worker processes among them: what counts where other work makes everything slow. */
  processor: number | null;
}

async function timedSweep(space: Record<string, number[]>): Promise<TimedSweep> {
  const start = performance.now();
  const processor = processorClock();
  const report = await app.sweepPlans(project, {
    plan: { settings, preprocessing },
    sweep: {
      space,
      ...(folds > 0 ? { folds } : {}),
      ...(halving > 0 ? { strategy: 'halving', trials } : {}),
    },
  });
  const seconds = (performance.now() - start) / 1000;
  const sum = (of: 'epochs' | 'seconds'): number => report.trials.reduce((total, one) => total + one[of], 0);
  return { seconds, epochs: sum('epochs'), training: sum('seconds'), processor: processor() };
}

/** The backbone runs for each training and validation image, then the head takes its step: what a loop without a cache does. */
async function naiveEpoch(): Promise<{ seconds: number; compile: number; processor: number | null }> {
  const reading = openProjectForReading(project);
  const dataset = loadDataset(reading, 1, preprocessing);
  reading.close();
  const source = openImageSource(dataset);
  const config = trainingConfigSchema.parse(settings);
  const executor = await openExecutor({ engine: 'compiled', threads });
  const starting = startingModel(config, dataset.classes, source);
  const [phase] = planPhases(config, starting);
  const network = { ...starting, cut: phase.plan.cut };
  const begin = performance.now();
  const prefix = await executor.compile(prefixProgram(network, config.batchSize), starting.parameters, {
    constants: 'all',
  });
  const pixels = source.height * source.width * source.channels;
  const x = new Float32Array(config.batchSize * pixels);
  const { train, validation } = dataset;
  const features = new Map<number, Float32Array>();
  const loop = await PhaseLoop.open({
    executor,
    model: starting,
    phase,
    config,
    objective: objectiveFor(config, dataset),
    training: train.map(answerOf),
    validation: validation.map(answerOf),
    starts: new Map(),
    inputs: {
      readTraining: async ({ indexes }, into) =>
        indexes.forEach((index, i) => {
          const found = features.get(train[index].cacheIndex)!;
          into.set(found, i * found.length);
        }),
      readValidation: (index, into, offset) => into.set(features.get(validation[index].cacheIndex)!, offset),
      account: { bytes: 0, seconds: 0 },
      close: async () => {},
    },
  });
  const start = performance.now();
  const processor = processorClock();
  const all = [...train, ...validation];
  for (let at = 0; at < all.length; at += config.batchSize) {
    const batch = all.slice(at, at + config.batchSize);
    batch.forEach(({ cacheIndex }, i) => source.read(cacheIndex, x, i * pixels));
    const outputs = await prefix.run({ x });
    const data = outputs.features.data as Float32Array;
    const width = data.length / config.batchSize;
    batch.forEach(({ cacheIndex }, i) => features.set(cacheIndex, data.slice(i * width, (i + 1) * width)));
  }
  await loop.train(1);
  await loop.validate(1);
  const seconds = (performance.now() - start) / 1000;
  const spent = processor();
  await loop.dispose();
  await prefix.dispose();
  await executor.dispose();
  source.close();
  return { seconds, compile: (start - begin) / 1000, processor: spent };
}

function savedModel(): string {
  const card = modelCard(model);
  const network = card.architecture([size, size, card.channels], 2);
  const path = join(folder, 'model');
  saveModel(path, {
    network,
    parameters: initialiseParameters(network, 3),
    classes: ['one', 'other'],
    preprocessing: card.preprocessing,
    imageChannels: card.channels,
    metadata: {},
  });
  return path;
}

/** Noise with a brighter square in every other patient's images, five of each; only training and validation, which is what is compared. */
async function makeProject(): Promise<void> {
  const data = join(folder, 'data');
  mkdirSync(data);
  const rows = ['sop_instance_uid,label'];
  for (let image = 0; image < images; image++) {
    const patient = Math.floor(image / 5);
    const stream = new RandomStream(1, 'sweep bench', image);
    const pixels = Uint8Array.from({ length: 128 * 128 }, (_, at) => {
      const inside = at % 128 < 48 && at < 48 * 128;
      return 60 + stream.integer(80) + (inside && patient % 2 === 1 ? 60 : 0);
    });
    const uid = `2.25.${1000 + image}`;
    const bytes = await writeDicom({
      transferSyntaxUID: explicitLittleEndian,
      elements: {
        SOPClassUID: '1.2.840.10008.5.1.4.1.1.4',
        SOPInstanceUID: uid,
        PatientID: `P${patient}`,
        Modality: 'MR',
      },
      pixels: { rows: 128, columns: 128, bitsAllocated: 8, bitsStored: 8, data: pixels },
    });
    writeFileSync(join(data, `${image}.dcm`), bytes);
    rows.push(`${uid},${patient % 2 === 1 ? 'bright' : 'plain'}`);
  }
  const labels = join(folder, 'labels.csv');
  writeFileSync(labels, rows.join('\n'));
  await app.importFolder(project, data);
  await app.labelImages(project, labels);
  await app.createSplit(project, { options: { fractions: { train: 0.8, validation: 0.2, test: 0 } } });
}
