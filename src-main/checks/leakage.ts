import type { LeakageReport, LeakageRow } from '../contract/checks.ts';
import { GraftError } from '../contract/errors.ts';
import { principalComponents } from './components.ts';
import type { Features } from './frozen-features.ts';
import { byPatients, FOLDS, foldsOfRows, outOfFold, type Question } from './probe.ts';

export interface LeakageQuestion {
  /** Of the network that training started from: it has seen no label. */
  features: Features;
  patients: readonly string[];
  /** −1 for images that do not count. */
  labels: readonly number[];
  classes: number;
  seed: number;
  /** Whose features they are, in words. */
  model: string;
  finding: string | null;
}

const COMPONENTS = 64;

/**
 * How much better a model looks when images of a patient are on both sides of the split: the same judges on the same features, five folds dealt once by image and
 * once by patient.
 *
 * @throws GraftError `images-of-one` where each patient has one image, so that both splits are the same
 */
export function measureLeakage({ features, model, finding, ...question }: LeakageQuestion): LeakageReport {
  const { labels, patients, seed } = question;
  const rows = [...labels.keys()].filter((row) => labels[row] >= 0);
  const count = new Set(rows.map((row) => patients[row])).size;
  if (count === rows.length) {
    throw new GraftError(
      'images-of-one',
      `Expected patients with several images to measure what splitting by image would hide, found one image for each of ${count} patients: both splits are the same, and nothing leaks.`,
    );
  }
  const asked: Question = { ...question, components: principalComponents(features, COMPONENTS, seed) };
  const [byImage, byPatient] = (['image', 'patient'] as const).map((by) => foldsOfRows(question, by));
  const found = [
    row('probe', asked, outOfFold(asked, byImage), outOfFold(asked, byPatient)),
    row('neighbour', asked, nearest(features, question, byImage), nearest(features, question, byPatient)),
  ];
  const inflated = found.some(({ inflation }) => (inflation.low ?? 0) > 0);
  const report = {
    rows: found,
    images: rows.length,
    patients: count,
    folds: FOLDS,
    model,
    finding,
    inflated,
  };
  return { ...report, sentence: sentenceOf(report) };
}

function row(
  judge: LeakageRow['judge'],
  { labels, patients, seed }: Question,
  byImage: readonly number[],
  byPatient: readonly number[],
): LeakageRow {
  const share = (value: (row: number) => number) => (weightOf: (row: number) => number) => {
    let [sum, all] = [0, 0];
    labels.forEach((label, at) => {
      if (label < 0) return;
      sum += weightOf(at) * value(at);
      all += weightOf(at);
    });
    return sum / all;
  };
  const estimated = (value: (row: number) => number): LeakageRow['inflation'] =>
    byPatients(
      share(value)(() => 1),
      labels,
      patients,
      seed,
      share(value),
    );
  const hit = (said: readonly number[]) => (at: number) => Number(said[at] === labels[at]);
  return {
    judge,
    byImage: estimated(hit(byImage)),
    byPatient: estimated(hit(byPatient)),
    inflation: estimated((at) => hit(byImage)(at) - hit(byPatient)(at)),
  };
}

/** The class of the image in the other folds whose features point most nearly the same way. */
function nearest(
  { values, size }: Features,
  { labels }: Pick<Question, 'labels'>,
  folds: ReadonlyMap<number, number>,
): number[] {
  const unit = Float64Array.from(values);
  for (let start = 0; start < unit.length; start += size) {
    let squares = 0;
    for (let f = 0; f < size; f++) squares += unit[start + f] ** 2;
    for (let f = 0; f < size; f++) unit[start + f] /= squares > 0 ? Math.sqrt(squares) : 1;
  }
  return labels.map((_, at) => {
    const own = folds.get(at);
    if (own === undefined) return -1;
    let best = -1;
    let most = -Infinity;
    for (const [other, fold] of folds) {
      if (fold === own) continue;
      let cosine = 0;
      for (let f = 0; f < size; f++) cosine += unit[at * size + f] * unit[other * size + f];
      if (cosine > most) [best, most] = [labels[other], cosine];
    }
    return best;
  });
}

const points = (value: number): string => `${(100 * value).toFixed(1)} points`;

function sentenceOf({ rows, inflated, images, patients }: Omit<LeakageReport, 'sentence'>): string {
  const sure = rows.filter(({ inflation }) => (inflation.low ?? 0) > 0);
  const largest = (inflated ? sure : rows).reduce((a, b) =>
    b.inflation.value! > a.inflation.value! ? b : a,
  );
  const { value, low, high } = largest.inflation;
  const judge = largest.judge === 'probe' ? 'a linear probe' : 'the nearest neighbour';
  const interval = low === null || high === null ? '' : ` (95 % ${points(low)} to ${points(high)})`;
  return inflated
    ? `Split by image instead of by patient, ${judge} would look ${points(value!)} more accurate${interval} on the same ${images} images of ${patients} patients: that much of such a figure is recognising the patient. Graft splits by patient.`
    : `Split by image, ${judge} would look ${points(value!)} more accurate${interval}: in these ${images} images of ${patients} patients the way of splitting makes no difference that could be told from chance.`;
}
