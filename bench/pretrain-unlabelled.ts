/**
 * Whether going on without labels helps: a model is continued on the training images of a folder, without their labels and without the test
 * patients, and then both it and its parent are probed and fine-tuned with few labels and judged on the test images. Any folder of DICOM
 * serves that has a labels.csv with the columns that `graft label` reads. The split is its column of that name; with --split dealt, 30 % of all
 * patients are drawn for the test, whoever the column says they are.
 *
 *     node bench/pretrain-unlabelled.ts --data FOLDER [--method simclr,byol,vicreg] [--minutes 2] [--labels 25,100] [--seeds 2]
 *
 * Further: --passes 20 (so many looks at each image, in place of minutes) --from starter --size 96 --batch 64 --rate 1e-3 --freeze-until stage1 --batch-norm training --epochs 20
 * --freeze full (or last-stage) --only probe
 * --work FOLDER (the project is kept there, and the next call finds the decoded images)
 * --own ID (judges a model that an earlier call has added, in place of continuing one)
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chosenModel } from '../src-main/app/added-models.ts';
import { chooseSplit } from '../src-main/app/choose-split.ts';
import { importFolder } from '../src-main/app/import-folder.ts';
import { pretrainUnlabelled } from '../src-main/app/pretrain-unlabelled.ts';
import { type Session, withSession } from '../src-main/app/session.ts';
import { prepareDataset } from '../src-main/cohort/index.ts';
import type { Dataset, Sample } from '../src-main/contract/dataset.ts';
import type { SelfSupervisedMethodName } from '../src-main/contract/self-supervision.ts';
import { trainingConfigSchema } from '../src-main/contract/training.ts';
import { type Executor, openExecutor } from '../src-main/engine/index.ts';
import { openImageSource, type OpenImageSource } from '../src-main/jobs/image-source.ts';
import { loadModel, type Model } from '../src-main/models/index.ts';
import { RandomStream } from '../src-main/platform/random.ts';
import { predict, train, trainProbe, type TrainingTask } from '../src-main/training/index.ts';
import { drawnSeeds, mean } from './seeds.ts';
import { flags, load } from './side-by-side.ts';

const options = flags({
  data: '',
  method: 'simclr',
  from: 'starter',
  own: '',
  split: 'column',
  minutes: 2,
  passes: 0,
  labels: '25,100',
  seeds: 2,
  size: 96,
  batch: 64,
  rate: 1e-3,
  'freeze-until': '',
  'batch-norm': 'training',
  epochs: 20,
  freeze: 'full',
  only: '',
  work: '',
});
if (options.data === '')
  throw new Error('Expected --data FOLDER: DICOM files with a labels.csv beside them.');
const { seeds, size } = options;
const VALIDATION = 10;
const DEALT = { train: 0.7, validation: 0, test: 0.3 };
const kinds = ['probe', 'fine-tuned'].filter((kind) => options.only === '' || options.only === kind);
const folder = options.work || mkdtempSync(join(tmpdir(), 'graft-unlabelled-'));
process.env['GRAFT_HOME'] ??= join(folder, 'home');

const budget = options.passes > 0 ? `${options.passes} passes` : `${options.minutes} minutes`;
console.log(`${options.data}, ${size}², ${budget} without labels, ${load()} before`);
await withSession(join(folder, 'project'), { create: true }, bench);
if (options.work === '') rmSync(folder, { recursive: true, force: true });

async function bench(session: Session): Promise<void> {
  const dataset = await prepared(session);
  const images = openImageSource(dataset);
  const executor = await openExecutor();
  try {
    const parent = chosenModel(session.project, options.from);
    const parentResults = await results('parent', parent.modelName, parent.initial ?? 'pretrained');
    for (const method of options.own === '' ? options.method.split(',') : [options.own]) {
      const added =
        options.own === ''
          ? await continued(session, method as SelfSupervisedMethodName)
          : { folder: '', ...chosenModel(session.project, options.own) };
      const own = await results(method, added.modelName, 'initial' in added ? added.initial! : added.folder);
      for (const [name, values] of own)
        compare(`${method} less parent, ${name}`, values, parentResults.get(name)!);
    }
  } finally {
    images.close();
    await executor.dispose();
  }

  /** Accuracies over the seeds, by kind and number of labels. */
  async function results(name: string, modelName: string, initial: string): Promise<Map<string, number[]>> {
    const found = new Map<string, number[]>();
    for (const labels of options.labels.split(',').map(Number))
      for (const kind of kinds) {
        const values: number[] = [];
        for (let seed = 1; seed <= seeds; seed++)
          values.push(await accuracy(kind, { modelName, initial, labels, seed }, dataset, images, executor));
        found.set(`${kind}, ${labels} labels a class`, values);
        const each = values.map((value) => value.toFixed(3)).join(' ');
        console.log(
          `  ${name.padEnd(8)} ${kind.padEnd(10)} ${labels} labels a class: ${mean(values).toFixed(3)} (${each})`,
        );
      }
    return found;
  }
}

