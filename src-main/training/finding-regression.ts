import type { Finding } from '../contract/dataset.ts';
import { minimise } from './lbfgs.ts';
import { type LabelledFeatures, type LinearClassifier, standardise } from './logistic-regression.ts';
import { binaryCrossEntropy, findingsLoss } from './objective.ts';

/** Feature vectors in rows, and which findings each shows. */
export interface FindingFeatures extends Pick<LabelledFeatures, 'features' | 'size'> {
  findings: readonly (readonly Finding[])[];
}

/**
 * One logistic regression for each finding, on standardised features and the rows of which it is known. Minimises the mean binary
 * cross-entropy (what is there counting `positive` times) + l2 / 2 · |kernel|², the bias free. Standardisation is folded into what is returned.
 */
export function fitFindings(
  data: FindingFeatures,
  classes: number,
  l2: number,
  positive: readonly number[] | null = null,
): LinearClassifier {
  const { size, findings } = data;
  const { rows, mean, deviation } = standardise({ ...data, labels: findings.map(() => 0) });
  const kernel = new Float32Array(size * classes);
  const bias = new Float32Array(classes);
  for (let c = 0; c < classes; c++) {
    const truths = findings.map((of) => of[c] ?? null);
    const point = fitOne(rows, size, truths, l2, positive?.[c] ?? 1);
    let shift = point[size];
    for (let f = 0; f < size; f++) {
      kernel[f * classes + c] = point[f] / deviation[f];
      shift -= (point[f] * mean[f]) / deviation[f];
    }
    bias[c] = shift;
  }
  return { kernel, bias };
}

/** @returns the weights of the features, and last the bias */
function fitOne(
  rows: Float64Array,
  size: number,
  truths: readonly Finding[],
  l2: number,
  positive: number,
): Float64Array {
  const known = truths.flatMap((truth, row) => (truth === null ? [] : [{ truth, row }]));
  const point = new Float64Array(size + 1);
  if (known.length === 0) return point;
  const total = known.reduce((sum, { truth }) => sum + (truth === 1 ? positive : 1), 0);
  minimise(
    (at, gradient) => {
      gradient.fill(0);
      let value = 0;
      for (const { truth, row } of known) {
        let logit = at[size];
        for (let f = 0; f < size; f++) logit += rows[row * size + f] * at[f];
        const share = (truth === 1 ? positive : 1) / total;
        value += share * binaryCrossEntropy(logit, truth);
        const error = share * (1 / (1 + Math.exp(-logit)) - truth);
        for (let f = 0; f < size; f++) gradient[f] += rows[row * size + f] * error;
        gradient[size] += error;
      }
      for (let f = 0; f < size; f++) {
        value += (l2 / 2) * at[f] * at[f];
        gradient[f] += l2 * at[f];
      }
      return value;
    },
    point,
    { iterations: 300, tolerance: 1e-5 },
  );
  return point;
}

/** Mean binary cross-entropy of the findings that are known, in nats. */
export function lossOfFindings({ kernel, bias }: LinearClassifier, data: FindingFeatures): number {
  const classes = bias.length;
  let sum = 0;
  let known = 0;
  data.findings.forEach((findings, row) => {
    const logits = Float64Array.from(bias);
    for (let f = 0; f < data.size; f++)
      for (let c = 0; c < classes; c++)
        logits[c] += data.features[row * data.size + f] * kernel[f * classes + c];
    const { loss, weight } = findingsLoss(logits, 0, findings);
    sum += loss * weight;
    known += weight;
  });
  return known === 0 ? 0 : sum / known;
}
