/**
 * Whether transfer happens: a pre-trained network probed and fine-tuned on another task with few labels, beside the same network from random
 * weights, which may choose its best rate by the test itself. Patients of training, validation and test are different ones, and different
 * ones for each seed.
 *
 *     node bench/transfer.ts [--task lungs|cells|FOLDER] [--labels 10,25,100,all] [--seeds 5] [--size 96] [--epochs 40]
 *
 * FOLDER holds DICOM files and a labels.csv. `--own-steps 600` pre-trains the network by Graft here, for so many steps of 32 images of another
 * drawn task, in place of taking the weights that Graft ships: `--own-task lungs` asks whether there is anything in the lung, at another hospital, `cells` which sign
 * another laboratory files its smears by. `--initial` names the folder of a saved model, `--keep` the one to save it in. `--rate` and `--scratch-rates` are learning rates.
 *
 * `--probes` are stages and pooling that linear probes read: by default the means of the last stage, and the deviations of all, as Graft's baseline
 * does. With `--epochs 0` there are probes alone. Seeds begin with `--first-seed`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TrainingSettings, trainingConfigSchema } from '../src-main/contract/training.ts';
import { openExecutor } from '../src-main/engine/index.ts';
import { loadModel, type Model, saveModel } from '../src-main/models/index.ts';
import {
  drawnStream,
  predict,
  pretrain,
  train,
  type ProbeFeatures,
  trainProbe,
  type TrainingTask,
} from '../src-main/training/index.ts';
import { drawnSeeds, mean } from './seeds.ts';
import { flags, load } from './side-by-side.ts';
import { otherCellClasses } from './transfer/other-cells.ts';
import { otherHospitalClasses } from './transfer/other-hospital.ts';
import { type LabelledImages, openTask } from './transfer/tasks.ts';

const options = flags({
  task: 'lungs',
  labels: '25',
  seeds: 5,
  size: 96,
  'first-seed': 1,
  epochs: 40,
  probes: 'last:average,all:deviation',
  model: 'starter',
  initial: 'pretrained',
  rate: 1e-3,
  'scratch-rates': '3e-4,1e-3,3e-3',
  'own-steps': 0,
  'own-task': 'cells',
  keep: '',
});
const { task: taskName, seeds, size, epochs } = options;
const probes = options.probes.split(',');
const VALIDATION = 10;
/** The 97.5 % point of Student's t by the number of seeds. */
const STUDENT: Record<number, number> = {
  2: 12.71,
  3: 4.303,
  4: 3.182,
  5: 2.776,
  6: 2.571,
  7: 2.447,
  8: 2.365,
  9: 2.306,
  10: 2.262,
};
const folder = mkdtempSync(join(tmpdir(), 'graft-transfer-'));
const executor = await openExecutor();
try {
  const task = await openTask(taskName, size);
  console.log(`${options.model} on ${taskName}, ${size}², ${epochs} epochs, ${load()} before`);
  const initial = options['own-steps'] > 0 ? await pretrained(options['own-steps']) : options.initial;
  for (const wanted of options.labels.split(',')) {
    const labels = wanted === 'all' ? Infinity : Number(wanted);
    const found = new Map<string, number[]>();
    for (let seed = options['first-seed']; seed < options['first-seed'] + seeds; seed++) {
      const row = await accuracies(task({ labels, validation: VALIDATION, size }, seed), initial, seed);
      for (const [name, value] of row) found.set(name, [...(found.get(name) ?? []), value]);
      console.log(
        `  ${wanted} labels, seed ${seed}: ${[...row].map(([name, value]) => `${name} ${value.toFixed(3)}`).join(', ')}`,
      );
    }
    report(wanted, found);
  }
} finally {
  await executor.dispose();
  rmSync(folder, { recursive: true, force: true });
}

/** The network after so many steps of Graft's own pre-training, saved. */
async function pretrained(steps: number): Promise<string> {
  const { file, draw, classes } =
    options['own-task'] === 'lungs'
      ? { file: 'other-hospital.ts', draw: 'drawOtherHospital', classes: otherHospitalClasses }
      : { file: 'other-cells.ts', draw: 'drawOtherCells', classes: otherCellClasses };
  const images = drawnStream({
    module: new URL(`transfer/${file}`, import.meta.url),
    exportName: draw,
    seed: 2024,
    size,
  });
  const { model, reports } = await pretrain(
    {
      modelName: options.model,
      classes,
      size,
      steps,
      batchSize: 32,
      learningRate: 0.1,
      optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 1e-4 },
      seed: 1,
      source: `${draw}, seed 2024`,
    },
    {
      executor,
      images,
      folder: join(folder, 'checkpoint'),
      every: Math.ceil(steps / 10),
      onReport: ({ step, trainAccuracy, imagesPerSecond }) =>
        console.log(
          `  step ${step}: ${(100 * trainAccuracy).toFixed(0)} % right, ${imagesPerSecond.toFixed(0)} images a second`,
        ),
    },
  );
  await images.close();
  const { trainAccuracy, imagesPerSecond } = reports[reports.length - 1];
  console.log(
    `  pre-trained by Graft for ${steps} steps, ${steps * 32} drawn images at ${imagesPerSecond.toFixed(0)} a second; ${(100 * trainAccuracy).toFixed(0)} % right of ${classes.length} classes since the report before`,
  );
  const saved = options.keep || join(folder, 'own');
  saveModel(saved, model);
  return saved;
}

