import type { Finding } from '../contract/dataset.ts';
import type { FindingCounts, ScoredPrediction } from '../contract/evaluation.ts';
import { type RankedScores, rankFindings } from './roc.ts';

/** A model's answers about findings, each finding's scores sorted. */
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

/** Answers about one finding from a probability on. */
export function countFinding(
  { truths, probabilities }: ScoredFindings,
  finding: number,
  threshold: number,
): FindingCounts {
  let hits = 0;
  let misses = 0;
  let alarms = 0;
  let rejections = 0;
  for (let i = 0; i < truths.length; i++) {
    const truth = truths[i][finding];
    if (truth === null) continue;
    if (probabilities[i][finding] >= threshold) {
      if (truth === 1) hits++;
      else alarms++;
    } else if (truth === 1) misses++;
    else rejections++;
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
