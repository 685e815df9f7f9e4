/**
 * How often the alarm rings: networks that are trained on one drawn scanner, and adapted to a target where that can only hurt (other frequencies of the
 * classes, a class that is missing) or does no harm (another scanner, or nothing at all). Judged without labels, and with an audit.
 *
 *     node bench/adaptation-alarm.ts [--runs 10] [--first-seed 1] [--methods adabn,shot,adabn+mcc] [--epochs 24] [--audit 85] [--cases "nothing;missing class"] [--json results.json]
 *
 * A run is worse where it lost 5 points or more on 400 images of the target that nothing else has seen.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  adaptModel,
  adaptationVerdict,
  judgeDomains,
  type ObservedModel,
  observe,
  prevalenceCauses,
} from '../src-main/adaptation/index.ts';
import { auditResult } from '../src-main/app/adaptation/audit-result.ts';
import { adaptationSchema } from '../src-main/contract/adaptation.ts';
import { stagesOf } from '../src-main/contract/adaptation-stages.ts';
import type { HeapEvidence } from '../src-main/contract/adaptation-judgement.ts';
import type { Sample } from '../src-main/contract/dataset.ts';
import { type TrainingConfig, trainingConfigSchema } from '../src-main/contract/training.ts';
import { openExecutor } from '../src-main/engine/index.ts';
import { initialiseParameters, loadModel, NetworkBuilder, saveModel } from '../src-main/models/index.ts';
import { train } from '../src-main/training/index.ts';
import { CASES, CLASSES, drawCase, type DrawnCase } from './adaptation-alarm/scanners.ts';
import { mean } from './seeds.ts';

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '10' },
    'first-seed': { type: 'string', default: '1' },
    methods: { type: 'string', default: 'adabn,shot,mcc,histogram' },
    epochs: { type: 'string', default: '24' },
    audit: { type: 'string', default: '85' },
    cases: { type: 'string' },
    json: { type: 'string' },
  },
});
const methods = options.methods.split(',');
const seeds = Array.from({ length: Number(options.runs) }, (_, at) => at + Number(options['first-seed']));
const folder = mkdtempSync(join(tmpdir(), 'graft-alarm-'));
const executor = await openExecutor({ threads: 1 });

/** Two convolutions with BatchNorm, weights drawn. */
function network(seed: number, classes: number): string {
  const path = join(folder, `network-${seed}-${classes}`);
  const b = new NetworkBuilder('alarm', [16, 16, 1], 'one', { epsilon: 1e-3, momentum: 0.9 });
  [12, 24].forEach((filters, at) => {
    if (at > 0) b.stage('two');
    b.conv2d(`conv_${at + 1}`, filters, 3, { strides: 2 });
    b.normalize(`bn_${at + 1}`);
    b.activate(`relu_${at + 1}`);
  });
  b.head(classes);
  const built = b.build();
  saveModel(path, {
    network: built,
    parameters: initialiseParameters(built, seed),
    classes: CLASSES.slice(0, classes),
    preprocessing: { scale: [2], offset: [-1] },
    imageChannels: 1,
    metadata: {},
  });
  return path;
}

const configOf = (seed: number, classes: number): TrainingConfig =>
  trainingConfigSchema.parse({
    modelName: 'alarm',
    initial: network(seed, classes),
    freezePreset: 'full',
    stageFactor: 1,
    headEpochs: 0,
    epochs: Number(options.epochs),
    batchSize: 24,
    learningRate: 0.006,
    batchNormalization: 'training',
    earlyStopping: null,
    head: { dropout: 0, hidden: [24] },
    augmentation: { flipHorizontal: true, flipVertical: true },
    workers: 0,
    threads: 1,
    seed,
  });

let made = 0;
const paths = (): { runFolder: string; cacheFolder: string } => {
  const run = join(folder, `run-${++made}`);
  return { runFolder: run, cacheFolder: join(run, 'cache') };
};

async function answers(
  modelFolder: string,
  samples: readonly Sample[],
  { images }: DrawnCase,
): Promise<number[]> {
  const { probabilities, classes } = await observe(loadModel(modelFolder), samples, images, executor, {
    batchSize: 50,
  });
  return samples.map((_, at) => {
    const row = probabilities.subarray(at * classes, (at + 1) * classes);
    return row.indexOf(Math.max(...row));
  });
}

const share = (said: readonly number[], samples: readonly Sample[]): number =>
  samples.filter(({ label }, at) => label === said[at]).length / samples.length;

