import type { AggregationRule } from '../../contract/analysis-settings.ts';
import { GraftError } from '../../contract/errors.ts';
import { predictedClass } from '../classification.ts';

export interface Aggregated {
  /** In order of first appearance. */
  keys: string[];
  /** For each key one value for each class. */
  probabilities: Float64Array[];
  /** How many images speak for each. */
  counts: number[];
}

/**
 * Probabilities of series or patients from those of their images.
 *
 * @param keys for each image the series or patient
 * @param exclusive whether classes exclude one another (default): then `max` and `noisy-or` are divided by their sum, and add up to 1 as the
 *   others do; where findings stand beside one another nothing is divided. All zeros become equal shares
 */
export function aggregate(
  probabilities: readonly ArrayLike<number>[],
  keys: readonly string[],
  rule: AggregationRule,
  exclusive = true,
): Aggregated {
  const rows = new Map<string, ArrayLike<number>[]>();
  probabilities.forEach((row, i) => {
    const known = rows.get(keys[i]);
    if (known) known.push(row);
    else rows.set(keys[i], [row]);
  });
  const groups = [...rows.values()];
  return {
    keys: [...rows.keys()],
    probabilities: groups.map((images) => {
      const together = combine(images, rule, exclusive);
      return exclusive ? normalised(together) : together;
    }),
    counts: groups.map((images) => images.length),
  };
}

function combine(
  images: readonly ArrayLike<number>[],
  rule: AggregationRule,
  exclusive: boolean,
): Float64Array {
  return Float64Array.from(images[0], (_, k) => {
    const values = images.map((row) => row[k]);
    switch (rule) {
      case 'mean':
        return values.reduce((sum, p) => sum + p, 0) / values.length;
      case 'max':
        return Math.max(...values);
      case 'noisy-or':
        return 1 - values.reduce((product, p) => product * (1 - p), 1);
      case 'majority':
        return (
          images.filter((row) => (exclusive ? predictedClass(row) === k : row[k] >= 0.5)).length /
          values.length
        );
    }
  });
}

function normalised(row: Float64Array): Float64Array {
  const sum = row.reduce((total, value) => total + value, 0);
  return row.map((value) => (sum === 0 ? 1 / row.length : value / sum));
}

/**
 * The class of each series or patient, which all its images must share.
 *
 * @returns in order of first appearance, as `aggregate`
 * @throws GraftError `aggregate-labels` where images of one differ
 */
export function aggregateLabels(labels: ArrayLike<number>, keys: readonly string[]): number[] {
  const known = new Map<string, number>();
  keys.forEach((key, i) => {
    const label = known.get(key) ?? labels[i];
    if (label !== labels[i]) {
      throw new GraftError(
        'aggregate-labels',
        `Expected all images that are taken together to have one label, found the classes ${label} and ${labels[i]} in one group. Evaluate image by image, or group by series.`,
      );
    }
    known.set(key, label);
  });
  return [...known.values()];
}

/** Of findings: what any image shows, the series or patient has. */
export function aggregateFindings(
  findings: readonly ArrayLike<number>[],
  keys: readonly string[],
): Uint8Array[] {
  const known = new Map<string, Uint8Array>();
  findings.forEach((row, i) => {
    const all = known.get(keys[i]) ?? new Uint8Array(row.length);
    for (let k = 0; k < row.length; k++) if (row[k] > 0) all[k] = 1;
    known.set(keys[i], all);
  });
  return [...known.values()];
}
