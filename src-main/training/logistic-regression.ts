import { minimise } from './lbfgs.ts';
import { crossEntropy } from './metrics.ts';

/** Feature vectors in rows, and what each shows. */
export interface LabelledFeatures {
  /** `[count, size]` */
  features: Float32Array;
  size: number;
  labels: readonly number[];
}

/** A linear classifier over features as they come: logits = features · kernel + bias. */
export interface LinearClassifier {
  /** `[size, classes]` */
  kernel: Float32Array;
  bias: Float32Array;
}

/**
 * Multinomial logistic regression on standardised features. Minimises the mean cross-entropy (weighted by class
 * where asked) + l2 / 2 · |kernel|², the bias free. Standardisation is folded into what is returned.
 */
export function fitLogisticRegression(
  data: LabelledFeatures,
  classes: number,
  l2: number,
  weightOf: ArrayLike<number>,
): LinearClassifier {
  const { size, labels } = data;
  const { rows, mean, deviation } = standardise(data);
  const weights = labels.map((label) => weightOf[label]);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const x = new Float64Array((size + 1) * classes);
  const logits = new Float64Array(classes);
  const objective = (point: Float64Array, gradient: Float64Array): number => {
    gradient.fill(0);
    let value = 0;
    for (let row = 0; row < labels.length; row++) {
      const start = row * size;
      for (let c = 0; c < classes; c++) logits[c] = point[size * classes + c];
      for (let f = 0; f < size; f++) {
        const feature = rows[start + f];
        for (let c = 0; c < classes; c++) logits[c] += feature * point[f * classes + c];
      }
      const share = weights[row] / total;
      value += share * crossEntropy(logits, 0, classes, labels[row]);
      toError(logits, labels[row], share);
      for (let f = 0; f < size; f++) {
        const feature = rows[start + f];
        for (let c = 0; c < classes; c++) gradient[f * classes + c] += feature * logits[c];
      }
      for (let c = 0; c < classes; c++) gradient[size * classes + c] += logits[c];
    }
    for (let i = 0; i < size * classes; i++) {
      value += (l2 / 2) * point[i] * point[i];
      gradient[i] += l2 * point[i];
    }
    return value;
  };
  minimise(objective, x, { iterations: 300, tolerance: 1e-5 });
  const kernel = new Float32Array(size * classes);
  const bias = new Float64Array(x.subarray(size * classes));
  for (let f = 0; f < size; f++) {
    for (let c = 0; c < classes; c++) {
      kernel[f * classes + c] = x[f * classes + c] / deviation[f];
      bias[c] -= (x[f * classes + c] * mean[f]) / deviation[f];
    }
  }
  return { kernel, bias: Float32Array.from(bias) };
}

/** Logits become (softmax − one-hot) · share, the gradient of the loss with respect to them. */
function toError(logits: Float64Array, label: number, share: number): void {
  let largest = -Infinity;
  for (const value of logits) largest = Math.max(largest, value);
  let sum = 0;
  for (let c = 0; c < logits.length; c++) sum += logits[c] = Math.exp(logits[c] - largest);
  for (let c = 0; c < logits.length; c++) logits[c] = share * (logits[c] / sum - (c === label ? 1 : 0));
}

/** Each feature with mean 0 and deviation 1 over the rows. */
export function standardise({
  features,
  size,
  labels,
}: Pick<LabelledFeatures, 'features' | 'size' | 'labels'>): {
  rows: Float64Array;
  mean: Float64Array;
  deviation: Float64Array;
} {
  const count = labels.length;
  const mean = new Float64Array(size);
  const deviation = new Float64Array(size);
  for (let i = 0; i < features.length; i++) mean[i % size] += features[i] / count;
  for (let i = 0; i < features.length; i++)
    deviation[i % size] += (features[i] - mean[i % size]) ** 2 / count;
  // A feature that never changes says nothing: it keeps its scale and becomes 0.
  for (let f = 0; f < size; f++) deviation[f] = deviation[f] < 1e-12 ? 1 : Math.sqrt(deviation[f]);
  const rows = Float64Array.from(features, (value, i) => (value - mean[i % size]) / deviation[i % size]);
  return { rows, mean, deviation };
}

/** Mean cross-entropy of a classifier, in nats. */
export function lossOf(classifier: LinearClassifier, data: LabelledFeatures): number {
  const { kernel, bias } = classifier;
  const classes = bias.length;
  let sum = 0;
  for (let row = 0; row < data.labels.length; row++) {
    const logits = Float64Array.from(bias);
    for (let f = 0; f < data.size; f++)
      for (let c = 0; c < classes; c++)
        logits[c] += data.features[row * data.size + f] * kernel[f * classes + c];
    sum += crossEntropy(logits, 0, classes, data.labels[row]);
  }
  return sum / data.labels.length;
}
