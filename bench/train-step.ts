/**
 * A training step beside PyTorch's: all convolutions and the head learn, BatchNorm frozen, random images.
 *
 *     node bench/train-step.ts [--model resnet50|…|all] [--optimizer sgd|adamw] [--batch 8] [--size of the model]
 *                              [--steps 6] [--rounds 2] [--threads 2]
 *     GRAFT_BENCH_PYTHON=/path/to/python   a Python with torch and torchvision
 */
import { CompiledExecutor } from '../src-main/engine/compiled.ts';
import { compileTrainingStep } from '../src-main/engine/index.ts';
import { benchModels, benchNetwork, sizeFor, trainingProgram } from './networks.ts';
import {
  allTimes,
  fasterFormat,
  flags,
  load,
  type Measured,
  measureSides,
  median,
  peak,
  reportMeasured,
} from './side-by-side.ts';

/** The first steps of a process are not counted: both sides fill their arenas in them. */
const WARM_UP = 2;

if (process.argv[2] === 'child') await child(process.argv.slice(3));
else main();

function main(): void {
  const given = flags({
    model: 'resnet50',
    optimizer: 'sgd',
    batch: 8,
    size: 0,
    steps: 6,
    rounds: 2,
    threads: 2,
  });
  for (const model of given.model === 'all' ? benchModels : [given.model])
    measure({ ...given, model, size: given.size || sizeFor(model) });
}

interface Settings {
  model: string;
  optimizer: string;
  batch: number;
  size: number;
  steps: number;
  rounds: number;
  threads: number;
}

function measure({ model, optimizer, batch, size, steps, rounds, threads }: Settings): void {
  const before = load();
  const words = [model, optimizer, batch, size, steps + WARM_UP, threads];
  const sides = measureSides(import.meta.url, rounds, words, ['train', ...words]);
  const own = median(allTimes(sides.graft));
  console.log(`${model}, ${optimizer}, batch ${batch}, ${size}², ${threads} threads, ${before} before`);
  const row = (name: string, runs: readonly Measured[], note: string): void => {
    const times = allTimes(runs);
    console.log(
      `  ${name.padEnd(36)} ${median(times).toFixed(0).padStart(6)} ms (fastest ${Math.min(...times).toFixed(0)}, processor ${leastProcessor(runs).toFixed(0)})   peak ${peak(runs).padStart(8)}   ${note}`,
    );
  };
  const compile = median(sides.graft.map(({ compileMs }) => compileMs!));
  row('Graft', sides.graft, `compile ${compile.toFixed(0)} ms`);
  for (const [format, runs] of sides.torch) {
    const ratio = (median(allTimes(runs)) / own).toFixed(2);
    row(`PyTorch ${runs[0].version} ${format}`, runs, `${ratio}×`);
  }
  const faster = fasterFormat(sides);
  if (!faster) return;
  const fastest =
    Math.min(...allTimes([...sides.torch.values()].flat())) / Math.min(...allTimes(sides.graft));
  console.log(
    `  Graft has ${(faster.milliseconds / own).toFixed(2)}× the speed of ${faster.name} by medians, ${fastest.toFixed(2)}× by the fastest steps`,
  );
  const theirs = Math.min(...[...sides.torch.values()].map(leastProcessor));
  console.log(
    `  By processor time of the fastest steps, all threads together: ${(theirs / leastProcessor(sides.graft)).toFixed(2)}×`,
  );
}

function leastProcessor(runs: readonly Measured[]): number {
  return Math.min(...runs.flatMap(({ processorMs = [] }) => processorMs));
}

async function child([model, optimizer, ...numbers]: string[]): Promise<void> {
  const [batch, size, steps, threads] = numbers.map(Number);
  const net = benchNetwork(model, [batch, size, size, 3]);
  const executor = new CompiledExecutor({ threads });
  const start = performance.now();
  const step = await compileTrainingStep(
    executor,
    trainingProgram(net, model, [batch, size]),
    net.parameters,
    {
      trainable: net.trainable,
      optimizer: { kind: optimizer as 'sgd' | 'adamw' },
    },
  );
  const compileMs = performance.now() - start;
  const x = Float32Array.from({ length: batch * size * size * 3 }, (_, i) => Math.sin(i * 0.1));
  const y = Int32Array.from({ length: batch }, (_, i) => i * 7);
  const times: number[] = [];
  const processor: number[] = [];
  for (let i = 0; i < steps; i++) {
    const begin = performance.now();
    const used = process.cpuUsage();
    await step.run({ x, y }, 1e-3);
    const { user, system } = process.cpuUsage(used);
    times.push(performance.now() - begin);
    processor.push((user + system) / 1000);
  }
  reportMeasured(times.slice(WARM_UP), { compileMs, processorMs: processor.slice(WARM_UP) });
}
