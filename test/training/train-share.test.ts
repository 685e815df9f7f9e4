import { describe, expect, it } from 'vitest';
import type { Sample } from '../../src-main/contract/dataset.ts';
import { type TrainingDataset, withTrainShare } from '../../src-main/training/index.ts';

/** Three images of each of forty patients, one in four of the second class. */
const train = Array.from({ length: 120 }, (_, i) => {
  const patient = Math.floor(i / 3);
  return {
    patientKey: `p${patient}`,
    label: Number(patient % 4 === 0),
    instanceId: i,
    sopInstanceUID: `1.2.${i}`,
    frameIndex: 0,
  } as Sample;
});
const dataset: TrainingDataset = { classes: ['no', 'yes'], train, validation: train.slice(0, 3), pool: [] };
const share = (trainShare: number, seed = 7, multiLabel = false) =>
  withTrainShare({ ...dataset, multiLabel }, { trainShare, seed });
const patientsOf = ({ train: images }: TrainingDataset): Set<string> =>
  new Set(images.map(({ patientKey }) => patientKey));

describe('a share of the training patients', () => {
  it('has whole patients, its share of each class, and the validation images as they are', () => {
    const half = share(0.5);
    expect(patientsOf(half).size).toBe(20);
    expect(half.train).toHaveLength(60);
    expect(half.train.filter(({ label }) => label === 1)).toHaveLength(15);
    expect(half.validation).toBe(dataset.validation);
    expect(patientsOf(share(0.5, 7, true)).size).toBe(20);
  });

  it('is part of each larger one of its seed, and another one of another seed', () => {
    const [small, large, other] = [share(0.2), share(0.7), share(0.2, 8)].map(patientsOf);
    expect([...small].every((key) => large.has(key))).toBe(true);
    expect(other).not.toEqual(small);
    expect(patientsOf(share(0.2))).toEqual(small);
  });

  it('is of the same patients where they are known by other keys', () => {
    const renamed = train.map((one) => ({ ...one, patientKey: `x${97 - Number(one.patientKey.slice(1))}` }));
    const images = (of: TrainingDataset) => of.train.map(({ instanceId }) => instanceId);
    expect(images(withTrainShare({ ...dataset, train: renamed }, { trainShare: 0.3, seed: 7 }))).toEqual(
      images(share(0.3)),
    );
  });

  it('has one patient of each class at least, and is everything where it is 1', () => {
    expect(
      share(0.01)
        .train.map(({ label }) => label)
        .sort(),
    ).toEqual([0, 0, 0, 1, 1, 1]);
    expect(share(1).train).toBe(train);
  });
});
