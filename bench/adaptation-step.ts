/**
 * What a step of DANN costs beside the plain step of the same batch: twice the images go through the network, and a domain classifier sees their
 * features. Steps alternate, so that what else the machine does falls on both alike; the ratio is that of the medians.
 *
 *     node bench/adaptation-step.ts [--model starter] [--size 128] [--batch 16] [--steps 15] [--threads 2]
 */
import { parseArgs } from 'node:util';
import { learningMethods } from '../src-main/adaptation/methods.ts';
import { adaptationSchema } from '../src-main/contract/adaptation.ts';
import { trainingConfigSchema } from '../src-main/contract/training.ts';
import { compileTrainingStep, openExecutor, Parameters, sizeOf } from '../src-main/engine/index.ts';
import { planFreeze, trainableParameters } from '../src-main/models/index.ts';
import { companionProgram, featureWidth } from '../src-main/training/companion-program.ts';
import { lossProgram, suffixInputShape } from '../src-main/training/programs.ts';
import { startingModel } from '../src-main/training/index.ts';

const { values: options } = parseArgs({
  options: {
    model: { type: 'string', default: 'starter' },
    size: { type: 'string', default: '128' },
    batch: { type: 'string', default: '16' },
    steps: { type: 'string', default: '15' },
    threads: { type: 'string', default: '2' },
  },
});
const [size, batch, steps, threads] = [options.size, options.batch, options.steps, options.threads].map(
  Number,
);
const classes = ['a', 'b', 'c'];
const config = trainingConfigSchema.parse({
  modelName: options.model,
  initial: 'random',
  head: { dropout: 0 },
});
const executor = await openExecutor({ threads });
const noise = (length: number): Float32Array => Float32Array.from({ length }, () => Math.random());
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1];

for (const [name, request] of [
  ['everything learns', { preset: 'full' }],
  ['the last stage learns', { preset: 'last-stage' }],
] as const) {
  const model = startingModel(config, classes, { height: size, width: size, channels: 1 });
  const plan = planFreeze(model.network, request);
  const cut = { ...model, cut: plan.cut };
  const trainable = trainableParameters(model.network, plan);
  const companion = learningMethods.dann({
    config: adaptationSchema.parse({ method: 'dann' }),
    target: [],
    classes: classes.length,
    seed: 7,
  });
  const { learning } = companion.weights(featureWidth(cut), classes.length);
  const both = new Parameters();
  for (const set of [model.parameters, learning])
    for (const { name: weight, shape, data } of set) both.add(weight, shape, data);
  const optimizer = { kind: 'adamw' } as const;
  const plain = await compileTrainingStep(
    executor,
    lossProgram(cut, batch, classes.length, () => 'inference'),
    model.parameters,
    { trainable, optimizer },
  );
  const sizes = { labelled: batch, unlabelled: batch, units: classes.length };
  const dann = await compileTrainingStep(
    executor,
    companionProgram(cut, sizes, () => 'inference', {}, companion),
    both,
    { trainable: [...trainable, ...learning.names], optimizer },
  );
  const each = sizeOf(suffixInputShape(cut));
  const target = new Float32Array(batch * classes.length);
  for (let i = 0; i < batch; i++) target[i * classes.length + (i % classes.length)] = 1;
  const labelled = { x: noise(batch * each), target, weight: new Float32Array(batch).fill(1) };
  const unlabelled = { unlabelled: noise(batch * each), strength: Float32Array.of(0.5) };
  const times = { plain: [] as number[], dann: [] as number[] };
  for (let step = -2; step < steps; step++) {
    const timed = async (work: () => Promise<unknown>): Promise<number> => {
      const start = performance.now();
      await work();
      return performance.now() - start;
    };
    const [one, other] = [
      await timed(() => plain.run(labelled, 1e-4)),
      await timed(() => dann.run({ ...labelled, ...unlabelled }, 1e-4)),
    ];
    if (step < 0) continue;
    times.plain.push(one);
    times.dann.push(other);
  }
  const [a, b] = [median(times.plain), median(times.dann)];
  const least = (values: readonly number[]): number => Math.min(...values);
  console.log(
    `${options.model}, ${size}², batch ${batch}, ${name}: plain ${a.toFixed(1)} ms, DANN ${b.toFixed(1)} ms, ${(b / a).toFixed(2)}× (shortest steps ${(least(times.dann) / least(times.plain)).toFixed(2)}×)`,
  );
  await plain.dispose();
  await dann.dispose();
}
await executor.dispose();
