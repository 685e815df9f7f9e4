/**
 * Memory over many steps of a small network: flat, but for the first ones that fill the arena.
 *     node bench/memory.ts [steps]
 */
import { CompiledExecutor } from '../src-main/engine/compiled.ts';
import { compileTrainingStep } from '../src-main/engine/index.ts';
import { mobilenetV2, trainingProgram } from './networks.ts';

const steps = Number(process.argv[2] ?? 1000);
const [batch, size] = [4, 64];
const net = mobilenetV2([batch, size, size, 3]);
const executor = new CompiledExecutor({ threads: 2 });
const step = await compileTrainingStep(
  executor,
  trainingProgram(net, 'MobileNetV2', [batch, size]),
  net.parameters,
  {
    trainable: net.trainable,
    optimizer: { kind: 'adamw' },
  },
);
const x = Float32Array.from({ length: batch * size * size * 3 }, (_, i) => Math.sin(i));
const y = Int32Array.from({ length: batch }, (_, i) => i);
let settled = 0;
for (let i = 1; i <= steps; i++) {
  await step.run({ x, y }, 1e-4);
  const resident = process.memoryUsage().rss / 2 ** 20;
  if (i === Math.ceil(steps / 10)) settled = resident;
  if (i % Math.ceil(steps / 10) === 0) console.log(`step ${i}: ${resident.toFixed(0)} MiB`);
}
const grown = process.memoryUsage().rss / 2 ** 20 - settled;
console.log(
  `MobileNetV2, ${size}², batch ${batch}: ${grown >= 0 ? '+' : ''}${grown.toFixed(1)} MiB from step ${Math.ceil(steps / 10)} to ${steps}`,
);
