/** Net benefit at one threshold probability, in true positives for one person. */
export interface DecisionPoint {
  /** The probability from which on a person would be treated: t/(1 − t) is how many needless treatments one found case is worth. */
  threshold: number;
  model: number;
  treatAll: number;
  treatNone: 0;
}

/** From 1 % to 99 %. */
const THRESHOLDS = Array.from({ length: 99 }, (_, i) => (i + 1) / 100);

/**
 * Decision curve analysis (Vickers and Elkin 2006): what acting on the model gains, TP/n − FP/n · t/(1 − t), beside treating everybody and nobody. A
 * model is of use where it lies above both. Probabilities must be calibrated. Empty of no cases.
 *
 * @param positive for each case whether it has the condition
 * @param probabilities of the condition; at or above the threshold a case is treated
 * @param options `thresholds` within (0, 1), default 0.01 to 0.99; `prevalence` where the model will be used, default that of the data (NaN
 *   where another one is asked for and a side is absent)
 */
export function decisionCurve(
  positive: ArrayLike<boolean>,
  probabilities: ArrayLike<number>,
  { thresholds = THRESHOLDS, prevalence }: { thresholds?: readonly number[]; prevalence?: number } = {},
): DecisionPoint[] {
  const n = probabilities.length;
  if (n === 0) return [];
  const sorted = [true, false].map((side) =>
    Float64Array.from(Array.from(probabilities).filter((_, i) => positive[i] === side)).sort(),
  );
  const [positives, negatives] = sorted;
  const share = prevalence ?? positives.length / n;
  return thresholds.map((threshold) => {
    const odds = threshold / (1 - threshold);
    const [hits, alarms] = sorted.map((side) => atLeast(side, threshold));
    const found = prevalence === undefined ? hits / n : (share * hits) / positives.length;
    const needless = prevalence === undefined ? alarms / n : ((1 - share) * alarms) / negatives.length;
    return {
      threshold,
      model: found - needless * odds,
      treatAll: share - (1 - share) * odds,
      treatNone: 0,
    };
  });
}

/** How many of the ascending values are at least a threshold. */
function atLeast(ascending: Float64Array, threshold: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] < threshold) low = middle + 1;
    else high = middle;
  }
  return ascending.length - low;
}
