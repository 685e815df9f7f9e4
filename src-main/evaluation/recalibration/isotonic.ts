/** A rising curve through these points, straight between them and level outside. */
export interface IsotonicCurve {
  /** Ascending. */
  scores: Float64Array;
  probabilities: Float64Array;
}

/**
 * The rising curve nearest to the outcomes in least squares, by pooling adjacent violators (Ayer et al. 1955; Zadrozny and Elkan 2002), as
 * scikit-learn's `IsotonicRegression(out_of_bounds='clip')`: cases of equal score are one case of their mean. It takes some hundred cases not to
 * fit noise.
 *
 * @param positive for each case whether it has the condition
 * @returns no points of no cases
 */
export function fitIsotonic(scores: ArrayLike<number>, positive: ArrayLike<boolean>): IsotonicCurve {
  const order = Uint32Array.from(scores, (_, i) => i).sort((a, b) => scores[a] - scores[b]);
  const blocks: { first: number; last: number; sum: number; weight: number }[] = [];
  const place = (block: (typeof blocks)[number]): void => {
    let before = blocks.at(-1);
    while (before && before.sum * block.weight >= block.sum * before.weight) {
      block = {
        first: before.first,
        last: block.last,
        sum: before.sum + block.sum,
        weight: before.weight + block.weight,
      };
      blocks.pop();
      before = blocks.at(-1);
    }
    blocks.push(block);
  };
  for (let at = 0; at < order.length;) {
    const score = scores[order[at]];
    let sum = 0;
    let weight = 0;
    for (; at < order.length && scores[order[at]] === score; at++, weight++)
      sum += Number(positive[order[at]]);
    place({ first: score, last: score, sum, weight });
  }
  const points = blocks.flatMap(({ first, last, sum, weight }) =>
    first === last
      ? [[first, sum / weight]]
      : [
          [first, sum / weight],
          [last, sum / weight],
        ],
  );
  return {
    scores: Float64Array.from(points, ([score]) => score),
    probabilities: Float64Array.from(points, ([, probability]) => probability),
  };
}

/** NaN of a curve without points. */
export function applyIsotonic(curve: IsotonicCurve, scores: ArrayLike<number>): Float64Array {
  const { scores: knots, probabilities } = curve;
  const last = knots.length - 1;
  return Float64Array.from(scores, (score) => {
    if (last < 0) return NaN;
    if (score <= knots[0]) return probabilities[0];
    if (score >= knots[last]) return probabilities[last];
    let low = 0;
    let high = last;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (knots[middle] <= score) low = middle;
      else high = middle;
    }
    const share = (score - knots[low]) / (knots[high] - knots[low]);
    return probabilities[low] + share * (probabilities[high] - probabilities[low]);
  });
}
