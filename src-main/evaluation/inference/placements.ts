/** Where each case lies among those of the other side, and the area that follows. */
export interface Placements {
  auc: number;
  /** For each positive the share of negatives below it, ties counting one half; in the order of the cases. */
  ofPositives: Float64Array;
  /** For each negative the share of positives above it. */
  ofNegatives: Float64Array;
}

/** DeLong's placement values from midranks, in O(n log n) (Sun and Xu 2014). Both sides must be present. */
export function placements(scores: ArrayLike<number>, positive: ArrayLike<boolean>): Placements {
  const all = Float64Array.from(scores);
  const positives = all.filter((_, i) => positive[i]);
  const negatives = all.filter((_, i) => !positive[i]);
  const [m, n] = [positives.length, negatives.length];
  const together = new Float64Array(m + n);
  together.set(positives);
  together.set(negatives, m);
  const ranks = midranks(together);
  const ofPositives = midranks(positives).map((rank, i) => (ranks[i] - rank) / n);
  const ofNegatives = midranks(negatives).map((rank, j) => 1 - (ranks[m + j] - rank) / m);
  return { auc: ofPositives.reduce((sum, value) => sum + value, 0) / m, ofPositives, ofNegatives };
}

/** Ranks from 1 up, equal values sharing the mean of theirs. */
function midranks(values: Float64Array): Float64Array {
  const order = Uint32Array.from(values, (_, i) => i).sort((a, b) => values[a] - values[b]);
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && values[order[end]] === values[order[start]]) end++;
    for (let at = start; at < end; at++) ranks[order[at]] = (start + end + 1) / 2;
    start = end;
  }
  return ranks;
}
