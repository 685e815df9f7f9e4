/**
 * Brier's score of stated probabilities: the mean over cases of Σₖ (pₖ − yₖ)² (Brier 1950). 0 at best, 2 at worst. NaN of no cases.
 *
 * @param probabilities for each case one value for each class
 */
export function brierScore(labels: ArrayLike<number>, probabilities: readonly ArrayLike<number>[]): number {
  let sum = 0;
  probabilities.forEach((row, i) => {
    for (let k = 0; k < row.length; k++) sum += (row[k] - Number(labels[i] === k)) ** 2;
  });
  return sum / probabilities.length;
}

/** Brier's score of one condition: the mean of (p − y)², half of what `brierScore` gives for both classes. NaN of no cases. */
export function binaryBrierScore(positive: ArrayLike<boolean>, probabilities: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < probabilities.length; i++) sum += (probabilities[i] - Number(positive[i])) ** 2;
  return sum / probabilities.length;
}

/**
 * Mean of −ln p of the true class. NaN of no cases.
 *
 * @param smallest a probability of 0 counts as this, one of 1 as 1 less it; default the precision of a single-precision number, in which
 *   Graft's probabilities are (scikit-learn's `log_loss` takes that of the type it is given)
 */
export function logLoss(
  labels: ArrayLike<number>,
  probabilities: readonly ArrayLike<number>[],
  smallest = 2 ** -23,
): number {
  let sum = 0;
  probabilities.forEach((row, i) => {
    sum -= Math.log(Math.min(1 - smallest, Math.max(smallest, row[labels[i]])));
  });
  return sum / probabilities.length;
}
