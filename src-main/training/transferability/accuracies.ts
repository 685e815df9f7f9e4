import type { JudgedAccuracy } from '../../contract/ranking.ts';
import { RandomStream } from '../../platform/random.ts';
import { fitLogisticRegression, type LabelledFeatures } from '../logistic-regression.ts';
import { classWeights } from '../metrics.ts';

/** Features of images, and whose they are. */
export interface PatientFeatures extends LabelledFeatures {
  /** One for each image; images of one patient never judge one another. */
  patients: readonly string[];
}

/** Neighbours that are asked: ten, or as many as the smallest class has images, if that is fewer. */
export const neighboursFor = (labels: readonly number[], classes: number): number => {
  const counts = Array.from({ length: classes }, (_, c) => labels.filter((label) => label === c).length);
  return Math.max(1, Math.min(10, ...counts.filter((count) => count > 0)));
};

/**
 * Which images the majority of their nearest neighbours of other patients calls rightly, by the cosine between features; of
 * equally many votes the nearer neighbour's counts.
 */
export function neighbourHits(data: PatientFeatures, classes: number): boolean[] {
  const { labels } = data;
  const k = neighboursFor(labels, classes);
  const nearest = nearestOthers(data);
  return labels.map((label, row) => {
    const votes = new Float64Array(classes);
    // A little more for the nearer: it decides between equal numbers and nothing else.
    nearest(row)
      .slice(0, k)
      .forEach((other, rank) => (votes[labels[other]] += 1 + (k - rank) * 1e-4));
    return votes.indexOf(Math.max(...votes)) === label;
  });
}

/** For an image all those of other patients, the nearest first, by the cosine between features. */
export function nearestOthers({
  features,
  size,
  patients,
}: Pick<PatientFeatures, 'features' | 'size' | 'patients'>): (row: number) => number[] {
  const count = patients.length;
  const unit = new Float64Array(features.length);
  for (let row = 0; row < count; row++) {
    let squares = 0;
    for (let i = 0; i < size; i++) squares += features[row * size + i] ** 2;
    const scale = squares === 0 ? 0 : 1 / Math.sqrt(squares);
    for (let i = 0; i < size; i++) unit[row * size + i] = features[row * size + i] * scale;
  }
  return (row) => {
    const near: { other: number; cosine: number }[] = [];
    for (let other = 0; other < count; other++) {
      if (patients[other] === patients[row]) continue;
      let cosine = 0;
      for (let i = 0; i < size; i++) cosine += unit[row * size + i] * unit[other * size + i];
      near.push({ other, cosine });
    }
    return near.sort((a, b) => b.cosine - a.cosine || a.other - b.other).map(({ other }) => other);
  };
}

/** Strength of the probe's L2: the middle of what a probe before a training tries. */
export const STRENGTH = 0.03;
export const FOLDS = 5;

/**
 * Which images a linear classifier calls rightly that was fitted on the other patients: five folds of patients, classes spread over
 * them, rare classes weighted up.
 *
 * @param seed deals the patients
 */
export function probeHits(data: PatientFeatures, classes: number, seed: number): boolean[] {
  const { features, size, labels, patients } = data;
  const folds = foldsOf(patients, labels, seed);
  const hits = Array<boolean>(labels.length).fill(false);
  for (let fold = 0; fold < FOLDS; fold++) {
    const inside = labels.flatMap((_, row) => (folds[row] === fold ? [row] : []));
    const outside = labels.flatMap((_, row) => (folds[row] === fold ? [] : [row]));
    if (inside.length === 0 || outside.length === 0) continue;
    const training: LabelledFeatures = {
      features: Float32Array.from({ length: outside.length * size }, (_, i) => {
        return features[outside[Math.floor(i / size)] * size + (i % size)];
      }),
      size,
      labels: outside.map((row) => labels[row]),
    };
    const { kernel, bias } = fitLogisticRegression(
      training,
      classes,
      STRENGTH,
      classWeights(training.labels, classes),
    );
    for (const row of inside) {
      const logits = Float64Array.from(bias);
      for (let i = 0; i < size; i++)
        for (let c = 0; c < classes; c++) logits[c] += features[row * size + i] * kernel[i * classes + c];
      hits[row] = logits.indexOf(Math.max(...logits)) === labels[row];
    }
  }
  return hits;
}

/** Whole patients, dealt class by class so that each fold has of each. */
export function foldsOf(patients: readonly string[], labels: readonly number[], seed: number): number[] {
  const first = new Map<string, number>();
  patients.forEach((patient, row) => {
    if (!first.has(patient)) first.set(patient, labels[row]);
  });
  const stream = new RandomStream(seed, 'folds');
  const shuffled = stream.shuffle([...first.keys()].sort());
  const dealt = new Map<string, number>();
  shuffled
    .sort((a, b) => first.get(a)! - first.get(b)!)
    .forEach((patient, at) => dealt.set(patient, at % FOLDS));
  return patients.map((patient) => dealt.get(patient)!);
}

export const REPLICATES = 1000;

/** Accuracy with its interval: the 2.5th and 97.5th percentile over draws of patients with replacement. */
export const judged = (hits: readonly boolean[], patients: readonly string[], seed: number): JudgedAccuracy =>
  meanOf(hits.map(Number), patients, seed);

/** By how much one accuracy lies above another on the same images: both of the same drawn patients, so that what is hard for both cancels out. */
export const judgedGain = (
  hits: readonly boolean[],
  others: readonly boolean[],
  patients: readonly string[],
  seed: number,
): JudgedAccuracy =>
  meanOf(
    hits.map((hit, row) => Number(hit) - Number(others[row])),
    patients,
    seed,
  );

function meanOf(values: readonly number[], patients: readonly string[], seed: number): JudgedAccuracy {
  const groups = [...Map.groupBy(values.keys(), (row) => patients[row]).values()].map((rows) => ({
    images: rows.length,
    sum: rows.reduce((sum, row) => sum + values[row], 0),
  }));
  const stream = new RandomStream(seed, 'draws');
  const draws = Array.from({ length: REPLICATES }, () => {
    let images = 0;
    let sum = 0;
    for (let at = 0; at < groups.length; at++) {
      const group = groups[stream.integer(groups.length)];
      images += group.images;
      sum += group.sum;
    }
    return sum / images;
  }).sort((a, b) => a - b);
  return {
    value: values.reduce((sum, value) => sum + value, 0) / values.length,
    low: draws[Math.floor(0.025 * REPLICATES)],
    high: draws[Math.ceil(0.975 * REPLICATES) - 1],
  };
}
