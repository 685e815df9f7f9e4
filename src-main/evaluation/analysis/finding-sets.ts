import type { FindingSets, FittedModel } from '../../contract/analysis.ts';
import type { Estimate } from '../../contract/evaluation.ts';
import { RandomStream } from '../../platform/random.ts';
import { evaluateSets, fitConformal, leastAmbiguous } from '../conformal/index.ts';
import { estimate, FEWEST_PATIENTS } from '../intervals.ts';
import { resampleModel } from '../resample-model.ts';
import { PatientSums, type WeightedStatistic } from '../resampling/index.ts';
import { type Cases, onePerPatient, patientsOfSide, type Target } from './cases.ts';
import { wilsonEstimate } from './shares.ts';

/** Probabilities that the finding is not there, and that it is. */
const answersOf = (scores: readonly number[]): [number, number][] => scores.map((p) => [1 - p, p]);

/**
 * Calibrates what cannot be left out about each finding: that it is not there, that it is, or either. Each finding by itself (binary relevance;
 * Lambrou and Papadopoulos 2016), its presence and its absence apart (label-conditional; Vovk 2012): else a rare finding could be missed in every
 * patient who has it, and most answers would be right. On one image of each patient, as for classes.
 */
export const fitFindingSets = (
  targets: readonly Target[],
  miss: number,
  seed: number,
): NonNullable<FittedModel['findingSets']> =>
  targets.map((target, k) => {
    const chosen = oneOfEachPatient(target, new RandomStream(seed, 'conformal', k));
    const present = chosen.map((i) => target.positive[i]);
    const { thresholds } = fitConformal(
      present.map(Number),
      answersOf(chosen.map((i) => target.scores[i])),
      2,
      { miss, byClass: true },
    );
    const [absence, presence] = thresholds.map((value) => (Number.isFinite(value) ? value : null));
    const there = present.filter(Boolean).length;
    return {
      thresholds: { present: presence, absent: absence },
      calibratedOn: { present: there, absent: present.length - there },
    };
  });

function oneOfEachPatient({ patientOf }: Target, random: RandomStream): number[] {
  const images = Map.groupBy(
    Array.from(patientOf, (_, i) => i),
    (i) => patientOf[i],
  );
  return [...images.values()].map((of) => random.pick(of));
}

/** What such sets say here, and how often they hold the truth. */
export function findingSets(
  targets: readonly Target[],
  cases: Cases,
  fitted: NonNullable<FittedModel['findingSets']>,
  miss: number,
  options: { replicates: number; seed: number },
): FindingSets[] {
  const sets = targets.map(({ scores }, k) =>
    answersOf(scores).map((row) =>
      [fitted[k].thresholds.absent, fitted[k].thresholds.present].flatMap((limit, answer) =>
        // Sums in another order may miss a threshold by rounding.
        limit === null || leastAmbiguous(row, answer, 1) <= limit + 1e-12 ? [answer] : [],
      ),
    ),
  );
  const statistic = coverage(targets, sets);
  const resampled = resampleModel(
    { statistic, layout: { present: 0 } },
    { count: cases.patients.count },
    options,
  );
  const single = onePerPatient(cases);
  return targets.map((target, k): FindingSets => {
    const quality = evaluateSets(sets[k], target.positive.map(Number), 2);
    const having = (answers: string): number =>
      sets[k].filter((set) => set.join() === answers).length / Math.max(1, sets[k].length);
    const of = (place: number, sides: readonly boolean[]): Estimate => {
      const mine = target.positive.flatMap((is, i) => (sides.includes(is) ? i : []));
      const held = mine.filter((i) => sets[k][i].includes(Number(target.positive[i]))).length;
      if (single) return wilsonEstimate(held, mine.length);
      const patients = sides.map((side) => patientsOfSide(target, side));
      const { point, ...samples } = resampled.of(3 * k + place);
      return estimate(point, samples, Math.max(...patients) >= FEWEST_PATIENTS);
    };
    return {
      finding: target.name,
      miss,
      ...fitted[k],
      cases: sets[k].length,
      coverage: of(0, [true, false]),
      coverageOfPresent: of(1, [true]),
      coverageOfAbsent: of(2, [false]),
      present: having('1'),
      absent: having('0'),
      either: having('0,1'),
      neither: quality?.empty ?? 0,
    };
  });
}

/** Of each finding how many sets hold the truth, of all and where it is and is not there. */
function coverage(targets: readonly Target[], sets: readonly number[][][]): WeightedStatistic {
  // 0 absent and missed, 1 absent and held, 2 present and missed, 3 present and held.
  const cells = targets.map(
    ({ positive, patientOf }, k) =>
      new PatientSums(
        positive.map((is, i) => 2 * Number(is) + Number(sets[k][i].includes(Number(is)))),
        patientOf,
        4,
      ),
  );
  const values = new Float64Array(3 * targets.length);
  return (counts) => {
    cells.forEach((one, k) => {
      const [missedAbsent, heldAbsent, missedPresent, heldPresent] = one.of(counts);
      const [held, missed] = [heldAbsent + heldPresent, missedAbsent + missedPresent];
      values[3 * k] = held / (held + missed);
      values[3 * k + 1] = heldPresent / (heldPresent + missedPresent);
      values[3 * k + 2] = heldAbsent / (heldAbsent + missedAbsent);
    });
    return values;
  };
}
