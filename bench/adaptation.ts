/**
 * What methods of domain adaptation bring: accuracy on target images that nobody has seen, of a model that knows the source alone, of each
 * method, and of a model that learned from the labels of the target.
 *
 *     node bench/adaptation.ts [--task hospitals|digits|FOLDER] [--shifts 1,2,3] [--seeds 5] [--first-seed 1] [--subjects 4] [--methods coral,histogram+mcc] [--epochs 15] [--starter] [--settings JSON] [--json results.json]
 *
 * `hospitals`: squares of a lung of three kinds as the drawn hospital A shows them and, at strength 1, hospital B; `digits`: drawn digits, the
 * target blurred, broad and of little contrast, at shift 1 dark on light; FOLDER: DICOM with a labels.csv, the target as a second scanner would
 * have measured it. `--starter`: the network that Graft ships, in place of a small one from nothing. `--settings`: of a method, or of a name of one's
 * own: `--methods dann,old --settings '{"old":{"is":"dann","normalization":"together"}}'`. What is chosen is chosen on other `--subjects` and seeds.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { adaptModel, observe } from '../src-main/adaptation/index.ts';
import {
  adaptationMethods,
  adaptationSchema,
  type AdaptationSettings,
} from '../src-main/contract/adaptation.ts';
import { type AdaptationName, stagesOf } from '../src-main/contract/adaptation-stages.ts';
import { type TrainingConfig, trainingConfigSchema } from '../src-main/contract/training.ts';
import { openExecutor } from '../src-main/engine/index.ts';
import { initialiseParameters, loadModel, NetworkBuilder, saveModel } from '../src-main/models/index.ts';
import { train, type TrainingDataset } from '../src-main/training/index.ts';
import { digitClasses, DIGIT_SIZE, digitPictures } from './adaptation/digits.ts';
import { hospitalClasses, HOSPITAL_SIZE, hospitalPictures } from './adaptation/hospitals.ts';
import { scannedFolder } from './adaptation/scanned-folder.ts';
import { type DomainTask, type Drawing, Pool } from './adaptation/task.ts';
import { drawnSeeds, mean } from './seeds.ts';

const { values: options } = parseArgs({
  options: {
    task: { type: 'string', default: 'hospitals' },
    shifts: { type: 'string' },
    seeds: { type: 'string', default: '5' },
    'first-seed': { type: 'string', default: '1' },
    subjects: { type: 'string', default: '4' },
    methods: { type: 'string' },
    epochs: { type: 'string', default: '15' },
    images: { type: 'string', default: '300' },
    rate: { type: 'string', default: '0.002' },
    settings: { type: 'string', default: '{}' },
    starter: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});
const drawings: Record<string, Drawing> = {
  hospitals: { name: 'hospitals', classes: hospitalClasses, size: HOSPITAL_SIZE, draw: hospitalPictures },
  digits: { name: 'digits', classes: digitClasses, size: DIGIT_SIZE, draw: digitPictures },
};
const drawing = drawings[options.task] ?? (await scannedFolder(options.task));
const shifts = (options.shifts ?? { hospitals: '1,2,3', digits: '0.4,1' }[options.task] ?? '1')
  .split(',')
  .map(Number);
const seeds = Array.from({ length: Number(options.seeds) }, (_, at) => at + Number(options['first-seed']));
const methods = (options.methods?.split(',').filter(Boolean) ?? [
  ...adaptationMethods,
  'adabn+self-training',
  'adabn+dann',
  'histogram+mcc',
  'histogram+dan',
]) as readonly AdaptationName[];
const images = Number(options.images);

const folder = mkdtempSync(join(tmpdir(), 'graft-adaptation-'));
const executor = await openExecutor({ threads: 1 });

/** A small residual-free network of three stages with BatchNorm, weights drawn. */
function network(seed: number): string {
  const b = new NetworkBuilder('bench', [drawing.size, drawing.size, 1], 'one', {
    epsilon: 1e-3,
    momentum: 0.9,
  });
  [16, 32, 64].forEach((filters, at) => {
    if (at > 0) b.stage(['one', 'two', 'three'][at]);
    b.conv2d(`conv_${at + 1}`, filters, 3, { strides: 2 - Number(at === 0) });
    b.normalize(`bn_${at + 1}`);
    b.activate(`relu_${at + 1}`);
    if (at === 0) b.maxPool('pool_1', 2, 2, 'same');
  });
  b.head(drawing.classes.length);
  const built = b.build();
  const path = join(folder, `network-${seed}`);
  saveModel(path, {
    network: built,
    parameters: initialiseParameters(built, seed),
    classes: [...drawing.classes],
    preprocessing: { scale: [2], offset: [-1] },
    imageChannels: 1,
    metadata: {},
  });
  return path;
}

