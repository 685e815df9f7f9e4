/**
 * A training step beside PyTorch's: all convolutions and the head learn, BatchNorm frozen, random images.
 *     node bench/train-step.ts [model] [optimizer] [batch] [size] [steps] [rounds]
 * Both sides run in processes of their own, in the orders Graft–PyTorch and PyTorch–Graft; PyTorch in both memory
 * formats, of which the faster counts.
 */
import { CompiledExecutor } from '../src-main/engine/compiled.ts';
import { compileTrainingStep } from '../src-main/engine/index.ts';
import { mobilenetV2, resnet50, trainingProgram } from './networks.ts';
import { load, type Measured, median, reportMeasured, runGraft, runTorch } from './side-by-side.ts';

const [first = 'resnet50', ...rest] = process.argv.slice(2);
if (first === 'child') await child(rest);
else main(first, rest);

function main(
  model: string,
  [optimizer = 'sgd', batch = '8', size = '224', steps = '6', rounds = '2']: string[],
): void {
  const threads = 2;
  const graft: Measured[] = [];
  const torch: Record<string, Measured[]> = { contiguous: [], channels_last: [] };
  const ours = (): void =>
    void graft.push(runGraft(import.meta.url, 'child', model, optimizer, batch, size, steps, threads));
  const theirs = (): void => {
    for (const format of Object.keys(torch)) {
      const measured = runTorch('train', model, optimizer, batch, size, steps, threads, format);
      if (measured) torch[format].push(measured);
    }
  };
  for (let round = 0; round < Number(rounds); round++) {
    if (round % 2 === 0) [ours, theirs].forEach((run) => run());
    else [theirs, ours].forEach((run) => run());
  }
  const all = (list: readonly Measured[]): number[] => list.flatMap(({ milliseconds }) => milliseconds);
  const own = median(all(graft));
  const memory = (list: readonly Measured[]): number => Math.max(...list.map(({ peakMiB }) => peakMiB));
  console.log(`${model}, ${optimizer}, batch ${batch}, ${size}², ${threads} threads, ${load()}`);
  console.log(
    `  Graft                   ${own.toFixed(0).padStart(6)} ms   peak ${memory(graft).toFixed(0)} MiB   compile ${median(graft.map(({ compileMs }) => compileMs!)).toFixed(0)} ms`,
  );
  for (const [format, list] of Object.entries(torch)) {
    if (list.length === 0) continue;
    const time = median(all(list));
    console.log(
      `  PyTorch ${`${list[0].version} ${format}`.padEnd(16)} ${time.toFixed(0).padStart(6)} ms   peak ${memory(list).toFixed(0)} MiB   Graft's speed ${(time / own).toFixed(2)}×`,
    );
  }
}

async function child([model, optimizer, batch, size, steps, threads]: string[]): Promise<void> {
  const [count, extent] = [Number(batch), Number(size)];
  const net = (model === 'resnet50' ? resnet50 : mobilenetV2)([count, extent, extent, 3]);
  const executor = new CompiledExecutor({ threads: Number(threads) });
  const start = performance.now();
  const step = await compileTrainingStep(
    executor,
    trainingProgram(net, model, [count, extent]),
    net.parameters,
    {
      trainable: net.trainable,
      optimizer: { kind: optimizer as 'sgd' | 'adamw' },
    },
  );
  const compileMs = performance.now() - start;
  const x = Float32Array.from({ length: count * extent * extent * 3 }, (_, i) => Math.sin(i * 0.1));
  const y = Int32Array.from({ length: count }, (_, i) => i * 7);
  const times: number[] = [];
  for (let i = 0; i < Number(steps) + 2; i++) {
    const begin = performance.now();
    await step.run({ x, y }, 1e-3);
    times.push(performance.now() - begin);
  }
  reportMeasured(times.slice(2), compileMs);
}
