import type { DomainFeatures } from '../../src-main/adaptation/distances/index.ts';
import { likeliest, type Answers } from '../../src-main/adaptation/validators/index.ts';
import { RandomStream } from '../../src-main/platform/random.ts';
import { fitLogisticRegression, type LinearClassifier } from '../../src-main/training/index.ts';

const SIZE = 12;

/** One Gaussian heap for each class, and what changes from the source to the target. */
export interface SimulatedCase {
  /** Prevalence of the classes in both domains. */
  source: number[];
  target: number[];
  /** How far each feature moves, and stretches, in the target. */
  shift: number;
  scale: number;
}

interface Drawn {
  rows: Float32Array;
  labels: number[];
}

function draw(
  random: RandomStream,
  shares: readonly number[],
  count: number,
  shift: number,
  scale: number,
): Drawn {
  const rows = new Float32Array(count * SIZE);
  const labels = Array.from({ length: count }, (_, row) => {
    let left = random.uniform();
    let label = 0;
    while (label < shares.length - 1 && left > shares[label]) left -= shares[label++];
    for (let f = 0; f < SIZE; f++) {
      const own = random.normal() + (f % shares.length === label ? 1.1 : 0);
      rows[row * SIZE + f] = scale * own + (f < SIZE / 2 ? shift * (f % 2 ? 1 : -0.3) : 0);
    }
    return label;
  });
  return { rows, labels };
}

function moments(rows: Float32Array): { mean: Float64Array; deviation: Float64Array } {
  const count = rows.length / SIZE;
  const mean = new Float64Array(SIZE);
  const deviation = new Float64Array(SIZE);
  rows.forEach((value, at) => (mean[at % SIZE] += value / count));
  rows.forEach((value, at) => (deviation[at % SIZE] += (value - mean[at % SIZE]) ** 2 / count));
  return { mean, deviation: deviation.map(Math.sqrt) };
}

/** The source with the target's means and deviations: what methods that make distributions alike come to. */
function aligned(rows: Float32Array, from: Float32Array, to: Float32Array): Float32Array {
  const [source, target] = [moments(from), moments(to)];
  return rows.map((value, at) => {
    const f = at % SIZE;
    return ((value - source.mean[f]) / source.deviation[f]) * target.deviation[f] + target.mean[f];
  });
}

function answersOf({ kernel, bias }: LinearClassifier, rows: Float32Array): Answers {
  const classes = bias.length;
  const probabilities = new Float64Array((rows.length / SIZE) * classes);
  for (let row = 0; row < rows.length / SIZE; row++) {
    const logits = Array.from(bias, (value, c) => {
      let sum = value;
      for (let f = 0; f < SIZE; f++) sum += rows[row * SIZE + f] * kernel[f * classes + c];
      return sum;
    });
    const largest = Math.max(...logits);
    const powers = logits.map((logit) => Math.exp(logit - largest));
    const whole = powers.reduce((sum, power) => sum + power, 0);
    powers.forEach((power, c) => (probabilities[row * classes + c] = power / whole));
  }
  return { probabilities, classes };
}

/** A classifier that learned from the source, the same after both domains were made alike, and what each says. */
export interface SimulatedAdaptation {
  prior: number[];
  /** Of validation images of the source. */
  labels: number[];
  before: { source: Answers; target: Answers };
  after: { source: Answers; target: Answers };
  patients: string[];
  /** What the classifier reads, of validation images of the source and of the target. */
  features: { source: DomainFeatures; target: DomainFeatures };
  /** Which nobody knows but the test. */
  truth: number[];
}

export function simulateAdaptation(
  seed: number,
  { source, target, shift, scale }: SimulatedCase,
): SimulatedAdaptation {
  const random = new RandomStream(seed, 'simulated domains');
  const train = draw(random, source, 200, 0, 1);
  const validation = draw(random, source, 80, 0, 1);
  const there = draw(random, target, 150, shift, scale);
  const fit = (rows: Float32Array): LinearClassifier =>
    fitLogisticRegression(
      { features: rows, size: SIZE, labels: train.labels },
      source.length,
      0.03,
      source.map(() => 1),
    );
  const before = fit(train.rows);
  const after = fit(aligned(train.rows, train.rows, there.rows));
  return {
    prior: source,
    labels: validation.labels,
    before: { source: answersOf(before, validation.rows), target: answersOf(before, there.rows) },
    after: {
      source: answersOf(after, aligned(validation.rows, train.rows, there.rows)),
      target: answersOf(after, there.rows),
    },
    patients: there.labels.map((_, at) => `p${at}`),
    features: {
      source: { features: validation.rows, size: SIZE, patients: validation.labels.map((_, at) => `s${at}`) },
      target: { features: there.rows, size: SIZE, patients: there.labels.map((_, at) => `p${at}`) },
    },
    truth: there.labels,
  };
}

export const accuracyOf = (answers: Answers, truth: readonly number[]): number =>
  likeliest(answers).filter((answer, at) => answer === truth[at]).length / truth.length;

/** Label shift and missing classes, with and without a changed look: making the domains alike costs ten points and more. */
export const hurting: Record<string, SimulatedCase> = {
  'label shift': { source: [0.5, 0.5], target: [0.9, 0.1], shift: 0, scale: 1 },
  'label shift and another look': { source: [0.5, 0.5], target: [0.1, 0.9], shift: 0.3, scale: 1 },
  'a missing class': { source: [0.34, 0.33, 0.33], target: [0.6, 0.4, 0], shift: 0, scale: 1 },
  'a missing class and another look': {
    source: [0.34, 0.33, 0.33],
    target: [0, 0.6, 0.4],
    shift: 0.3,
    scale: 1,
  },
};

/** Nothing changed, only the look changed, or classes hardly. */
export const harmless: Record<string, SimulatedCase> = {
  nothing: { source: [0.5, 0.5], target: [0.5, 0.5], shift: 0, scale: 1 },
  'another look': { source: [0.5, 0.5], target: [0.5, 0.5], shift: 1, scale: 1 },
  'another look of three classes': {
    source: [0.34, 0.33, 0.33],
    target: [0.34, 0.33, 0.33],
    shift: 1.5,
    scale: 1,
  },
  'another look, and frequencies hardly': { source: [0.5, 0.5], target: [0.57, 0.43], shift: 1.2, scale: 1 },
};
