/** What a threshold does: a case at or above it is called positive. */
export interface OperatingPoint {
  /** Infinity where nobody is called. */
  threshold: number;
  sensitivity: number;
  specificity: number;
  truePositives: number;
  falsePositives: number;
  trueNegatives: number;
  falseNegatives: number;
}

/**
 * One point for each distinct score from the highest down, after one where nobody is called. Empty where a side is absent.
 *
 * @param positive for each case whether it has the condition
 */
export function operatingPoints(scores: ArrayLike<number>, positive: ArrayLike<boolean>): OperatingPoint[] {
  const order = Uint32Array.from(scores, (_, i) => i).sort((a, b) => scores[b] - scores[a]);
  const positives = Array.from(positive).filter(Boolean).length;
  const negatives = order.length - positives;
  if (positives === 0 || negatives === 0) return [];
  const points: OperatingPoint[] = [];
  let hits = 0;
  let alarms = 0;
  const add = (threshold: number): void =>
    void points.push({
      threshold,
      sensitivity: hits / positives,
      specificity: (negatives - alarms) / negatives,
      truePositives: hits,
      falsePositives: alarms,
      trueNegatives: negatives - alarms,
      falseNegatives: positives - hits,
    });
  add(Infinity);
  for (let at = 0; at < order.length;) {
    const score = scores[order[at]];
    for (; at < order.length && scores[order[at]] === score; at++) {
      if (positive[order[at]]) hits++;
      else alarms++;
    }
    add(score);
  }
  return points;
}

/** The first of the points for which a value is largest; rounding does not prefer a later one. */
function best(
  points: readonly OperatingPoint[],
  value: (point: OperatingPoint) => number,
): OperatingPoint | null {
  let chosen: OperatingPoint | null = null;
  for (const point of points) if (!chosen || value(point) > value(chosen) + 1e-12) chosen = point;
  return chosen;
}

/**
 * The point that maximises sensitivity + specificity − 1 (Youden 1950); of equal ones the highest threshold. Null of no points.
 *
 * @param points from `operatingPoints`, of validation data: chosen on the test set it flatters itself
 */
export const youdenPoint = (points: readonly OperatingPoint[]): OperatingPoint | null =>
  best(points, ({ sensitivity, specificity }) => sensitivity + specificity);

/** The most specific point whose sensitivity is at least the one asked for. Null of no points. */
export const pointAtSensitivity = (points: readonly OperatingPoint[], least: number): OperatingPoint | null =>
  points.find(({ sensitivity }) => sensitivity >= least) ?? null;

/** The most sensitive point whose specificity is at least the one asked for, its threshold as high as it can be. Null of no points. */
export const pointAtSpecificity = (points: readonly OperatingPoint[], least: number): OperatingPoint | null =>
  best(
    points.filter(({ specificity }) => specificity >= least),
    ({ sensitivity }) => sensitivity,
  );

export interface Costs {
  /** Of one missed case, and of one false alarm, in any unit. */
  falseNegative: number;
  falsePositive: number;
  /** Where the model will be used; default that of the data. */
  prevalence?: number;
}

/** Expected cost for one person: prevalence · (1 − sensitivity) · C(FN) + (1 − prevalence) · (1 − specificity) · C(FP). */
export function expectedCost(
  point: OperatingPoint,
  { falseNegative, falsePositive, prevalence = prevalenceOf(point) }: Costs,
): number {
  const { sensitivity, specificity } = point;
  return (
    prevalence * (1 - sensitivity) * falseNegative + (1 - prevalence) * (1 - specificity) * falsePositive
  );
}

/** The point of least expected cost (Metz 1978); of equal ones the highest threshold. Null of no points. */
export const cheapestPoint = (points: readonly OperatingPoint[], costs: Costs): OperatingPoint | null =>
  best(points, (point) => -expectedCost(point, costs));

function prevalenceOf(point: OperatingPoint): number {
  const positives = point.truePositives + point.falseNegatives;
  return positives / (positives + point.falsePositives + point.trueNegatives);
}

/**
 * Predictive values at a prevalence, by Bayes' theorem: PPV = se·π / (se·π + (1 − sp)(1 − π)), NPV = sp(1 − π) / (sp(1 − π) + (1 − se)π).
 * Sensitivity and specificity are taken to be the same there. Null where nobody is called, or everybody.
 */
export function predictiveValues(
  { sensitivity, specificity }: Pick<OperatingPoint, 'sensitivity' | 'specificity'>,
  prevalence: number,
): { positive: number | null; negative: number | null } {
  const called = sensitivity * prevalence + (1 - specificity) * (1 - prevalence);
  const cleared = specificity * (1 - prevalence) + (1 - sensitivity) * prevalence;
  return {
    positive: called === 0 ? null : (sensitivity * prevalence) / called,
    negative: cleared === 0 ? null : (specificity * (1 - prevalence)) / cleared,
  };
}
