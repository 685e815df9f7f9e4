import type { ProbeOutcome } from '../contract/checks.ts';
import type { Estimate } from '../contract/evaluation.ts';
import { dealFolds } from '../cohort/index.ts';
import { bootstrapPatients, indexPatients, percentileInterval } from '../evaluation/resampling/index.ts';
import { RandomStream } from '../platform/random.ts';
import { discriminate } from './discriminant.ts';
import type { Features } from './frozen-features.ts';

export const FOLDS = 5;
/** Of one probe; see `exchangesFor`. */
const EXCHANGES = 499;
/** So many exchanges for each probe of a family: the smallest p that can come out is then, adjusted for all of them, half of 0.05. */
const EXCHANGES_FOR_EACH = 40;
/** As soon as so many exchanges did as well the p-value is known well enough (Besag and Clifford 1991). */
const ENOUGH = 20;
const REPLICATES = 1000;
/** Below this an interval by drawing patients says more than is known. */
const FEWEST_PATIENTS = 5;

/** What a probe is asked about: rows with a label, the others −1. */
export interface Question {
  components: Features;
  labels: readonly number[];
  classes: number;
  patients: readonly string[];
  seed: number;
}

/** The fold of each row that counts: of whole patients or of rows by themselves, every class shared out alike. */
export function foldsOfRows(
  { labels, classes, patients, seed }: Omit<Question, 'components'>,
  by: 'patient' | 'image',
): Map<number, number> {
  const rows = [...labels.keys()].filter((row) => labels[row] >= 0);
  const groups = Map.groupBy(rows, (row) => (by === 'patient' ? patients[row] : `${patients[row]}/${row}`));
  const dealt = dealFolds(
    [...groups].map(([key, of]) => ({
      key,
      counts: Array.from({ length: classes }, (_, c) => of.filter((row) => labels[row] === c).length),
    })),
    FOLDS,
    seed,
  );
  return new Map([...groups.values()].flatMap((of, at) => of.map((row) => [row, dealt[at]])));
}

/** What a discriminant says of each row that it has not learned from; −1 for rows that do not count. */
export function outOfFold(
  { components, labels, classes }: Question,
  folds: ReadonlyMap<number, number>,
): number[] {
  const said = labels.map(() => -1);
  for (let fold = 0; fold < FOLDS; fold++) {
    const judge = [...folds.keys()].filter((row) => folds.get(row) === fold);
    const learn = [...folds.keys()].filter((row) => folds.get(row) !== fold);
    if (judge.length === 0 || learn.length === 0) continue;
    discriminate(components, labels, classes, learn, judge).forEach((label, at) => (said[judge[at]] = label));
  }
  return said;
}

/** Mean over classes of the share of their images that were called rightly; each row as often as its weight says. */
export function balancedAccuracy(
  labels: readonly number[],
  said: readonly number[],
  classes: number,
  weightOf: (row: number) => number = () => 1,
): number {
  const right = new Float64Array(classes);
  const all = new Float64Array(classes);
  labels.forEach((label, row) => {
    if (label < 0) return;
    all[label] += weightOf(row);
    if (said[row] === label) right[label] += weightOf(row);
  });
  const recalls = [...right].flatMap((hits, c) => (all[c] > 0 ? [hits / all[c]] : []));
  return recalls.reduce((sum, one) => sum + one, 0) / recalls.length;
}

/** How often labels are exchanged at the most, where p-values of so many probes are adjusted together: with too few none of them could ever be small. */
export const exchangesFor = (probes: number): number => Math.max(EXCHANGES, EXCHANGES_FOR_EACH * probes - 1);

/**
 * How well a label can be told from features: Fisher's discriminant, five folds of whole patients. The p-value comes from exchanging the labels between
 * patients, all of a patient's together, and doing all of it again (Ojala and Garriga 2010): had features and labels nothing to do with each other, one
 * dealing were as good as another.
 *
 * @param most exchanges at the most
 */
export function probe(question: Question, most = EXCHANGES): ProbeOutcome {
  const { labels, classes, patients, seed } = question;
  const folds = foldsOfRows(question, 'patient');
  const said = outOfFold(question, folds);
  const value = balancedAccuracy(labels, said, classes);
  const random = new RandomStream(seed, 'exchange');
  let asGood = 0;
  let exchanges = 0;
  while (exchanges < most && asGood < ENOUGH) {
    const other = { ...question, labels: exchanged(labels, patients, random) };
    const again = balancedAccuracy(other.labels, outOfFold(other, foldsOfRows(other, 'patient')), classes);
    if (again >= value - 1e-12) asGood++;
    exchanges++;
  }
  const rows = [...folds.keys()];
  return {
    balancedAccuracy: byPatients(value, labels, patients, seed, (weightOf) =>
      balancedAccuracy(labels, said, classes, weightOf),
    ),
    chance: 1 / classes,
    pValue: asGood >= ENOUGH ? asGood / exchanges : (asGood + 1) / (exchanges + 1),
    images: rows.length,
    patients: new Set(rows.map((row) => patients[row])).size,
  };
}

/** A value with its 95 % interval by drawing patients. */
export function byPatients(
  value: number,
  labels: readonly number[],
  patients: readonly string[],
  seed: number,
  statistic: (weightOf: (row: number) => number) => number,
): Estimate {
  const counting = [...labels.keys()].filter((row) => labels[row] >= 0);
  const index = indexPatients(counting.map((row) => patients[row]));
  const place = new Map(counting.map((row, at) => [row, index.of[at]]));
  if (index.count < FEWEST_PATIENTS) return { value, low: null, high: null, withheld: 'too-few-patients' };
  const { replicates } = bootstrapPatients(
    (counts) => [statistic((row) => counts[place.get(row)!] ?? 0)],
    index.count,
    {
      replicates: REPLICATES,
      seed,
    },
  );
  const interval = percentileInterval(replicates[0]);
  return interval ? { value, ...interval } : { value, low: null, high: null, withheld: 'no-variation' };
}

/** Each patient gets the labels of another, from the beginning again where they have more images. */
function exchanged(labels: readonly number[], patients: readonly string[], random: RandomStream): number[] {
  const rows = Map.groupBy(
    [...labels.keys()].filter((row) => labels[row] >= 0),
    (row) => patients[row],
  );
  const givers = random.shuffle([...rows.values()]);
  const result = labels.map(() => -1);
  [...rows.values()].forEach((own, at) => {
    const from = givers[at];
    own.forEach((row, i) => (result[row] = labels[from[i % from.length]]));
  });
  return result;
}