/** Imports, labels and splits once; later calls with the same --work find it done. */
async function prepared(session: Session): Promise<Dataset> {
  const { project } = session;
  const data = resolve(options.data);
  const { labels } = await importFolder(session, data, { labels: join(data, 'labels.csv') });
  if (!labels) throw new Error('Expected labels.');
  const split = chooseSplit(session, {
    options: options.split === 'column' ? { predefined: true } : { fractions: DEALT },
  });
  return prepareDataset(project, split.id, { height: size, width: size, channels: 1 });
}

async function continued(session: Session, method: SelfSupervisedMethodName) {
  const started = performance.now();
  const norm = options['batch-norm'];
  const added = await pretrainUnlabelled(session, {
    from: options.from,
    settings: {
      method,
      ...(options.passes > 0 ? { epochs: options.passes } : { minutes: options.minutes }),
      batchSize: options.batch,
      learningRate: options.rate,
      ...(norm === 'inference' || norm === 'training' ? { batchNormalization: norm } : {}),
      ...(options['freeze-until'] === '' ? {} : { freezeUntil: options['freeze-until'] }),
    },
    preprocessing: { height: size, width: size, channels: 1 },
  });
  const { images, heldOut, epochs, reports } = added.lineage!;
  const [first, last] = [reports[0], reports.at(-1)!];
  const seconds = (performance.now() - started) / 1000;
  console.log(
    `  ${method}: ${images} images (${heldOut?.images ?? 0} of held-out patients left out), ${epochs.toFixed(1)} epochs in ${seconds.toFixed(0)} s, ${last.imagesPerSecond.toFixed(0)} images/s, loss ${first.loss.toFixed(3)} to ${last.loss.toFixed(3)}, spread ${last.spread.toFixed(2)}`,
  );
  return added;
}

interface Trial {
  modelName: string;
  initial: string;
  labels: number;
  seed: number;
}

async function accuracy(
  kind: string,
  { modelName, initial, labels, seed }: Trial,
  dataset: Dataset,
  images: OpenImageSource,
  executor: Executor,
): Promise<number> {
  const run = mkdtempSync(join(tmpdir(), 'graft-trial-'));
  const { epochs } = options;
  const config = trainingConfigSchema.parse({
    modelName,
    initial,
    epochs,
    headEpochs: Math.floor(epochs / 4),
    freezePreset: options.freeze,
    seed,
    earlyStopping: { patience: epochs },
  });
  const task: TrainingTask = {
    config,
    dataset: { classes: dataset.classes, ...drawn(dataset, labels, seed) },
    images,
    paths: { runFolder: run, cacheFolder: join(run, 'cache') },
  };
  const model =
    kind === 'probe'
      ? (await trainProbe(task, { executor })).model
      : loadModel((await train(task, { executor })).modelFolder);
  const value = await judge(model, dataset.test, images, executor);
  rmSync(run, { recursive: true, force: true });
  return value;
}

/** As many images of each class as are wanted, and some more to choose the epoch by; others for each seed. */
function drawn({ train: one, validation, classes }: Dataset, labels: number, seed: number) {
  const pool = [...one, ...validation];
  const parts = classes.map((_, label) =>
    new RandomStream(seed, 'labels', label).shuffle(pool.filter((sample) => sample.label === label)),
  );
  return {
    validation: parts.flatMap((part) => part.slice(0, VALIDATION)),
    train: parts.flatMap((part) => part.slice(VALIDATION, VALIDATION + labels)),
  };
}

async function judge(
  model: Model,
  test: readonly Sample[],
  images: OpenImageSource,
  executor: Executor,
): Promise<number> {
  const probabilities = await predict(model, test, images, executor);
  const classes = model.classes.length;
  const hits = test.filter(({ label }, at) => {
    const row = probabilities.subarray(at * classes, (at + 1) * classes);
    return row.indexOf(Math.max(...row)) === label;
  });
  return hits.length / test.length;
}

/** The mean difference over seeds, with the interval of drawing seeds. */
function compare(what: string, first: readonly number[], second: readonly number[]): void {
  const differences = first.map((value, at) => value - second[at]);
  const [low, high] = drawnSeeds(differences);
  const signed = (value: number): string => `${value < 0 ? '' : '+'}${value.toFixed(3)}`;
  console.log(`  ${what}: ${signed(mean(differences))}, drawing seeds ${signed(low)} to ${signed(high)}`);
}
