/**
 * Pre-trains a starter on drawn images with Graft's own engine, and writes it in half precision: what two cores can do. What Graft ships was
 * pre-trained on the same images, on a GPU and for longer: bench/starter.
 *
 *   node bench/pretrain-starter.ts --time              time some steps, and say how many images fit into how long
 *   node bench/pretrain-starter.ts --minutes 25        pre-train for about so long
 *   node bench/pretrain-starter.ts --steps 4000        pre-train for so many steps; goes on from its checkpoint
 *
 * Further: --size 128 --batch 32 --threads 1 --workers 1 --rate 0.1 --out FOLDER --checkpoint FOLDER
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openExecutor } from '../src-main/engine/index.ts';
import { countParameters, saveModel } from '../src-main/models/index.ts';
import { drawnStream, pretrain, type PretrainingConfig } from '../src-main/training/index.ts';

const { values } = parseArgs({
  options: {
    time: { type: 'boolean', default: false },
    minutes: { type: 'string', default: '25' },
    steps: { type: 'string' },
    size: { type: 'string', default: '128' },
    batch: { type: 'string', default: '32' },
    threads: { type: 'string', default: '1' },
    workers: { type: 'string', default: '1' },
    rate: { type: 'string', default: '0.1' },
    out: { type: 'string', default: '.cache/starter' },
    checkpoint: { type: 'string', default: '.cache/pretrain-starter' },
  },
});
const [size, batchSize, threads, workers] = [values.size, values.batch, values.threads, values.workers].map(
  Number,
);
/** The drawing module goes by its address: worker processes load it too. */
const drawing = new URL('../src-main/samples/pretraining/index.ts', import.meta.url);
const { PRETRAINING_CLASSES } = (await import(drawing.href)) as { PRETRAINING_CLASSES: readonly string[] };
const TRAIN_SEED = 2024;
const VALIDATION_SEED = 4202;
const VALIDATION_IMAGES = 1024;
const TIMED_STEPS = 20;

const stream = (seed: number, ahead?: number) =>
  drawnStream({
    module: drawing,
    exportName: 'drawPretrainingImage',
    seed,
    size,
    workers,
    ...(ahead === undefined ? {} : { ahead }),
  });
const config = (steps: number): PretrainingConfig => ({
  modelName: 'starter',
  classes: PRETRAINING_CLASSES,
  size,
  steps,
  batchSize,
  learningRate: Number(values.rate),
  optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 1e-4 },
  labelSmoothing: 0.05,
  seed: 1,
  source: `drawPretrainingImage, seed ${TRAIN_SEED}`,
});

const executor = await openExecutor({ threads });

/** Milliseconds of drawing a batch alone, and of a step of training, drawing beside it. */
async function timeSteps(): Promise<{ drawn: number; step: number }> {
  const alone = stream(TRAIN_SEED, 0);
  await alone.batch(0, batchSize);
  const start = performance.now();
  for (let i = 1; i <= 5; i++) await alone.batch(i * batchSize, batchSize);
  const drawn = (performance.now() - start) / 5;
  await alone.close();
  const images = stream(TRAIN_SEED);
  const folder = mkdtempSync(join(tmpdir(), 'graft-pretrain-time-'));
  const { reports } = await pretrain(config(2 * TIMED_STEPS), {
    executor,
    images,
    folder,
    every: TIMED_STEPS,
  });
  await images.close();
  rmSync(folder, { recursive: true });
  return { drawn, step: (1000 * batchSize) / reports[1].imagesPerSecond };
}

async function run(steps: number): Promise<void> {
  const images = stream(TRAIN_SEED);
  const validation = stream(VALIDATION_SEED, 1);
  const start = performance.now();
  const { model, reports } = await pretrain(config(steps), {
    executor,
    images,
    validation: { images: validation, count: VALIDATION_IMAGES },
    folder: values.checkpoint,
    every: 250,
    onReport: (report) => console.log(JSON.stringify(report)),
  });
  await images.close();
  await validation.close();
  const last = reports[reports.length - 1];
  saveModel(
    values.out,
    {
      ...model,
      metadata: {
        title: 'Starter, pre-trained on drawn images',
        sourceTask: `telling apart ${PRETRAINING_CLASSES.length} classes of drawn images`,
        images: steps * batchSize,
        validationAccuracy: last.validationAccuracy,
        validationLoss: last.validationLoss,
        licence: 'Apache-2.0',
        config: config(steps),
        engine: executor.description,
      },
    },
    { dtype: 'F16' },
  );
  const bytes = statSync(join(values.out, 'weights.safetensors')).size;
  const minutes = (performance.now() - start) / 60_000;
  console.log(
    `${countParameters(model.network)} parameters, ${bytes} bytes in ${values.out}, ${minutes.toFixed(1)} min`,
  );
}

if (values.steps !== undefined) await run(Number(values.steps));
else {
  const { drawn, step } = await timeSteps();
  const steps = Math.floor((Number(values.minutes) * 60_000) / step / 250) * 250;
  console.log(
    `${size}², batch ${batchSize}: drawing ${drawn.toFixed(0)} ms a batch, a step ${step.toFixed(0)} ms: ${steps} steps, ${steps * batchSize} images in ${values.minutes} minutes`,
  );
  if (!values.time) await run(Math.max(250, steps));
}
await executor.dispose();
