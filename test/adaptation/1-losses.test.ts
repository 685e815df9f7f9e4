import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import {
  conditionalAdversarialLoss,
  drawMatrix,
  multilinearMap,
  randomizedMap,
} from '../../src-main/adaptation/cdan.ts';
import { coralLoss } from '../../src-main/adaptation/coral.ts';
import { multiKernelMmd } from '../../src-main/adaptation/dan.ts';
import { domainAdversarialLoss, type DomainClassifier } from '../../src-main/adaptation/dann.ts';
import { minimumClassConfusion } from '../../src-main/adaptation/mcc.ts';
import { classBalancedLabels } from '../../src-main/adaptation/pseudo-labels.ts';
import { centroidLabels, informationLoss } from '../../src-main/adaptation/shot.ts';
import { ramp } from '../../src-main/adaptation/strength.ts';
import { compileTrainingStep, openExecutor, Parameters, type Program } from '../../src-main/engine/index.ts';

type Name = 'source' | 'target' | 'sourceLogits' | 'targetLogits' | 'first' | 'second' | 'conditionedFirst';
interface Case {
  name: string;
  bandwidths?: number[];
  reversal?: number;
  temperature?: number;
  loss: number;
  gradients: Partial<Record<Name, number[]>>;
}
const { sizes, cases, shot } = JSON.parse(
  readFileSync(new URL('./reference/losses.json', import.meta.url), 'utf8'),
) as {
  sizes: { source: number; target: number; width: number; classes: number; hidden: number };
  cases: Case[];
  shot: { features: number[]; probabilities: number[]; labels: number[] };
};
const { source, target, width, classes, hidden } = sizes;

/** `made` of make_losses.py. */
const made = (rows: number, columns: number, phase: number): Float32Array =>
  Float32Array.from({ length: rows * columns }, (_, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns];
    return 1.5 * Math.sin(1.7 * i + 0.9 * j + phase) + 0.4 * Math.cos(0.5 * i * j + 2 * phase);
  });

const shapes: Record<Name, [number, number, number]> = {
  source: [source, width, 0.3],
  target: [target, width, 1.1],
  sourceLogits: [source, classes, 0.7],
  targetLogits: [target, classes, 1.9],
  first: [width, hidden, 0.5],
  second: [hidden, 1, 0.9],
  conditionedFirst: [width * classes, hidden, 0.2],
};

function tensors(): Parameters {
  const parameters = new Parameters();
  for (const [name, [rows, columns, phase]] of Object.entries(shapes))
    parameters.add(name, [rows, columns], made(rows, columns, phase));
  return parameters;
}

function lossOf(one: Case, of: (name: Name) => tf.Tensor2D): tf.Scalar {
  const { bandwidths = [], reversal = 1, temperature = 1 } = one;
  const classifier =
    (first: Name): DomainClassifier =>
    (x) =>
      tf.matMul(tf.tanh(tf.matMul(x, of(first))), of('second'));
  const factor = tf.scalar(reversal);
  switch (one.name) {
    case 'coral':
      return coralLoss(of('source'), of('target'));
    case 'dan':
      return multiKernelMmd(of('source'), of('target'), bandwidths);
    case 'dann':
      return domainAdversarialLoss(of('source'), of('target'), classifier('first'), factor);
    case 'mcc':
      return minimumClassConfusion(of('targetLogits'), temperature);
    case 'shot':
      return informationLoss(of('targetLogits'));
    default:
      return conditionalAdversarialLoss(
        { features: of('source'), logits: of('sourceLogits') },
        { features: of('target'), logits: of('targetLogits') },
        classifier('conditionedFirst'),
        factor,
        multilinearMap,
        one.name === 'cdan-e',
      );
  }
}

const programOf = (one: Case): Program => ({
  name: one.name,
  inputs: {},
  body: (_, scope) => ({ loss: lossOf(one, (name) => scope(name) as unknown as tf.Tensor2D) }),
});

/** Loss and gradients by one step of plain descent at a rate of 1, which takes away just the gradient. */
async function gradientsOf(
  one: Case,
  engine: 'reference' | 'compiled',
): Promise<{ loss: number; gradients: Map<string, Float64Array> }> {
  const executor = await openExecutor({ engine, threads: 1 });
  const parameters = tensors();
  const trainable = Object.keys(one.gradients);
  const optimizer = { kind: 'sgd', momentum: 0 } as const;
  const step = await compileTrainingStep(executor, programOf(one), parameters, { trainable, optimizer });
  const before = parameters.clone();
  const { loss } = await step.run({}, 1);
  await step.dispose();
  await executor.dispose();
  const gradients = new Map(
    trainable.map((name) => {
      const moved = parameters.get(name).data;
      return [name, Float64Array.from(before.get(name).data, (value, at) => value - moved[at])];
    }),
  );
  return { loss: loss.data[0], gradients };
}

