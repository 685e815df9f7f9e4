import type { HeapEvidence } from '../../contract/adaptation-judgement.ts';
import { RandomStream } from '../../platform/random.ts';
import type { ShiftedPrevalence } from '../label-shift/index.ts';
import { answerCount, type Answers, likeliest } from '../validators/index.ts';

const REPLICATES = 1000;
/** Below this, heaps overlap so much that they say little. */
const CERTAIN = 0.8;
/** Above this, the look has changed so much that heaps may be other than they seem. */
const EXPLAINED = 1.3;

/** Whether anything is to be concluded from heaps. */
export const canBeTrusted = ({
  certainty,
  unexplained,
}: Pick<HeapEvidence, 'certainty' | 'unexplained'>): boolean =>
  certainty >= CERTAIN && unexplained !== null && unexplained <= EXPLAINED;

/** How likely each answer is right, if images belong to their heaps. */
export function answerChances(answers: Answers, memberships: ArrayLike<number>): Float64Array {
  return Float64Array.from(likeliest(answers), (c, at) => memberships[at * answers.classes + c]);
}

/** Accuracy of both models by the heaps, and the interval of their difference by drawing patients anew. */
export function heapEvidence(
  heaps: ShiftedPrevalence,
  before: Answers,
  after: Answers,
  patients: readonly string[],
  unexplained: number | null,
  seed: number,
): HeapEvidence {
  const [first, second] = [before, after].map((one) => answerChances(one, heaps.memberships));
  const mean = (values: Float64Array): number => values.reduce((sum, v) => sum + v, 0) / values.length;
  const difference = first.map((value, at) => second[at] - value);
  const [low, high] = intervalOverPatients(difference, patients, seed, 0.9);
  return {
    patients: new Set(patients).size,
    before: mean(first),
    after: mean(second),
    difference: mean(difference),
    low,
    high,
    certainty: certaintyOf(heaps, before),
    unexplained,
  };
}

function certaintyOf({ memberships }: ShiftedPrevalence, answers: Answers): number {
  let sum = 0;
  for (let row = 0; row < answerCount(answers); row++)
    sum += Math.max(...memberships.subarray(row * answers.classes, (row + 1) * answers.classes));
  return sum / answerCount(answers);
}

/** Percentiles of the mean over replicates in which patients are drawn with replacement. */
export function intervalOverPatients(
  values: ArrayLike<number>,
  patients: readonly string[],
  seed: number,
  level: number,
): [number, number] {
  const groups = [...Map.groupBy(patients.keys(), (at) => patients[at]).values()].map((places) => ({
    count: places.length,
    sum: places.reduce((sum, at) => sum + values[at], 0),
  }));
  const random = new RandomStream(seed, 'adaptation', 'alarm');
  const means = Float64Array.from({ length: REPLICATES }, () => {
    let [count, sum] = [0, 0];
    for (let draw = 0; draw < groups.length; draw++) {
      const group = groups[random.integer(groups.length)];
      count += group.count;
      sum += group.sum;
    }
    return sum / count;
  }).sort();
  const at = (share: number): number => means[Math.min(REPLICATES - 1, Math.floor(share * REPLICATES))];
  return [at((1 - level) / 2), at((1 + level) / 2)];
}
