/**
 * What adapting brings where the source's images may not leave: a model is trained in a project of the drawn hospital A, leaves it as
 * `graft export --format graft` writes it, and is adapted in a project that has the images of hospital B alone. Accuracy by patients' images of B,
 * whose labels took no part.
 *
 *     node bench/travelling.ts [--seeds 5] [--patients 40] [--size 64] [--epochs 12] [--methods adabn,shot,adabn+shot] [--json results.json]
 *
 * Each seed draws other patients, other starting weights of the head and another order.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createApp } from '../src-main/app/index.ts';
import type { AdaptationName } from '../src-main/contract/adaptation-stages.ts';
import { writeSampleHospitals } from '../src-main/samples/index.ts';
import { drawnSeeds, mean } from './seeds.ts';

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '5' },
    'first-seed': { type: 'string', default: '1' },
    patients: { type: 'string', default: '40' },
    size: { type: 'string', default: '64' },
    epochs: { type: 'string', default: '12' },
    methods: { type: 'string', default: 'adabn,shot,adabn+shot' },
    json: { type: 'string' },
  },
});
const methods = options.methods.split(',') as AdaptationName[];
const side = Number(options.size);
const epochs = Number(options.epochs);
const folder = mkdtempSync(join(tmpdir(), 'graft-travelling-'));
process.env.GRAFT_HOME = join(folder, 'home');
const app = createApp();

/** Accuracy on hospital B: of the model as it came, then by method. */
async function oneSeed(seed: number): Promise<number[]> {
  const [there, here, data, travelling] = ['there', 'here', 'data', 'model'].map((name) =>
    join(folder, `${name}-${seed}`),
  );
  const { folders, labels } = await writeSampleHospitals(data, {
    seed,
    patientsPerHospital: Number(options.patients),
  });
  await app.importFolder(there, folders.a);
  await app.labelImages(there, labels);
  await app.trainModel(there, {
    split: { options: { fractions: { train: 0.8, validation: 0.2, test: 0 }, seed } },
    settings: {
      modelName: 'starter',
      epochs,
      headEpochs: 2,
      threads: 1,
      seed,
      augmentation: { variants: 2 },
    },
    preprocessing: { height: side, width: side },
    approaches: ['fine-tuned'],
  });
  await app.exportModel(there, { format: 'graft', path: travelling });
  await app.importFolder(here, folders.b);
  await app.labelImages(here, labels);
  const { runs } = await app.adapt(here, {
    modelPath: travelling,
    domains: { target: { source: 'hospital-b' } },
    methods,
  });
  const { results } = await app.evaluate(here, { runId: runs[0].id });
  return results[0].table.models.map(({ metrics }) => metrics.accuracy.value!);
}

const rows: number[][] = [];
for (let at = 0; at < Number(options.seeds); at++) {
  const seed = at + Number(options['first-seed']);
  rows.push(await oneSeed(seed));
  const told = rows.at(-1)!.map((value) => (100 * value).toFixed(1));
  console.log(
    `seed ${seed}: as it came ${told[0]}, ${methods.map((name, m) => `${name} ${told[m + 1]}`).join(', ')}`,
  );
}
rmSync(folder, { recursive: true, force: true });

const of = (column: number): number[] => rows.map((row) => row[column]);
console.log(`as it came    ${(100 * mean(of(0))).toFixed(1)} %`);
methods.forEach((name, m) => {
  const gains = rows.map((row) => 100 * (row[m + 1] - row[0]));
  const [low, high] = drawnSeeds(gains);
  console.log(
    `${name.padEnd(13)} ${(100 * mean(of(m + 1))).toFixed(1)} %  ${mean(gains).toFixed(1)} points (${low.toFixed(1)} to ${high.toFixed(1)})`,
  );
});
if (options.json) writeFileSync(options.json, JSON.stringify({ options, methods, rows }, null, 2));
