import type { Sample } from '../contract/dataset.ts';
import type { TrainingConfig } from '../contract/training.ts';
import { RandomStream } from '../platform/random.ts';
import { sampleKey, type TrainingDataset } from './data.ts';

/**
 * The dataset with a share of its training patients, each with all images (`trainShare`): what a learning curve is made of. Of each class as
 * many of its patients as the share comes to, rounded, and one at least; a patient belongs to the class of the most images, of findings all patients
 * are one group. The seed draws the order, so that of one seed's shares the smaller is part of the larger.
 */
export function withTrainShare<Of extends TrainingDataset>(
  dataset: Of,
  { trainShare = 1, seed }: Pick<TrainingConfig, 'trainShare' | 'seed'>,
): Of {
  if (trainShare === 1) return dataset;
  const patients = Map.groupBy(dataset.train, ({ patientKey }) => patientKey);
  const strata = Map.groupBy(orderedByImages(patients), (key) =>
    dataset.multiLabel ? -1 : classOf(patients.get(key)!),
  );
  const kept = new Set(
    [...strata].flatMap(([stratum, keys]) =>
      new RandomStream(seed, 'train share', stratum)
        .shuffle(keys)
        .slice(0, Math.max(1, Math.round(trainShare * keys.length))),
    ),
  );
  return { ...dataset, train: dataset.train.filter(({ patientKey }) => kept.has(patientKey)) };
}

/** Patients by the first of their images by name, which is the same in every project; how patients are known is not. */
function orderedByImages(patients: ReadonlyMap<string, readonly Sample[]>): string[] {
  const first = new Map(
    [...patients].map(([key, images]) => [key, images.map(sampleKey).reduce((a, b) => (a < b ? a : b))]),
  );
  return [...patients.keys()].sort((a, b) => (first.get(a)! < first.get(b)! ? -1 : 1));
}

/** The class of most images; of equally many the first. */
function classOf(images: readonly Sample[]): number {
  const counts = new Map<number, number>();
  for (const { label } of images) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].reduce((best, one) =>
    one[1] > best[1] || (one[1] === best[1] && one[0] < best[0]) ? one : best,
  )[0];
}