describe.each(
  cases.map((one) => ({ ...one, options: JSON.stringify(one, ['bandwidths', 'reversal', 'temperature']) })),
)('the loss of $name $options', (one) => {
  it.each(['reference', 'compiled'] as const)(
    'and its gradients are the published ones, %s',
    async (engine) => {
      const { loss, gradients } = await gradientsOf(one, engine);
      expect(Math.abs(loss - one.loss)).toBeLessThan(1e-5);
      for (const [name, wanted] of Object.entries(one.gradients)) {
        const scale = Math.max(...wanted.map(Math.abs));
        const found = gradients.get(name)!;
        wanted.forEach((gradient, at) => expect(Math.abs(found[at] - gradient) / scale).toBeLessThan(1e-5));
      }
    },
  );
});

describe('gradients against finite differences', () => {
  const twice = async (one: Case, parameters: Parameters): Promise<number> => {
    const executor = await openExecutor({ engine: 'reference' });
    const compiled = await executor.compile(programOf(one), parameters);
    const { loss } = await compiled.run({});
    await executor.dispose();
    return loss.data[0];
  };
  const named = (name: string, ...learning: Name[]): Case => ({
    ...cases.find((one) => one.name === name)!,
    gradients: Object.fromEntries(learning.map((one) => [one, []])),
  });

  // Where a gradient is turned round or held back on purpose, only the classifier’s own weights can be compared.
  it.each([
    named('coral', 'source', 'target'),
    named('shot', 'targetLogits'),
    named('dann', 'first', 'second'),
    named('cdan', 'conditionedFirst', 'second'),
    named('cdan-e', 'conditionedFirst', 'second'),
  ])('hold for $name, along a direction in each tensor', async (one) => {
    const { gradients } = await gradientsOf(one, 'compiled');
    for (const [name, gradient] of gradients) {
      const direction = made(gradient.length, 1, 2.3);
      const step = 0.01;
      const losses = await Promise.all(
        [step, -step].map(async (by) => {
          const parameters = tensors();
          const { data } = parameters.get(name);
          for (let i = 0; i < data.length; i++) data[i] += by * direction[i];
          return twice(one, parameters);
        }),
      );
      const found = (losses[0] - losses[1]) / (2 * step);
      const wanted = gradient.reduce((sum, value, i) => sum + value * direction[i], 0);
      expect(Math.abs(found - wanted)).toBeLessThan(2e-3 * Math.max(1, Math.abs(wanted)));
    }
  });

  it('hold for DAN, its bandwidth held still', async () => {
    const one = named('dan', 'source');
    const { gradients } = await gradientsOf(one, 'compiled');
    const rows = [made(source, width, 0.3), made(target, width, 1.1)];
    const still = typicalDistance(rows.flatMap((part) => [...part]));
    const at = (shift: number): number =>
      mmdOf([rows[0].with(5, rows[0][5] + shift), rows[1]], still, one.bandwidths!);
    const found = (at(1e-3) - at(-1e-3)) / 2e-3;
    expect(Math.abs(found - gradients.get('source')![5])).toBeLessThan(1e-3);
  });

  it('hold for minimum class confusion, its weights held still', async () => {
    const one = named('mcc', 'targetLogits');
    const { gradients } = await gradientsOf(one, 'compiled');
    const logits = [...made(target, classes, 1.9)];
    const still = weightsOf(logits);
    logits.forEach((_, at) => {
      const shifted = (by: number): number => confusionOf(logits.with(at, logits[at] + by), still);
      const found = (shifted(1e-5) - shifted(-1e-5)) / 2e-5;
      expect(Math.abs(found - gradients.get('targetLogits')![at])).toBeLessThan(1e-5);
    });
  });
});

