/**
 * How badly a class fits a case: it belongs to the case's set while this is at most the threshold.
 *
 * @param row probabilities of the case
 * @param k the class
 * @param share how much of the class's own probability counts, drawn for each case to reach the level exactly; 1 for none left to chance
 */
export type ConformalScore = (row: ArrayLike<number>, k: number, share: number) => number;

/** 1 − pₖ: the smallest sets on average, empty ones among them (least ambiguous classifiers; Sadinle, Lei and Wasserman 2019). */
export const leastAmbiguous: ConformalScore = (row, k) => 1 - row[k];

/** Probabilities of the classes before k, and how many there are, from the most probable down; of equal ones the first is before. */
function before(row: ArrayLike<number>, k: number): { mass: number; classes: number } {
  let mass = 0;
  let classes = 0;
  for (let other = 0; other < row.length; other++) {
    if (row[other] > row[k] || (row[other] === row[k] && other < k)) {
      mass += row[other];
      classes++;
    }
  }
  return { mass, classes };
}

/** What the classes before k hold and a share of its own: larger sets for harder cases (APS; Romano, Sesia and Candès 2020). */
export const adaptive: ConformalScore = (row, k, share) => before(row, k).mass + share * row[k];

/**
 * The same with λ for each class beyond the first `free` ones, so that the long tail of improbable classes stays out (RAPS; Angelopoulos et al. 2021).
 *
 * @param options `penalty` λ, default 0.1; `free`, default 1: choose both on data other than what calibrates
 */
export const regularised =
  ({ penalty = 0.1, free = 1 }: { penalty?: number; free?: number } = {}): ConformalScore =>
  (row, k, share) => {
    const { mass, classes } = before(row, k);
    return mass + share * row[k] + penalty * Math.max(0, classes + 1 - free);
  };