const configOf = (seed: number): TrainingConfig =>
  trainingConfigSchema.parse({
    ...(options.starter
      ? { modelName: 'starter', initial: 'pretrained' }
      : { modelName: 'bench', initial: network(seed) }),
    freezePreset: 'full',
    stageFactor: 1,
    headEpochs: 0,
    epochs: Number(options.epochs),
    batchSize: 32,
    learningRate: Number(options.rate),
    batchNormalization: 'training',
    head: { dropout: 0, hidden: [64] },
    augmentation: { rotate: 5, shift: 0.05, zoom: 0.05, intensity: 0.05, noise: 0.02 },
    workers: 0,
    threads: 1,
    seed,
  });

let count = 0;
const paths = (): { runFolder: string; cacheFolder: string } => {
  const run = join(folder, `run-${++count}`);
  return { runFolder: run, cacheFolder: join(run, 'cache') };
};

async function accuracy(modelFolder: string, { images: source, test }: DomainTask): Promise<number> {
  const { probabilities, classes } = await observe(loadModel(modelFolder), test, source, executor, {
    batchSize: 50,
  });
  const right = test.filter(({ label }, i) => {
    const row = probabilities.subarray(i * classes, (i + 1) * classes);
    return row.indexOf(Math.max(...row)) === label;
  });
  return right.length / test.length;
}

async function plain(config: TrainingConfig, dataset: TrainingDataset, task: DomainTask): Promise<string> {
  return (await train({ config, dataset, images: task.images, paths: paths() }, { executor })).modelFolder;
}

const pool = new Pool(
  drawing,
  { source: images, target: images, validation: 60, test: 300 },
  Number(options.subjects),
);
const own = JSON.parse(options.settings) as Partial<Record<string, AdaptationSettings & { is?: string }>>;
const table: { task: string; shift: number; seed: number; accuracies: Record<string, number> }[] = [];
const percent = (value: number): string => (100 * value).toFixed(1);

function tell(shift: number): void {
  const rows = table.filter((one) => one.shift === shift);
  const of = (name: string): number[] => rows.map(({ accuracies }) => accuracies[name]);
  const [low, high] = [mean(of('source only')), mean(of('target, labelled'))];
  console.log(
    `\n${drawing.name}, shift ${shift}, ${seeds.length} seeds, ${images} source and ${images} target images`,
  );
  console.log('| | accuracy % | against source only, 95 % interval over seeds | of the gap |');
  console.log('|---|---|---|---|');
  for (const name of ['source only', ...methods, 'target, labelled']) {
    const differences = of(name).map((value, i) => value - of('source only')[i]);
    const [from, to] = drawnSeeds(differences);
    const against =
      name === 'source only' ? '' : `${percent(mean(differences))} [${percent(from)}, ${percent(to)}]`;
    const gap = name === 'source only' ? '' : `${Math.round((100 * mean(differences)) / (high - low))} %`;
    console.log(`| ${name} | ${percent(mean(of(name)))} | ${against} | ${gap} |`);
  }
}

for (const shift of shifts) {
  for (const seed of seeds) {
    const task = pool.deal(seed, shift);
    const config = configOf(seed);
    const since = performance.now();
    const sourceModel = await plain(config, task.source, task);
    const accuracies: Record<string, number> = {
      'source only': await accuracy(sourceModel, task),
      'target, labelled': await accuracy(await plain(config, task.target, task), task),
    };
    for (const method of methods) {
      const result = await adaptModel(
        {
          adaptation: adaptationSchema.parse({ ...own[method], ...stagesOf(own[method]?.is ?? method) }),
          config,
          dataset: task.source,
          target: task.target.train,
          images: task.images,
          paths: paths(),
          sourceModel,
        },
        { executor },
      );
      accuracies[method] = await accuracy(result.modelFolder, task);
      console.error(`shift ${shift}, seed ${seed}, ${method}: ${percent(accuracies[method])}`);
    }
    table.push({ task: drawing.name, shift, seed, accuracies });
    const row = Object.entries(accuracies).map(([name, value]) => `${name} ${(100 * value).toFixed(1)}`);
    console.error(
      `shift ${shift}, seed ${seed}, ${((performance.now() - since) / 1000).toFixed(0)} s: ${row.join(', ')}`,
    );
  }
  tell(shift);
}

if (options.json) writeFileSync(options.json, `${JSON.stringify(table)}\n`);
await executor.dispose();
rmSync(folder, { recursive: true, force: true });
