import { RandomStream } from '../platform/random.ts';

/** Images that have to be in one fold together: those of a patient. */
export interface FoldGroup {
  /** Names the group in any project: groups are ordered by it before they are shuffled. */
  key: string;
  /** Images of each class. */
  counts: readonly number[];
}

/**
 * Deals groups to folds so that each fold has its share of the images of every class: those whose classes are most uneven first, each to
 * the fold where it leaves the classes most evenly spread, of equally good ones the fold with fewest images (scikit-learn's
 * `StratifiedGroupKFold`).
 *
 * @param seed of the order among groups that are equally uneven; null leaves the groups as they come
 * @returns the fold of each group, from 0, in the order given
 */
export function dealFolds(groups: readonly FoldGroup[], folds: number, seed: number | null): number[] {
  const classes = groups[0]?.counts.length ?? 0;
  const totals = Array.from({ length: classes }, (_, c) =>
    groups.reduce((sum, { counts }) => sum + counts[c], 0),
  );
  const byKey = [...groups.keys()].sort((a, b) => (groups[a].key < groups[b].key ? -1 : 1));
  const order = seed === null ? [...groups.keys()] : new RandomStream(seed, 'folds').shuffle(byKey);
  // Sorting is stable: what is equally uneven stays in the order drawn.
  order.sort((a, b) => deviation(groups[b].counts) - deviation(groups[a].counts));
  const held = Array.from({ length: folds }, () => new Float64Array(classes));
  const foldOf = groups.map(() => 0);
  for (const index of order) {
    const { counts } = groups[index];
    const fold = bestFold(held, counts, totals);
    counts.forEach((count, c) => (held[fold][c] += count));
    foldOf[index] = fold;
  }
  return foldOf;
}

function bestFold(
  held: readonly Float64Array[],
  counts: readonly number[],
  totals: readonly number[],
): number {
  let best = 0;
  let least = Infinity;
  let fewest = Infinity;
  held.forEach((_, fold) => {
    const spread = counts.map((_, c) =>
      totals[c] === 0
        ? 0
        : deviation(held.map((one, other) => (one[c] + (other === fold ? counts[c] : 0)) / totals[c])),
    );
    const unevenness = mean(spread);
    const images = held[fold].reduce((sum, value) => sum + value, 0);
    // As numpy's isclose: what differs by rounding alone is equal.
    const equal = Math.abs(unevenness - least) <= 1e-8 + 1e-5 * least;
    if (unevenness < least || (equal && images < fewest)) {
      best = fold;
      least = unevenness;
      fewest = images;
    }
  });
  return best;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Standard deviation, by n. */
function deviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}
