import type { AggregationRule, Unit } from '../../contract/analysis-settings.ts';
import type { Finding } from '../../contract/dataset.ts';
import type { ScoredPrediction } from '../../contract/evaluation.ts';
import { aggregate } from '../aggregation/index.ts';
import { indexPatients, type PatientIndex } from '../resampling/index.ts';

/** Images, series or patients that are judged: what all of an analysis is computed from. */
export interface Cases {
  predictions: ScoredPrediction[];
  /** Images of each case. */
  members: number[][];
  patients: PatientIndex;
  /** Series or patients that are left out, since their images have different labels. */
  mixed: number;
}

/** What a series or patient is known by; images without a series stand for themselves. */
function keysOf(
  predictions: readonly ScoredPrediction[],
  unit: Unit,
  series: readonly (string | null)[],
): string[] {
  return predictions.map(({ patientKey }, i) => {
    if (unit === 'patient') return patientKey;
    return unit === 'series' && series[i] !== null ? `${patientKey} ${series[i]}` : `image ${i}`;
  });
}

/**
 * Cases of a unit. A case has the label that all its images have; of findings it has what any image shows, and lacks what is known of none.
 *
 * @param series of each image; null where it is not known
 */
export function casesOf(
  predictions: readonly ScoredPrediction[],
  unit: Unit,
  rule: AggregationRule,
  series: readonly (string | null)[],
): Cases {
  if (unit === 'image') {
    return {
      predictions: [...predictions],
      members: predictions.map((_, i) => [i]),
      patients: indexPatients(predictions.map(({ patientKey }) => patientKey)),
      mixed: 0,
    };
  }
  const keys = keysOf(predictions, unit, series);
  const exclusive = predictions[0]?.findings === undefined;
  const { keys: names, probabilities } = aggregate(
    predictions.map((one) => one.probabilities),
    keys,
    rule,
    exclusive,
  );
  const members = new Map(names.map((name) => [name, [] as number[]]));
  keys.forEach((key, i) => members.get(key)!.push(i));
  const all = names.map((name, at) => {
    const images = members.get(name)!;
    const [first] = images.map((i) => predictions[i]);
    const uniform = images.every((i) => predictions[i].label === first.label);
    const prediction: ScoredPrediction = {
      patientKey: first.patientKey,
      label: first.label,
      ...(exclusive ? {} : { findings: findingsOf(images.map((i) => predictions[i].findings!)) }),
      probabilities: probabilities[at],
    };
    return { prediction, images, uniform };
  });
  const kept = all.filter(({ uniform }) => uniform);
  return {
    predictions: kept.map(({ prediction }) => prediction),
    members: kept.map(({ images }) => images),
    patients: indexPatients(kept.map(({ prediction }) => prediction.patientKey)),
    mixed: all.length - kept.length,
  };
}

const findingsOf = (images: readonly (readonly Finding[])[]): Finding[] =>
  images[0].map((_, k) => {
    const known = images.flatMap((findings) => findings[k] ?? []);
    return known.length === 0 ? null : known.includes(1) ? 1 : 0;
  });

/** One class against the rest, or one finding against its absence, over the cases of which it is known. */
export interface Target {
  name: string;
  positive: boolean[];
  /** Probability that it is there. */
  scores: number[];
  patientOf: Int32Array;
  /** Places among the cases. */
  places: number[];
}

export function targetsOf({ predictions, patients }: Cases, classes: readonly string[]): Target[] {
  return classes.map((name, k) => {
    const places = predictions.flatMap(({ findings }, i) => (findings?.[k] === null ? [] : i));
    return {
      name,
      positive: places.map((i) => {
        const { findings, label } = predictions[i];
        return findings ? findings[k] === 1 : label === k;
      }),
      scores: places.map((i) => predictions[i].probabilities[k]),
      patientOf: Int32Array.from(places, (i) => patients.of[i]),
      places,
    };
  });
}

/** Whether each patient is one case: shares are then plain binomials. */
export const onePerPatient = ({ predictions, patients }: Cases): boolean =>
  predictions.length === patients.count;

/** How many different patients stand behind the cases of one side. */
export const patientsOfSide = ({ positive, patientOf }: Target, side: boolean): number =>
  new Set(positive.flatMap((is, i) => (is === side ? patientOf[i] : []))).size;