interface Row {
  name: string;
  hurts: boolean;
  method: string;
  seed: number;
  before: number;
  after: number;
  withoutLabels: boolean;
  withAudit: boolean;
  estimated: number | null;
  cause: boolean;
  /** All of the evidence, for choosing the rule. */
  heaps: HeapEvidence | null;
}
const rows: Row[] = [];
for (const one of CASES.filter(({ name }) => !options.cases || options.cases.split(';').includes(name))) {
  for (const seed of seeds) {
    const drawn = drawCase(seed, one, Number(options.audit));
    const classes = CLASSES.slice(0, one.target.length);
    const config = configOf(seed, classes.length);
    const dataset = { classes, train: drawn.learned, validation: drawn.validation };
    const { modelFolder } = await train(
      { config, dataset, images: drawn.images, paths: paths() },
      { executor },
    );
    const adapted: string[] = [];
    for (const method of methods) {
      const result = await adaptModel(
        {
          adaptation: adaptationSchema.parse(stagesOf(method)),
          config,
          dataset,
          target: drawn.target,
          images: drawn.images,
          paths: paths(),
          sourceModel: modelFolder,
        },
        { executor },
      );
      adapted.push(result.modelFolder);
    }
    const folders = [modelFolder, ...adapted];
    const models: ObservedModel[] = [];
    for (const [runId, path] of folders.entries()) {
      const look = (samples: readonly Sample[]) =>
        observe(loadModel(path), samples, drawn.images, executor, { batchSize: 50 });
      models.push({
        runId,
        learned: await look(drawn.learned),
        source: await look(drawn.validation),
        target: await look(drawn.target),
      });
    }
    const judged = await judgeDomains({
      classes,
      learned: drawn.learned,
      source: drawn.validation,
      target: drawn.target,
      differences: [],
      models,
      seed,
    });
    const causes = prevalenceCauses(judged.prevalence, classes);
    const truth = drawn.audit.map(({ label }) => label);
    const audited: number[][] = [];
    const tested: number[] = [];
    for (const path of folders) {
      audited.push(await answers(path, drawn.audit, drawn));
      tested.push(share(await answers(path, drawn.test, drawn), drawn.test));
    }
    methods.forEach((method, at) => {
      const { heaps } = judged.candidates[at + 1];
      const audit = auditResult(truth, audited[0], audited[at + 1]);
      rows.push({
        name: one.name,
        hurts: one.hurts,
        method,
        seed,
        before: tested[0],
        after: tested[at + 1],
        withoutLabels: adaptationVerdict(null, heaps, causes).alarm,
        withAudit: adaptationVerdict(audit, heaps, causes).alarm,
        estimated: heaps && heaps.difference,
        cause: causes.length > 0,
        heaps,
      });
      const { before, after, withoutLabels, withAudit, estimated } = rows.at(-1)!;
      console.error(
        `${one.name}, ${method}, seed ${seed}: ${(100 * before).toFixed(1)} → ${(100 * after).toFixed(1)}, estimated ${estimated === null ? '–' : (100 * estimated).toFixed(1)}, certainty ${heaps?.certainty.toFixed(2)}, rings ${withoutLabels ? 'yes' : 'no'} / ${withAudit ? 'yes' : 'no'}`,
      );
    });
  }
}

console.log(
  '| case | method | without → with adapting, % | runs that got worse: rings without labels | with an audit | runs that did not: rings without labels | with an audit | label shift named |',
);
console.log('|---|---|---|---|---|---|---|---|');
for (const { name } of CASES) {
  for (const method of methods) {
    const own = rows.filter((row) => row.name === name && row.method === method);
    if (own.length === 0) continue;
    const count = (of: (row: Row) => boolean, among = own): string =>
      among.length === 0 ? '' : `${among.filter(of).length} of ${among.length}`;
    const worse = own.filter(({ before, after }) => before - after >= 0.05);
    const rest = own.filter((row) => !worse.includes(row));
    const rings = [worse, rest].flatMap((among) => [
      count((row) => row.withoutLabels, among),
      count((row) => row.withAudit, among),
    ]);
    const percent = (of: (row: Row) => number): string => (100 * mean(own.map(of))).toFixed(1);
    console.log(
      `| ${name} | ${method} | ${percent((row) => row.before)} → ${percent((row) => row.after)} | ${rings.join(' | ')} | ${count((row) => row.cause)} |`,
    );
  }
}
if (options.json) writeFileSync(options.json, `${JSON.stringify(rows)}\n`);
await executor.dispose();
rmSync(folder, { recursive: true, force: true });
