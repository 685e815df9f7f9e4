import { RankedScores, rankClasses } from '../roc.ts';

/** All classes alike, or by how many cases they have. */
export type AucAverage = 'macro' | 'weighted';

function supports(labels: ArrayLike<number>, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (let i = 0; i < labels.length; i++) counts[labels[i]]++;
  return counts;
}

function mean(values: readonly number[], weights: readonly number[]): number {
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  return values.reduce((sum, value, i) => sum + value * weights[i], 0) / whole;
}

/**
 * The mean area of each class against the rest (Provost and Domingos 2000; `roc_auc_score(multi_class='ovr')`). It moves with how frequent
 * classes are.
 *
 * @param probabilities for each case one value for each class
 * @returns null as soon as one class is absent
 */
export function oneVersusRestAuc(
  labels: ArrayLike<number>,
  probabilities: readonly ArrayLike<number>[],
  classes: number,
  average: AucAverage = 'macro',
): number | null {
  const counts = supports(labels, classes);
  const aucs = rankClasses(labels, probabilities, classes).map((ranked) => ranked.auc());
  if (classes === 0 || aucs.some((auc) => auc === null)) return null;
  return mean(aucs as number[], average === 'macro' ? counts.map(() => 1) : counts);
}

/**
 * The mean area over pairs of classes, each pair looked at among its own cases (Hand and Till 2001, M; `roc_auc_score(multi_class='ovo')`): of a
 * pair the mean of both classes' scores as the one that ranks. It does not move with how frequent classes are; `weighted` weighs a pair by the
 * share of its cases.
 *
 * @returns null as soon as one class is absent, and with fewer than two classes
 */
export function oneVersusOneAuc(
  labels: ArrayLike<number>,
  probabilities: readonly ArrayLike<number>[],
  classes: number,
  average: AucAverage = 'macro',
): number | null {
  const counts = supports(labels, classes);
  if (classes < 2 || counts.includes(0)) return null;
  const aucs: number[] = [];
  const weights: number[] = [];
  for (let b = 1; b < classes; b++) {
    for (let a = 0; a < b; a++) {
      const rows = probabilities.filter((_, i) => labels[i] === a || labels[i] === b);
      const isFirst = Array.from(labels)
        .filter((label) => label === a || label === b)
        .map((label) => label === a);
      const ofFirst = new RankedScores(
        rows.map((row) => row[a]),
        isFirst,
      );
      const ofSecond = new RankedScores(
        rows.map((row) => row[b]),
        isFirst.map((first) => !first),
      );
      aucs.push((ofFirst.auc()! + ofSecond.auc()!) / 2);
      weights.push(average === 'macro' ? 1 : counts[a] + counts[b]);
    }
  }
  return mean(aucs, weights);
}

/**
 * Average precision of each class against the rest, averaged (`average_precision_score`).
 *
 * @returns null as soon as one class is absent
 */
export function meanAveragePrecision(
  labels: ArrayLike<number>,
  probabilities: readonly ArrayLike<number>[],
  classes: number,
  average: AucAverage = 'macro',
): number | null {
  const counts = supports(labels, classes);
  const each = rankClasses(labels, probabilities, classes).map((ranked) => ranked.precisionRecall());
  if (classes === 0 || each.some((one) => one === null)) return null;
  return mean(
    each.map((one) => one!.averagePrecision),
    average === 'macro' ? counts.map(() => 1) : counts,
  );
}
