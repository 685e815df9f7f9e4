/**
 * Where the time of a training step goes, by ONNX operator and by shape, as ONNX Runtime's own trace has it.
 *
 *     node bench/profile.ts [--model resnet50|mobilenet_v2] [--optimizer sgd|adamw] [--batch 8] [--size 224] [--rows 25]
 *                           [--steps 5] [--threads 2]
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CompiledExecutor } from '../src-main/engine/compiled.ts';
import { compileTrainingStep } from '../src-main/engine/index.ts';
import { benchNetwork, trainingProgram } from './networks.ts';
import { flags, load, median } from './side-by-side.ts';

/** What ONNX Runtime writes of one event; times in microseconds. */
interface TraceEvent {
  name: string;
  cat: string;
  ts: number;
  dur: number;
  args?: {
    op_name?: string;
    input_type_shape?: Record<string, number[]>[];
    output_type_shape?: Record<string, number[]>[];
  };
}

const given = flags({
  model: 'resnet50',
  optimizer: 'sgd',
  batch: 8,
  size: 224,
  rows: 25,
  steps: 5,
  threads: 2,
});
const folder = mkdtempSync(join(tmpdir(), 'graft-bench-'));
try {
  const times = await train(join(folder, 'trace'));
  const [file] = readdirSync(folder);
  report(JSON.parse(readFileSync(join(folder, file), 'utf8')) as TraceEvent[], times);
} finally {
  rmSync(folder, { recursive: true });
}

/** Runs some steps with the trace on; returns the milliseconds of each. */
async function train(profile: string): Promise<number[]> {
  const { model, optimizer, batch, size, steps, threads } = given;
  const net = benchNetwork(model, [batch, size, size, 3]);
  const step = await compileTrainingStep(
    new CompiledExecutor({ threads, profile }),
    trainingProgram(net, model, [batch, size]),
    net.parameters,
    { trainable: net.trainable, optimizer: { kind: optimizer as 'sgd' | 'adamw' } },
  );
  const x = Float32Array.from({ length: batch * size * size * 3 }, (_, i) => Math.sin(i * 0.1));
  const y = Int32Array.from({ length: batch }, (_, i) => i * 7);
  const times: number[] = [];
  for (let i = 0; i < steps; i++) {
    const start = performance.now();
    await step.run({ x, y }, 1e-3);
    times.push(performance.now() - start);
  }
  await step.dispose();
  return times;
}

/** Of the run whose length is the median one, so that a disturbed run does not mislead. */
function report(events: readonly TraceEvent[], times: readonly number[]): void {
  const runs = events.filter(({ name }) => name === 'model_run').sort((a, b) => a.dur - b.dur);
  const run = runs[runs.length >> 1];
  const nodes = events.filter(
    ({ cat, name, ts }) =>
      cat === 'Node' && name.endsWith('_kernel_time') && ts >= run.ts && ts < run.ts + run.dur,
  );
  const graph = run.dur / 1000;
  const inNodes = nodes.reduce((sum, { dur }) => sum + dur, 0) / 1000;
  const { model, optimizer, batch, size, threads, rows } = given;
  console.log(`${model}, ${optimizer}, batch ${batch}, ${size}², ${threads} threads, ${load()}, trace on`);
  console.log(
    `  step ${median(times).toFixed(0)} ms: graph ${graph.toFixed(0)} ms (operators ${inNodes.toFixed(0)} ms), update and transfers ${(median(times) - graph).toFixed(0)} ms`,
  );
  table(
    'By operator',
    nodes,
    (event) => event.args?.op_name ?? event.name,
    inNodes,
    Number.POSITIVE_INFINITY,
  );
  table(`By operator and shape, the first ${rows}`, nodes, shapesOf, inNodes, rows);
}

function table(
  title: string,
  nodes: readonly TraceEvent[],
  keyOf: (event: TraceEvent) => string,
  total: number,
  rows: number,
): void {
  const sums = new Map<string, { count: number; milliseconds: number }>();
  for (const event of nodes) {
    const sum = sums.get(keyOf(event)) ?? { count: 0, milliseconds: 0 };
    sums.set(keyOf(event), { count: sum.count + 1, milliseconds: sum.milliseconds + event.dur / 1000 });
  }
  console.log(`  ${title}`);
  const sorted = [...sums].sort(([, a], [, b]) => b.milliseconds - a.milliseconds);
  for (const [key, { count, milliseconds }] of sorted.slice(0, rows)) {
    const share = ((100 * milliseconds) / total).toFixed(1);
    console.log(
      `  ${milliseconds.toFixed(1).padStart(8)} ms ${share.padStart(5)} % ${String(count).padStart(4)} × ${key}`,
    );
  }
}

function shapesOf({ name, args }: TraceEvent): string {
  const shapes = (list: Record<string, number[]>[] = []): string =>
    list.map((typed) => `[${Object.values(typed)[0]}]`).join(' ');
  return `${args?.op_name ?? name} ${shapes(args?.input_type_shape?.slice(0, 2))} → ${shapes(args?.output_type_shape?.slice(0, 1))}`;
}
