import type { Finding } from '../../contract/dataset.ts';
import type { JudgedAccuracy } from '../../contract/ranking.ts';
import { RandomStream } from '../../platform/random.ts';
import { type FindingFeatures, fitFindings } from '../finding-regression.ts';
import { positiveWeights } from '../objective.ts';
import { FOLDS, foldsOf, nearestOthers, REPLICATES, STRENGTH } from './accuracies.ts';

/** Features of images, which findings they show, and whose they are. */
export interface PatientFindings extends FindingFeatures {
  /** One for each image; images of one patient never judge one another. */
  patients: readonly string[];
}

/** A number for each finding of each image, `[image][finding]`: the larger, the likelier it is there. */
export type FindingScores = readonly (readonly number[])[];

const NEIGHBOURS = 10;

/** The share of the ten nearest images of other patients that show a finding, among those of which it is known; of equal shares that with nearer ones is more. */
export function neighbourScores(data: PatientFindings, classes: number): FindingScores {
  const nearest = nearestOthers(data);
  return data.findings.map((_, row) => {
    const order = nearest(row);
    return Array.from({ length: classes }, (__, c) => {
      const asked = order.filter((other) => (data.findings[other][c] ?? null) !== null).slice(0, NEIGHBOURS);
      const votes = asked.reduce(
        (sum, other, rank) => sum + data.findings[other][c]! * (1 + (NEIGHBOURS - rank) * 1e-4),
        0,
      );
      return asked.length === 0 ? 0 : votes / asked.length;
    });
  });
}

/**
 * What linear classifiers that were fitted on the other patients say, one for each finding: five folds of patients, what is rare weighted up.
 *
 * @param seed deals the patients
 */
export function probeScores(data: PatientFindings, classes: number, seed: number): FindingScores {
  const { features, size, findings, patients } = data;
  const folds = foldsOf(patients, rarest(findings, classes), seed);
  const scores = findings.map(() => new Array<number>(classes).fill(0));
  for (let fold = 0; fold < FOLDS; fold++) {
    const outside = findings.flatMap((_, row) => (folds[row] === fold ? [] : [row]));
    if (outside.length === 0) continue;
    const truths = outside.map((row) => findings[row]);
    const rows = new Float32Array(outside.length * size);
    outside.forEach((row, at) => rows.set(features.subarray(row * size, (row + 1) * size), at * size));
    const { kernel, bias } = fitFindings(
      { features: rows, size, findings: truths },
      classes,
      STRENGTH,
      positiveWeights(truths, classes),
    );
    findings.forEach((_, row) => {
      if (folds[row] !== fold) return;
      for (let c = 0; c < classes; c++) {
        let logit = bias[c];
        for (let i = 0; i < size; i++) logit += features[row * size + i] * kernel[i * classes + c];
        // Folds have classifiers of their own: probabilities can be compared, logits less so.
        scores[row][c] = 1 / (1 + Math.exp(-logit));
      }
    });
  }
  return scores;
}

/** Of what an image shows the rarest, by which patients are dealt; images that show nothing are one more group. */
function rarest(findings: PatientFindings['findings'], classes: number): number[] {
  const counts = Array.from({ length: classes }, (_, c) => findings.filter((of) => of[c] === 1).length);
  return findings.map((of) => {
    const shown = of.flatMap((finding, c) => (finding === 1 ? [c] : []));
    return shown.sort((a, b) => counts[a] - counts[b] || a - b)[0] ?? classes;
  });
}

/**
 * Area under the ROC curve, mean over the findings of which both answers are known, with its interval: the 2.5th and 97.5th percentile
 * over draws of patients with replacement, in which a finding that is left with one answer is left out.
 *
 * @returns null where no finding has both answers
 */
export function judgedAreas(
  scores: FindingScores,
  { findings, patients }: Pick<PatientFindings, 'findings' | 'patients'>,
  classes: number,
  seed: number,
): JudgedAccuracy | null {
  const names = [...new Set(patients)];
  const places = new Map(names.map((name, at) => [name, at]));
  const owners = patients.map((name) => places.get(name)!);
  const curves = Array.from({ length: classes }, (_, c) => curveOf(scores, findings, owners, c));
  const macro = (times: Uint16Array): number | null => {
    const areas = curves.flatMap((curve) => areaOf(curve, times) ?? []);
    return areas.length === 0 ? null : areas.reduce((sum, area) => sum + area, 0) / areas.length;
  };
  const value = macro(new Uint16Array(names.length).fill(1));
  if (value === null) return null;
  const stream = new RandomStream(seed, 'draws');
  const draws = Array.from({ length: REPLICATES }, () => {
    const times = new Uint16Array(names.length);
    for (let at = 0; at < names.length; at++) times[stream.integer(names.length)]++;
    return macro(times) ?? value;
  }).sort((a, b) => a - b);
  return {
    value,
    low: draws[Math.floor(0.025 * REPLICATES)],
    high: draws[Math.ceil(0.975 * REPLICATES) - 1],
  };
}

/** Images of which a finding is known, by rising score. */
type Curve = readonly { score: number; there: boolean; owner: number }[];

const curveOf = (
  scores: FindingScores,
  findings: readonly (readonly Finding[])[],
  owners: readonly number[],
  c: number,
): Curve =>
  findings
    .flatMap((of, row) =>
      (of[c] ?? null) === null ? [] : [{ score: scores[row][c], there: of[c] === 1, owner: owners[row] }],
    )
    .sort((a, b) => a.score - b.score);

/** The chance that one that is there scores higher than one that is not, ties counting one half, each image counting as often as its patient was drawn. */
function areaOf(curve: Curve, times: Uint16Array): number | null {
  let [below, present, pairs] = [0, 0, 0];
  for (let at = 0; at < curve.length;) {
    let [there, absent] = [0, 0];
    const { score } = curve[at];
    for (; at < curve.length && curve[at].score === score; at++) {
      const count = times[curve[at].owner];
      if (curve[at].there) there += count;
      else absent += count;
    }
    pairs += there * (below + absent / 2);
    below += absent;
    present += there;
  }
  return present === 0 || below === 0 ? null : pairs / (present * below);
}
