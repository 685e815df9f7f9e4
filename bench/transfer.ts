/**
 * Whether transfer happens: the starter, pre-trained by Graft on drawn shapes and textures, fine-tuned on another drawn task (nodules in CT
 * slices of drawn lungs) with few labels, beside the same network from random weights on the same images. Patients of training, validation
 * and test are different ones, and different ones for each seed.
 *
 *     node bench/transfer.ts [--labels 25] [--seeds 5] [--size 96] [--epochs 40] [--model starter]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sample } from '../src-main/contract/dataset.ts';
import { trainingConfigSchema } from '../src-main/contract/training.ts';
import { openExecutor } from '../src-main/engine/index.ts';
import { loadModel, type Model } from '../src-main/models/index.ts';
import { RandomStream } from '../src-main/platform/random.ts';
import { findings } from '../src-main/samples/index.ts';
import { drawSampleImage } from '../src-main/samples/sample-images.ts';
import { samplePatients } from '../src-main/samples/sample-patients.ts';
import { scanners } from '../src-main/samples/scanners.ts';
import {
  type ImageSource,
  predict,
  train,
  trainFromScratch,
  trainProbe,
  type TrainingTask,
} from '../src-main/training/index.ts';
import { flags, load } from './side-by-side.ts';

const { labels, seeds, size, epochs, model } = flags({
  labels: 25,
  seeds: 5,
  size: 96,
  epochs: 40,
  model: 'starter',
});
const VALIDATION = 10;
const TEST = 80;
const approaches = ['probe', 'fine-tuned', 'scratch'] as const;
const found: Record<(typeof approaches)[number], number[]> = { probe: [], 'fine-tuned': [], scratch: [] };

console.log(`${model}, ${labels} labels a class, ${size}², ${epochs} epochs, ${load()} before`);
for (let seed = 1; seed <= seeds; seed++) {
  const work = taskOf(seed);
  const row = await accuracies(work);
  for (const approach of approaches) found[approach].push(row[approach]);
  console.log(`  seed ${seed}: ${approaches.map((one) => `${one} ${row[one].toFixed(3)}`).join(', ')}`);
  rmSync(work.task.paths.runFolder, { recursive: true, force: true });
}
for (const approach of approaches)
  console.log(`  ${approach.padEnd(12)} ${mean(found[approach]).toFixed(3)}`);
compare('fine-tuned', 'scratch');
compare('fine-tuned', 'probe');

interface Work {
  task: TrainingTask;
  test: Sample[];
}

/** One image of each patient: as many of each class as are asked for, in three parts that share no patient. */
function taskOf(seed: number): Work {
  const wanted = labels + VALIDATION + TEST;
  const classes = findings.map((finding) =>
    samplePatients(100 + seed, scanners[0], wanted * findings.length * 2)
      .filter((patient) => patient.finding === finding && !patient.inverted)
      .slice(0, wanted),
  );
  const patients = classes.flat();
  const pictures = patients.map((patient) => picture(100 + seed, patient));
  const sample = (index: number): Sample => ({
    cacheIndex: index,
    label: Math.floor(index / wanted),
    patientKey: String(index),
    instanceId: index,
    frameIndex: 0,
  });
  const part = (from: number, count: number): Sample[] =>
    findings.flatMap((_, label) =>
      Array.from({ length: count }, (_, at) => sample(label * wanted + from + at)),
    );
  const images: ImageSource = {
    height: size,
    width: size,
    channels: 1,
    checksum: `drawn lungs ${seed} ${size}`,
    read: (index, into, offset) => into.set(pictures[index], offset),
  };
  const folder = mkdtempSync(join(tmpdir(), 'graft-transfer-'));
  const config = trainingConfigSchema.parse({
    modelName: model,
    epochs,
    headEpochs: Math.floor(epochs / 4),
    freezePreset: 'full',
    seed,
    augmentation: { flipHorizontal: true, flipVertical: true },
    earlyStopping: { patience: epochs },
  });
  const dataset = { classes: [...findings], train: part(0, labels), validation: part(labels, VALIDATION) };
  const paths = { runFolder: folder, cacheFolder: join(folder, 'cache') };
  return { task: { config, dataset, images, paths }, test: part(labels + VALIDATION, TEST) };
}

/** The middle slice under its own window, shrunk by averages. */
function picture(seed: number, patient: ReturnType<typeof samplePatients>[number]): Float32Array {
  const { pixels, elements } = drawSampleImage(seed, patient, patient.slices.length >> 1);
  const number = (name: string): number => Number(elements[name as keyof typeof elements]);
  const [slope, intercept] = [number('RescaleSlope'), number('RescaleIntercept')];
  const [center, width] = [number('WindowCenter'), number('WindowWidth')];
  const { rows, columns } = pixels;
  const shrunk = new Float32Array(size * size);
  const counts = new Uint16Array(size * size);
  const data = pixels.data as ArrayLike<number>;
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) {
      const at = Math.floor((y * size) / rows) * size + Math.floor((x * size) / columns);
      const value = (data[y * columns + x] * slope + intercept - (center - width / 2)) / width;
      shrunk[at] += Math.min(1, Math.max(0, value));
      counts[at]++;
    }
  return shrunk.map((sum, at) => sum / Math.max(1, counts[at]));
}

async function accuracies({ task, test }: Work): Promise<Record<(typeof approaches)[number], number>> {
  const executor = await openExecutor();
  try {
    const folders = (name: string): TrainingTask => ({
      ...task,
      paths: { ...task.paths, runFolder: join(task.paths.runFolder, name) },
    });
    const judge = async (trained: Model): Promise<number> => {
      const probabilities = await predict(trained, test, task.images, executor);
      const classes = findings.length;
      const hits = test.filter(({ label }, at) => {
        const row = probabilities.subarray(at * classes, (at + 1) * classes);
        return row.indexOf(Math.max(...row)) === label;
      });
      return hits.length / test.length;
    };
    const probe = await judge((await trainProbe(folders('probe'), { executor })).model);
    const tuned = await judge(loadModel((await train(folders('tuned'), { executor })).modelFolder));
    const scratch = await judge(
      loadModel((await trainFromScratch(folders('scratch'), { executor })).modelFolder),
    );
    return { probe, 'fine-tuned': tuned, scratch };
  } finally {
    await executor.dispose();
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The mean difference over seeds with its 95 % interval: by drawing seeds, and by Student's t where there are five. */
function compare(first: (typeof approaches)[number], second: (typeof approaches)[number]): void {
  const differences = found[first].map((value, at) => value - found[second][at]);
  const stream = new RandomStream(7, 'seeds');
  const draws = Array.from({ length: 10_000 }, () =>
    mean(differences.map(() => stream.pick(differences))),
  ).sort((a, b) => a - b);
  const deviation = Math.sqrt(
    differences.reduce((sum, value) => sum + (value - mean(differences)) ** 2, 0) / (differences.length - 1),
  );
  const half = (differences.length === 5 ? 2.776 : 1.96) * (deviation / Math.sqrt(differences.length));
  console.log(
    `  ${first} less ${second}: ${mean(differences).toFixed(3)}, drawing seeds ${draws[250].toFixed(3)} to ${draws[9749].toFixed(3)}, Student's t ${(mean(differences) - half).toFixed(3)} to ${(mean(differences) + half).toFixed(3)}`,
  );
}
