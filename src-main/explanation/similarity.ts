/**
 * Spearman's rank correlation of two lists (Spearman 1904): Pearson's of their ranks, equal values sharing the mean of theirs. Null where one of the
 * lists is all one value.
 */
export function spearman(first: ArrayLike<number>, second: ArrayLike<number>): number | null {
  const [a, b] = [ranks(first), ranks(second)];
  const mean = (a.length + 1) / 2;
  let products = 0;
  let squaresA = 0;
  let squaresB = 0;
  for (let i = 0; i < a.length; i++) {
    products += (a[i] - mean) * (b[i] - mean);
    squaresA += (a[i] - mean) ** 2;
    squaresB += (b[i] - mean) ** 2;
  }
  return squaresA === 0 || squaresB === 0 ? null : products / Math.sqrt(squaresA * squaresB);
}

/** From 1 up. */
function ranks(values: ArrayLike<number>): Float64Array {
  const order = Array.from(values, (_, at) => at).sort((i, j) => values[i] - values[j]);
  const result = new Float64Array(values.length);
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && values[order[end]] === values[order[start]]) end++;
    for (let at = start; at < end; at++) result[order[at]] = (start + end + 1) / 2;
    start = end;
  }
  return result;
}

/** Side of the window, as its authors' later code and scikit-image have it. */
const WINDOW = 7;
const [C1, C2] = [0.01 ** 2, 0.03 ** 2];

/**
 * Structural similarity of two images with values in [0, 1] (Wang et al. 2004): the mean over all windows of 7 × 7 that lie inside, each counting all
 * its values alike; smaller windows where the images are.
 */
export function structuralSimilarity(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  rows: number,
  columns: number,
): number {
  const side = Math.min(WINDOW, rows, columns);
  const count = side * side;
  let total = 0;
  let windows = 0;
  for (let top = 0; top + side <= rows; top++)
    for (let left = 0; left + side <= columns; left++) {
      let [a, b, aa, bb, ab] = [0, 0, 0, 0, 0];
      for (let row = top; row < top + side; row++)
        for (let column = left; column < left + side; column++) {
          const [x, y] = [first[row * columns + column], second[row * columns + column]];
          a += x;
          b += y;
          aa += x * x;
          bb += y * y;
          ab += x * y;
        }
      const [meanA, meanB] = [a / count, b / count];
      const unbiased = count > 1 ? count / (count - 1) : 1;
      const varianceA = unbiased * (aa / count - meanA * meanA);
      const varianceB = unbiased * (bb / count - meanB * meanB);
      const covariance = unbiased * (ab / count - meanA * meanB);
      total +=
        ((2 * meanA * meanB + C1) * (2 * covariance + C2)) /
        ((meanA * meanA + meanB * meanB + C1) * (varianceA + varianceB + C2));
      windows++;
    }
  return total / windows;
}
