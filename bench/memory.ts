/**
 * Resident memory over many training steps: flat, but for the first ones that fill the arena.
 *
 *     node bench/memory.ts [--model mobilenet_v2] [--steps 1000] [--batch 4] [--size 64] [--threads 2]
 *     node bench/memory.ts --model resnet50 --steps 30 --batch 8 --size 224
 */
import { CompiledExecutor } from '../src-main/engine/compiled.ts';
import { compileTrainingStep } from '../src-main/engine/index.ts';
import { benchNetwork, trainingProgram } from './networks.ts';
import { flags } from './side-by-side.ts';

const { model, steps, batch, size, threads } = flags({
  model: 'mobilenet_v2',
  steps: 1000,
  batch: 4,
  size: 64,
  threads: 2,
});
const net = benchNetwork(model, [batch, size, size, 3]);
const executor = new CompiledExecutor({ threads });
const step = await compileTrainingStep(executor, trainingProgram(net, model, [batch, size]), net.parameters, {
  trainable: net.trainable,
  optimizer: { kind: 'adamw' },
});
const x = Float32Array.from({ length: batch * size * size * 3 }, (_, i) => Math.sin(i));
const y = Int32Array.from({ length: batch }, (_, i) => i);
const residentMiB = (): number => process.memoryUsage().rss / 2 ** 20;
const tenth = Math.ceil(steps / 10);
let settled = 0;
for (let i = 1; i <= steps; i++) {
  await step.run({ x, y }, 1e-4);
  if (i === tenth) settled = residentMiB();
  if (i % tenth === 0) console.log(`  step ${String(i).padStart(5)}   ${residentMiB().toFixed(0)} MiB`);
}
const grown = residentMiB() - settled;
console.log(
  `${model}, adamw, batch ${batch}, ${size}²: ${grown >= 0 ? '+' : ''}${grown.toFixed(1)} MiB from step ${tenth} to step ${steps}`,
);
await step.dispose();