async function accuracies(
  { classes, images, train: training, validation, test }: LabelledImages,
  initial: string,
  seed: number,
): Promise<Map<string, number>> {
  const work = join(folder, 'work');
  const taskOf = (name: string, settings: TrainingSettings): TrainingTask => ({
    config: trainingConfigSchema.parse({
      modelName: options.model,
      epochs: Math.max(1, epochs),
      headEpochs: Math.floor(epochs / 4),
      freezePreset: 'full',
      stageFactor: 1,
      seed,
      augmentation: { flipHorizontal: true },
      earlyStopping: { patience: Math.max(1, epochs) },
      ...settings,
    }),
    dataset: { classes: [...classes], train: training, validation },
    images,
    paths: { runFolder: join(work, name), cacheFolder: join(work, 'cache') },
  });
  const judge = async (model: Model): Promise<number> => {
    const probabilities = await predict(model, test, images, executor);
    const hits = test.filter(({ label }, at) => {
      const row = probabilities.subarray(at * classes.length, (at + 1) * classes.length);
      return row.indexOf(Math.max(...row)) === label;
    });
    return hits.length / test.length;
  };
  const tuned = async (name: string, settings: TrainingSettings): Promise<number> =>
    judge(loadModel((await train(taskOf(name, settings), { executor })).modelFolder));
  const row = new Map<string, number>();
  for (const name of probes) {
    const [stages, pooling] = name.split(':');
    for (const from of ['random', initial]) {
      const task = taskOf('probe', { initial: from, head: { stages, pooling } as ProbeFeatures });
      const { model } = await trainProbe(task, { executor }, task.config.head);
      row.set(from === 'random' ? `random ${name}` : name, await judge(model));
    }
  }
  if (epochs > 0) {
    row.set('fine-tuned', await tuned('tuned', { initial, learningRate: options.rate }));
    for (const rate of options['scratch-rates'].split(','))
      row.set(
        `scratch ${rate}`,
        await tuned(`scratch-${rate}`, { initial: 'random', learningRate: Number(rate) }),
      );
  }
  rmSync(work, { recursive: true, force: true });
  return row;
}

function report(labels: string, found: ReadonlyMap<string, number[]>): void {
  console.log(`  ${labels} labels a class, means of ${seeds} seeds:`);
  for (const [name, values] of found) console.log(`    ${name.padEnd(21)} ${mean(values).toFixed(3)}`);
  for (const name of probes)
    compare(`${name} less random ${name}`, found.get(name)!, found.get(`random ${name}`)!);
  if (!found.has('fine-tuned')) return;
  const scratch = [...found].filter(([name]) => name.startsWith('scratch'));
  const [bestName, best] = scratch.reduce((a, b) => (mean(b[1]) > mean(a[1]) ? b : a));
  compare(`fine-tuned less ${bestName}, its best rate`, found.get('fine-tuned')!, best);
  const last = probes[probes.length - 1];
  compare(`fine-tuned less ${last}`, found.get('fine-tuned')!, found.get(last)!);
}

/** The mean difference over seeds with its 95 % interval: by drawing seeds, and by Student's t. */
function compare(what: string, first: readonly number[], second: readonly number[]): void {
  const differences = first.map((value, at) => value - second[at]);
  const [low, high] = drawnSeeds(differences);
  const count = differences.length;
  const centre = mean(differences);
  const deviation = Math.sqrt(
    differences.reduce((sum, value) => sum + (value - centre) ** 2, 0) / Math.max(1, count - 1),
  );
  const half = (STUDENT[count] ?? 1.96) * (deviation / Math.sqrt(count));
  console.log(
    `    ${what}: ${centre.toFixed(3)}, drawing seeds ${low.toFixed(3)} to ${high.toFixed(3)}${count > 1 ? `, Student's t ${(centre - half).toFixed(3)} to ${(centre + half).toFixed(3)}` : ''}`,
  );
}
