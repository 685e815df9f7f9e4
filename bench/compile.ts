/**
 * How long a training step takes to compile: trace, lower, encode, and open the session.
 *
 *     node bench/compile.ts [--repetitions 5] [--batch 8] [--size 224] [--threads 2]
 *
 * Each repetition is the first compilation of a fresh process, as a person meets it.
 */
import { CompiledExecutor } from '../src-main/engine/compiled.ts';
import { compileTrainingStep } from '../src-main/engine/index.ts';
import { benchModels, benchNetwork, trainingProgram } from './networks.ts';
import { flags, load, median, reportMeasured, runGraft } from './side-by-side.ts';

if (process.argv[2] === 'child') await child(process.argv.slice(3));
else main();

function main(): void {
  const { repetitions, batch, size, threads } = flags({ repetitions: 5, batch: 8, size: 224, threads: 2 });
  console.log(
    `Compiling a training step, batch ${batch}, ${size}², medians of ${repetitions}, ${load()} before`,
  );
  for (const model of benchModels) {
    const runs = Array.from({ length: repetitions }, () =>
      runGraft(import.meta.url, model, batch, size, threads),
    );
    const times = runs.map(({ compileMs }) => compileMs!);
    console.log(
      `  ${model.padEnd(12)} ${median(times).toFixed(0).padStart(5)} ms   (${times.map((time) => time.toFixed(0)).join(', ')})`,
    );
  }
}

async function child([model, ...numbers]: string[]): Promise<void> {
  const [batch, size, threads] = numbers.map(Number);
  const net = benchNetwork(model, [batch, size, size, 3]);
  const start = performance.now();
  await compileTrainingStep(
    new CompiledExecutor({ threads }),
    trainingProgram(net, model, [batch, size]),
    net.parameters,
    { trainable: net.trainable, optimizer: { kind: 'sgd' } },
  );
  reportMeasured([], { compileMs: performance.now() - start });
}