describe('pseudo-labels', () => {
  it('of SHOT are those of its published code', () => {
    const labels = centroidLabels(
      Float32Array.from(shot.features),
      Float32Array.from(shot.probabilities),
      width,
      classes,
    );
    expect([...labels]).toEqual(shot.labels);
  });

  it('of self-training believe the same share of each class, the surest first', () => {
    const sure = [0.99, 0.9, 0.8, 0.7].map((p) => [p, 1 - p]);
    const unsure = [0.6, 0.55, 0.52, 0.51].map((p) => [1 - p, p]);
    const labels = classBalancedLabels(Float32Array.from([...sure, ...unsure].flat()), 2, 0.5);
    expect([...labels]).toEqual([0, 0, -1, -1, 1, 1, -1, -1]);
  });

  it('believe all where the share is 1, and nothing of a class that nobody shows', () => {
    const labels = classBalancedLabels(Float32Array.of(0.9, 0.1, 0, 0.6, 0.4, 0), 3, 1);
    expect([...labels]).toEqual([0, 0]);
  });
});

it('the randomised map is in the mean the product of both likenesses', async () => {
  const executor = await openExecutor({ engine: 'reference' });
  const parameters = tensors();
  const wide = 4000;
  parameters.add('ofFeatures', [width, wide], drawMatrix(width, wide, 7, 'features'));
  parameters.add('ofLogits', [classes, wide], drawMatrix(classes, wide, 7, 'classes'));
  const compiled = await executor.compile(
    {
      name: 'map',
      inputs: {},
      body: (_, scope) => {
        const of = (name: string): tf.Tensor2D => scope(name) as unknown as tf.Tensor2D;
        const mapped = randomizedMap(of('ofFeatures'), of('ofLogits'))(of('source'), of('sourceLogits'));
        const exact = multilinearMap(of('source'), of('sourceLogits'));
        return {
          mapped: tf.matMul(mapped, mapped, false, true),
          exact: tf.matMul(exact, exact, false, true),
        };
      },
    },
    parameters,
  );
  const { mapped, exact } = await compiled.run({});
  await executor.dispose();
  const largest = Math.max(...exact.data);
  exact.data.forEach((value, i) => expect(Math.abs(mapped.data[i] - value) / largest).toBeLessThan(0.15));
});

it('the ramp begins with nothing and ends with nearly all', () => {
  expect(ramp(0)).toBe(0);
  expect(ramp(0.1)).toBeCloseTo(0.46212, 5);
  expect(ramp(1)).toBeCloseTo(0.99991, 5);
});

function distance(rows: readonly number[], i: number, j: number): number {
  let sum = 0;
  for (let k = 0; k < width; k++) sum += (rows[i * width + k] - rows[j * width + k]) ** 2;
  return sum;
}

function typicalDistance(rows: readonly number[]): number {
  const count = rows.length / width;
  let sum = 0;
  for (let i = 0; i < count; i++) for (let j = 0; j < count; j++) sum += distance(rows, i, j);
  return sum / count ** 2;
}

function mmdOf(parts: readonly Float32Array[], typical: number, bandwidths: readonly number[]): number {
  const rows = parts.flatMap((part) => [...part]);
  const kernel = (i: number, j: number): number =>
    bandwidths.reduce((sum, by) => sum + Math.exp(-distance(rows, i, j) / (2 * by * typical)), 0);
  let sum = 0;
  for (let i = 0; i < source + target; i++)
    for (let j = 0; j < source + target; j++) {
      const count = i < source ? source : target;
      if (i < source !== j < source) sum -= kernel(i, j) / (source * target);
      else if (i !== j) sum += kernel(i, j) / (count * (count - 1));
    }
  return sum;
}

const softmax = (row: readonly number[]): number[] => {
  const powers = row.map(Math.exp);
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
};
const rowsOf = (logits: readonly number[]): number[][] =>
  Array.from({ length: target }, (_, i) => softmax(logits.slice(i * classes, (i + 1) * classes)));

function weightsOf(logits: readonly number[]): number[] {
  const weights = rowsOf(logits).map(
    (row) => 1 + Math.exp(row.reduce((sum, p) => sum + p * Math.log(p + 1e-5), 0)),
  );
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => (weight * target) / sum);
}

function confusionOf(logits: readonly number[], weights: readonly number[]): number {
  const rows = rowsOf(logits);
  const cell = (a: number, b: number): number =>
    rows.reduce((sum, row, i) => sum + weights[i] * row[a] * row[b], 0);
  let beside = 0;
  for (let b = 0; b < classes; b++) {
    const whole = Array.from({ length: classes }, (_, a) => cell(b, a)).reduce((x, y) => x + y, 0);
    for (let a = 0; a < classes; a++) if (a !== b) beside += cell(a, b) / whole;
  }
  return beside / classes;
}
