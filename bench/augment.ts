/**
 * Training steps with and without threads that draw augmented images ahead: images a second, and the share of the time of a step that it
 * waits for its images. The starter, all of it learning, as no frozen prefix is cached then; and how many images a second the changes
 * alone come to.
 *
 *     node bench/augment.ts [--model starter] [--size 128] [--batch 16] [--steps 12] [--rounds 3] [--workers 0,1,2] [--presets none,custom,mr,photo] [--threads all cores]
 *
 * The settings take turns in each round, on one compiled step; the first two steps of each turn are left out. Images are the same in all.
 */
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AugmentationPreset,
  augmentationSchema,
  resolveAugmentation,
} from '../src-main/contract/augmentation.ts';
import type { Sample } from '../src-main/contract/dataset.ts';
import { trainingConfigSchema } from '../src-main/contract/training.ts';
import { openExecutor } from '../src-main/engine/index.ts';
import { RandomStream } from '../src-main/platform/random.ts';
import { augmentImage } from '../src-main/training/augment.ts';
import { answerOf } from '../src-main/training/answers.ts';
import { openPhaseInputs, type PhaseInputs } from '../src-main/training/batches.ts';
import type { ImageSource } from '../src-main/training/data.ts';
import { PhaseLoop } from '../src-main/training/loop.ts';
import { objectiveFor } from '../src-main/training/objective.ts';
import { planPhases } from '../src-main/training/phase.ts';
import { startingModel } from '../src-main/training/starting-model.ts';
import { flags } from './side-by-side.ts';

const given = flags({
  model: 'starter',
  size: 128,
  batch: 16,
  steps: 12,
  rounds: 3,
  workers: '0,1,2',
  presets: 'none,custom,mr,photo',
  threads: availableParallelism(),
});
const { size, batch, steps } = given;
const SKIPPED = 2;
const count = (steps + SKIPPED) * batch;

const pictures = Array.from({ length: 8 }, (_, at) => {
  const stream = new RandomStream(1, 'picture', at);
  return Float32Array.from({ length: size * size }, () => stream.uniform());
});
const images: ImageSource = {
  height: size,
  width: size,
  channels: 1,
  checksum: 'bench',
  read: (index, into, offset) => into.set(pictures[index % pictures.length], offset),
};
const dataset = {
  classes: ['a', 'b'],
  train: Array.from({ length: count }, (_, index): Sample => ({
    cacheIndex: index,
    instanceId: index,
    frameIndex: 0,
    label: index % 2,
    patientKey: '',
  })),
  validation: [],
};

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1];
const presets = String(given.presets).split(',') as AugmentationPreset[];
const workerCounts = String(given.workers).split(',').map(Number);
const augmentationOf = (preset: AugmentationPreset) =>
  resolveAugmentation(augmentationSchema.parse({ preset }));

console.log(
  `${given.model}, ${size} × ${size}, batch ${batch}, ${given.threads} threads of the engine, ${availableParallelism()} cores, load ${loadavg()[0].toFixed(2)}`,
);
for (const preset of presets) {
  const image = new Float32Array(size * size);
  const start = performance.now();
  for (let version = 1; version <= 64; version++) {
    images.read(version, image, 0);
    augmentImage(image, images, augmentationOf(preset), 1, 'a', version);
  }
  console.log(
    `${preset}: ${((1000 * 64) / (performance.now() - start)).toFixed(0)} images/s drawn by one thread`,
  );
}

const config = trainingConfigSchema.parse({
  modelName: given.model,
  freezePreset: 'full',
  headEpochs: 0,
  epochs: 1000,
  batchSize: batch,
  threads: given.threads,
});
const executor = await openExecutor({ engine: 'compiled', threads: given.threads });
const model = startingModel(config, dataset.classes, images, false);
const phase = planPhases(config, model)[0];

interface Turn {
  step: number[];
  waiting: number[];
}
const turns = new Map<string, Turn>();
let inputs: PhaseInputs;
let turn: Turn;
let asked = 0;
let begun = 0;
/** Hands on what the setting in turn gives, and notes how long it took. */
const timed: PhaseInputs = {
  readTraining: async (wanted, into, next) => {
    const start = performance.now();
    if (asked > SKIPPED) turn.step.push(start - begun);
    begun = start;
    await inputs.readTraining(wanted, into, next);
    if (asked >= SKIPPED) turn.waiting.push(performance.now() - start);
    asked++;
  },
  readValidation: () => {},
  account: { bytes: 0, seconds: 0 },
  close: async () => {},
};
const loop = await PhaseLoop.open({
  executor,
  model,
  phase,
  config,
  inputs: timed,
  objective: objectiveFor(config, dataset),
  training: dataset.train.map(answerOf),
  validation: [],
  starts: new Map(),
});
let epoch = 0;
for (let round = 0; round < given.rounds; round++) {
  for (const preset of presets) {
    for (const workers of workerCounts) {
      const name = `${preset.padEnd(8)} ${workers} workers`;
      turn = turns.get(name) ?? { step: [], waiting: [] };
      turns.set(name, turn);
      inputs = await openPhaseInputs({
        executor,
        network: { ...model, cut: null },
        parameters: model.parameters,
        images,
        augmentation: augmentationOf(preset),
        seed: 1,
        cacheFolder: join(mkdtempSync(join(tmpdir(), 'graft-bench-')), 'cache'),
        train: dataset.train,
        validation: [],
        workers,
      });
      asked = 0;
      await loop.train(++epoch);
      await inputs.close();
    }
  }
}
for (const [name, { step, waiting }] of turns) {
  const [ms, wait] = [median(step), median(waiting)];
  console.log(
    `${name}: ${((1000 * batch) / ms).toFixed(1).padStart(6)} images/s, ${ms.toFixed(0).padStart(5)} ms a step, of which ${((100 * wait) / ms).toFixed(1).padStart(5)} % waiting for images`,
  );
}
await loop.dispose();
await executor.dispose();
console.log(`load after ${loadavg()[0].toFixed(2)}`);
