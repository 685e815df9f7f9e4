import type { Finding } from '../contract/dataset.ts';
import type {
  FindingCounts,
  FindingMetricName,
  MetricName,
  ScoredPrediction,
} from '../contract/evaluation.ts';
import { type RankedScores, rankFindings } from './roc.ts';

export type FindingMetrics = Record<MetricName | FindingMetricName, number | null>;

/** A model's answers about findings in the shape that replicates are computed from. */
export interface ScoredFindings {
  truths: readonly (readonly Finding[])[];
  probabilities: readonly ArrayLike<number>[];
  ranked: RankedScores[];
}

export function scoreFindings(predictions: readonly ScoredPrediction[], findings: number): ScoredFindings {
  const truths = predictions.map((one) => one.findings ?? Array<Finding>(findings).fill(null));
  const probabilities = predictions.map((one) => one.probabilities);
  return { truths, probabilities, ranked: rankFindings(truths, probabilities, findings) };
}

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

const mean = (values: readonly (number | null)[]): number | null => {
  const defined = values.filter((value) => value !== null);
  return defined.length === 0 ? null : defined.reduce((sum, value) => sum + value, 0) / defined.length;
};

/** Answers about one finding from a probability on, images counting by their weights. */
export function countFinding(
  { truths, probabilities }: ScoredFindings,
  finding: number,
  threshold: number,
  weights?: ArrayLike<number>,
): FindingCounts {
  let hits = 0;
  let misses = 0;
  let alarms = 0;
  let rejections = 0;
  for (let i = 0; i < truths.length; i++) {
    const truth = truths[i][finding];
    if (truth === null) continue;
    const weight = weights ? weights[i] : 1;
    if (probabilities[i][finding] >= threshold) {
      if (truth === 1) hits += weight;
      else alarms += weight;
    } else if (truth === 1) misses += weight;
    else rejections += weight;
  }
  return {
    threshold,
    hits,
    misses,
    alarms,
    rejections,
    precision: ratio(hits, hits + alarms),
    recall: ratio(hits, hits + misses),
    specificity: ratio(rejections, rejections + alarms),
    f1: ratio(2 * hits, 2 * hits + misses + alarms),
  };
}

/**
 * All metrics at a probability of 0.5. Macro averages are plain means, as scikit-learn's, over the findings that occur or were called; balanced
 * accuracy over those that some images show and others do not; AUC and average precision over those of which they are defined.
 */
export function findingMetrics(scored: ScoredFindings, weights?: ArrayLike<number>): FindingMetrics {
  const counts = scored.ranked.map((_, k) => countFinding(scored, k, 0.5, weights));
  const sum = (pick: (one: FindingCounts) => number): number =>
    counts.reduce((total, one) => total + pick(one), 0);
  const hits = sum((one) => one.hits);
  const wrong = sum(({ misses, alarms }) => misses + alarms);
  const answers = hits + wrong + sum(({ rejections }) => rejections);
  const seen = counts.filter((one) => one.hits + one.misses + one.alarms > 0);
  const both = counts.filter((one) => one.hits + one.misses > 0 && one.alarms + one.rejections > 0);
  const macro = (pick: (one: FindingCounts) => number): number => mean(seen.map(pick)) ?? 0;
  return {
    accuracy: ratio(answers - wrong, answers),
    balancedAccuracy: mean(both.map(({ recall, specificity }) => (recall + specificity) / 2)),
    precision: macro(({ precision }) => precision),
    recall: macro(({ recall }) => recall),
    f1: macro(({ f1 }) => f1),
    auc: mean(scored.ranked.map((ranked) => ranked.auc(weights))),
    averagePrecision: mean(scored.ranked.map((ranked) => ranked.averagePrecision(weights))),
    microF1: ratio(2 * hits, 2 * hits + wrong),
    hammingLoss: ratio(wrong, answers),
    subsetAccuracy: subsetAccuracy(scored, weights),
  };
}

function subsetAccuracy({ truths, probabilities }: ScoredFindings, weights?: ArrayLike<number>): number {
  let right = 0;
  let images = 0;
  for (let i = 0; i < truths.length; i++) {
    const weight = weights ? weights[i] : 1;
    images += weight;
    const wholly = truths[i].every(
      (truth, k) => truth === null || probabilities[i][k] >= 0.5 === (truth === 1),
    );
    if (wholly) right += weight;
  }
  return ratio(right, images);
}

/**
 * For each finding the probability from which on recall and specificity add up to most (Youden 1950), the highest of several; null where none
 * does better than guessing.
 */
export function youdenThresholds(
  predictions: readonly ScoredPrediction[],
  findings: number,
): (number | null)[] {
  const scored = scoreFindings(predictions, findings);
  return scored.ranked.map((_, k) => {
    const known = scored.truths.flatMap((row, i) =>
      row[k] === null ? [] : [{ there: row[k] === 1, score: scored.probabilities[i][k] }],
    );
    const present = known.filter(({ there }) => there).length;
    const absent = known.length - present;
    if (present === 0 || absent === 0) return null;
    known.sort((a, b) => b.score - a.score);
    let best: number | null = null;
    let most = 0;
    let hits = 0;
    let alarms = 0;
    for (let at = 0; at < known.length;) {
      const { score } = known[at];
      for (; at < known.length && known[at].score === score; at++) {
        if (known[at].there) hits++;
        else alarms++;
      }
      const gain = hits / present - alarms / absent;
      if (gain > most + 1e-12) [most, best] = [gain, score];
    }
    return best;
  });
}
