/** Fits on one side of validation data what is then applied to scores. */
export type BinaryCalibration = (
  scores: ArrayLike<number>,
  positive: ArrayLike<boolean>,
) => (scores: ArrayLike<number>) => ArrayLike<number>;

/**
 * A calibration of two classes for many: each class against the rest, the results divided by their sum (Zadrozny and Elkan 2002; scikit-learn's
 * `CalibratedClassifierCV`). Where all classes get 0 they share alike. The most probable class may change.
 *
 * @param fit for example `(scores, positive) => { const curve = fitIsotonic(scores, positive); return (s) => applyIsotonic(curve, s); }`
 * @param labels class of each case of the validation data
 * @returns gives calibrated rows for rows of probabilities
 */
export function calibrateOneVersusRest(
  fit: BinaryCalibration,
  labels: ArrayLike<number>,
  probabilities: readonly ArrayLike<number>[],
  classes: number,
): (rows: readonly ArrayLike<number>[]) => Float64Array[] {
  const each = Array.from({ length: classes }, (_, k) =>
    fit(
      probabilities.map((row) => row[k]),
      Array.from(labels, (label) => label === k),
    ),
  );
  return (rows) => {
    const columns = each.map((apply, k) => apply(rows.map((row) => row[k])));
    return rows.map((_, i) => {
      const row = Float64Array.from(columns, (column) => column[i]);
      const sum = row.reduce((total, value) => total + value, 0);
      return row.map((value) => (sum === 0 ? 1 / classes : value / sum));
    });
  };
}
