import type { PrevalenceEstimates } from '../../contract/adaptation-judgement.ts';
import {
  blackBoxPrevalence,
  maximisedPrevalence,
  prevalenceDistance,
  type ShiftedPrevalence,
} from '../label-shift/index.ts';
import { type Answers, likeliest } from '../validators/index.ts';
import { intervalOverPatients } from './heap-evidence.ts';

/** As many patients would have to change class before a difference of prevalence is called one. */
const MOVED = 0.1;
/** A class that is rarer than this in the target is missing there. */
const MISSING = 0.03;

/**
 * All estimates from the unadapted model's answers.
 *
 * @param heaps null where they cannot be trusted
 */
export function estimatePrevalence(
  prior: readonly number[],
  source: Answers,
  labels: readonly number[],
  target: Answers,
  patients: readonly string[],
  heaps: ShiftedPrevalence | null,
  seed: number,
): PrevalenceEstimates {
  const { classes } = target;
  const blackBox = blackBoxPrevalence(likeliest(source), labels, likeliest(target), classes);
  const maximised = prior.every((share) => share > 0) ? maximisedPrevalence(target, prior).prevalence : null;
  return {
    source: [...prior],
    blackBox: blackBox && [...blackBox],
    maximised: maximised && [...maximised],
    shifted: heaps && withIntervals(heaps, classes, patients, seed),
  };
}

function withIntervals(
  { prevalence, memberships }: ShiftedPrevalence,
  classes: number,
  patients: readonly string[],
  seed: number,
): PrevalenceEstimates['shifted'] {
  const intervals = Array.from({ length: classes }, (_, c) =>
    intervalOverPatients(
      patients.map((_patient, at) => memberships[at * classes + c]),
      patients,
      seed,
      0.95,
    ),
  );
  return {
    estimate: [...prevalence],
    low: intervals.map(([low]) => low),
    high: intervals.map(([, high]) => high),
  };
}

/** Prevalence as a cause, in words; none where it is not sure to differ by a tenth of the patients. */
export function prevalenceCauses(
  { source, shifted }: PrevalenceEstimates,
  classes: readonly string[],
): string[] {
  if (!shifted) return [];
  const { estimate, low, high } = shifted;
  const missing = classes.filter((_, c) => estimate[c] < MISSING && high[c] < source[c] && source[c] > 0.05);
  const surely = source.some((share, c) => share < low[c] || share > high[c]);
  if (!surely || prevalenceDistance(source, estimate) < MOVED) return [];
  const causes = missing.map(
    (name) =>
      `The target seems to have no “${name}” at all, and methods that make both domains alike put other images there.`,
  );
  const percent = (share: number): string => `${Math.round(100 * share)} %`;
  const rows = classes
    .map((name, c) => ({ name, from: source[c], to: estimate[c] }))
    .sort((a, b) => Math.abs(b.to - b.from) - Math.abs(a.to - a.from))
    .slice(0, 2)
    .map(
      ({ name, from, to }) =>
        `“${name}” ${percent(from)} of the training images and about ${percent(to)} of the target`,
    );
  return [...causes, `Classes differ in frequency (label shift): ${rows.join(', ')}.`];
}
