import type { LabelledFeatures } from '../logistic-regression.ts';
import type { FindingFeatures } from '../finding-regression.ts';
import { type Spectrum, spectrumOf } from './spectrum.ts';

const ROUNDS = 11;
const EPSILON = 1e-5;

/**
 * LogME: the evidence for a linear model of the labels on the features, per image, mean over classes (You et al. 2021; the fixed-point
 * form of its extension, JMLR 2022, with the published code's constants). Larger promises more; it compares networks on the same images
 * and says nothing by itself. With fewer images than features the published code leaves the directions without variance out of one of its
 * terms, which then grows with the number of features; here they are in it, as in the paper.
 */
export function logMe(data: LabelledFeatures, classes: number): number {
  const spectrum = spectrumOf(data, false);
  let sum = 0;
  for (let label = 0; label < classes; label++) {
    const target = data.labels.map((one) => one === label);
    sum += evidenceOf(target, spectrum, data.size);
  }
  return sum / classes;
}

/** Evidence for one target that is 1 or 0. */
function evidenceOf(target: readonly boolean[], { squares, left }: Spectrum, size: number): number {
  const projections = squares.map((_, column) => {
    const product = target.reduce((sum, there, row) => (there ? sum + left.get(row, column) : sum), 0);
    return product * product;
  });
  return evidence(squares, projections, target.filter(Boolean).length, target.length, size);
}

/**
 * LogME and H-score of findings, of which an image may show several: LogME takes each as a target of its own, as You et al. 2021 take several
 * outputs, and H-score as two classes, on the images of which it is known; both are means over findings.
 */
export function scoresOfFindings(data: FindingFeatures, classes: number): { logMe: number; hScore: number } {
  const { features, size, findings } = data;
  let known = { key: '', rows: [] as number[], features: new Float32Array(), spectrum: {} as Spectrum };
  const values = Array.from({ length: classes }, (_, c) => {
    const rows = findings.flatMap((of, row) => ((of[c] ?? null) === null ? [] : [row]));
    if (rows.length < 2) return [];
    const key = rows.join();
    // Most often each finding is known of every image, and the spectrum is one for all.
    if (known.key !== key) {
      const own = new Float32Array(rows.length * size);
      rows.forEach((row, at) => own.set(features.subarray(row * size, (row + 1) * size), at * size));
      const labelled = { features: own, size, labels: rows.map(() => 0) };
      known = { key, rows, features: own, spectrum: spectrumOf(labelled, false) };
    }
    const labels = rows.map((row) => Number(findings[row][c]));
    return [
      {
        logMe: evidenceOf(
          labels.map((label) => label === 1),
          known.spectrum,
          size,
        ),
        hScore: hScore({ features: known.features, size, labels }, 2),
      },
    ];
  }).flat();
  const mean = (of: 'logMe' | 'hScore'): number =>
    values.reduce((sum, value) => sum + value[of], 0) / values.length;
  return { logMe: mean('logMe'), hScore: mean('hScore') };
}

/** @param whole squared length of the target: how many images are of the class */
function evidence(
  squares: Float64Array,
  projections: Float64Array,
  whole: number,
  count: number,
  size: number,
): number {
  const rest = whole - projections.reduce((sum, value) => sum + value, 0);
  let alpha = 1;
  let beta = 1;
  let lengths = 0;
  let errors = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const ratio = alpha / beta;
    let gamma = 0;
    lengths = 0;
    errors = rest;
    squares.forEach((square, at) => {
      gamma += square / (square + ratio);
      lengths += (square * projections[at]) / (ratio + square) ** 2;
      errors += projections[at] / (1 + square / ratio) ** 2;
    });
    alpha = gamma / (lengths + EPSILON);
    beta = (count - gamma) / (errors + EPSILON);
    if (Math.abs(alpha / beta - ratio) / ratio <= 1e-3) break;
  }
  const empty = size - squares.length;
  const logs = squares.reduce(
    (sum, square) => sum + Math.log(alpha + beta * square),
    empty * Math.log(alpha),
  );
  return (
    ((size / 2) * Math.log(alpha) +
      (count / 2) * Math.log(beta) -
      logs / 2 -
      (beta / 2) * errors -
      (alpha / 2) * lengths -
      (count / 2) * Math.log(2 * Math.PI)) /
    count
  );
}

/**
 * H-score: how much of the features' variance, each direction counting alike, lies between the classes (Bao et al. 2019): the trace of
 * cov(f)⁺ · cov(E[f | class]). Between 0 and the number of classes less one. With fewer images than features it is near that
 * number whatever the features are, and says little.
 */
export function hScore(data: LabelledFeatures, classes: number): number {
  const { squares, left } = spectrumOf(data, true);
  // In the basis of the left vectors the pseudo-inverse turns each direction's length to 1: what remains are the class means of it.
  let score = 0;
  for (let label = 0; label < classes; label++) {
    const rows = data.labels.flatMap((one, row) => (one === label ? [row] : []));
    for (let column = 0; column < squares.length; column++) {
      const sum = rows.reduce((total, row) => total + left.get(row, column), 0);
      score += rows.length === 0 ? 0 : (sum * sum) / rows.length;
    }
  }
  return score;
}
