import { describe, expect, it } from 'vitest';
import { dealOuterFolds, type OuterFold } from '../../src-main/cohort/index.ts';
import type { Dataset, Sample } from '../../src-main/contract/dataset.ts';
import { RandomStream } from '../../src-main/platform/random.ts';

const classes = ['a', 'b', 'c'];

/** Patients with one to four images of one class each; the last fifteen are kept for the test. */
function drawn(): Pick<Dataset, 'train' | 'validation' | 'test' | 'excluded' | 'classes'> {
  const stream = new RandomStream(11, 'outer folds test');
  const own: Record<'train' | 'validation' | 'test', Sample[]> = { train: [], validation: [], test: [] };
  let id = 0;
  for (let patient = 0; patient < 90; patient++) {
    const role = patient < 60 ? 'train' : patient < 75 ? 'validation' : 'test';
    const label = patient % 3;
    for (let image = 0; image <= stream.integer(4); image++, id++)
      own[role].push({ cacheIndex: id, instanceId: id, frameIndex: 0, patientKey: `p${patient}`, label });
  }
  return { ...own, excluded: [], classes };
}

const unlike = ({ instanceId }: Sample): string => `pixels of ${instanceId}`;
const options = { folds: 5, seed: 7, validation: 0.2, withTest: false, without: new Set<string>() };
const patients = (samples: readonly Sample[]): Set<string> => new Set(samples.map((one) => one.patientKey));
const ids = (samples: readonly Sample[]): number[] =>
  samples.map((one) => one.instanceId).sort((a, b) => a - b);
const all = ({ train, validation, test }: OuterFold): Sample[] => [...train, ...validation, ...test];

describe('outer folds', () => {
  const dataset = drawn();
  const { folds } = dealOuterFolds(dataset, unlike, options);

  it('judge every image of the patients that are dealt exactly once', () => {
    expect(ids(folds.flatMap(({ test }) => test))).toEqual(ids([...dataset.train, ...dataset.validation]));
  });

  it('never have a patient on two sides', () => {
    for (const { train, validation, test } of folds) {
      const sides = [patients(train), patients(validation), patients(test)];
      const together = new Set(sides.flatMap((side) => [...side]));
      expect(together.size).toBe(sides.reduce((sum, { size }) => sum + size, 0));
      expect(sides.every(({ size }) => size > 0)).toBe(true);
    }
  });

  it('all use all images, and have their share of every class, of which about a fifth stops trainings', () => {
    for (const fold of folds) {
      expect(ids(all(fold))).toEqual(ids([...dataset.train, ...dataset.validation]));
      for (const label of [0, 1, 2]) {
        const of = (samples: readonly Sample[]): number =>
          samples.filter((one) => one.label === label).length;
        const total = of(all(fold));
        expect(of(fold.test) / total).toBeGreaterThan(0.1);
        expect(of(fold.test) / total).toBeLessThan(0.3);
        expect(of(fold.validation) / (total - of(fold.test))).toBeGreaterThan(0.1);
        expect(of(fold.validation) / (total - of(fold.test))).toBeLessThan(0.3);
      }
    }
  });

  it('come out the same for the same seed, and otherwise for another', () => {
    expect(dealOuterFolds(dataset, unlike, options).folds).toEqual(folds);
    expect(dealOuterFolds(dataset, unlike, { ...options, seed: 8 }).folds).not.toEqual(folds);
  });

  it('leave patients out that are locked, and take those of the test set only where that is said', () => {
    const without = new Set(['p0', 'p61']);
    const fewer = dealOuterFolds(dataset, unlike, { ...options, without }).folds.flatMap(({ test }) => test);
    expect(patients(fewer).size).toBe(73);
    expect([...without].some((key) => patients(fewer).has(key))).toBe(false);
    const more = dealOuterFolds(dataset, unlike, { ...options, withTest: true }).folds;
    expect(patients(more.flatMap(({ test }) => test)).size).toBe(90);
  });

  it('use a picture once, and keep patients who share one on one side of every fold', () => {
    const last = dataset.train.at(-1)!;
    const copyOf = (one: Sample): string =>
      one.patientKey === last.patientKey && one.instanceId === last.instanceId
        ? unlike(dataset.train[0])
        : unlike(one);
    const { folds: shared, copies } = dealOuterFolds(dataset, copyOf, options);
    expect(copies).toBe(1);
    expect(ids(shared.flatMap(({ test }) => test))).not.toContain(last.instanceId);
    for (const { train, validation, test } of shared) {
      const together = [train, validation, test].filter(
        (side) => patients(side).has('p0') || patients(side).has(last.patientKey),
      );
      expect(together).toHaveLength(1);
    }
  });

  it('are refused where a class has fewer patients than there are folds', () => {
    const few = { ...dataset, train: dataset.train.filter(({ label }) => label !== 2), validation: [] };
    expect(() => dealOuterFolds(few, unlike, options)).toThrow(
      'Expected at least 5 patients of class “c” in training and validation, one for each fold; found 0.',
    );
  });

  it('stratify by each finding, where an image may show several', () => {
    const withFindings = (samples: readonly Sample[]): Sample[] =>
      samples.map((one, at) => ({
        ...one,
        label: -1,
        findings: [Number(one.label === 0), Number(at % 4 === 0), one.label === 2 ? null : 0] as never,
      }));
    const several = {
      ...dataset,
      classes: ['x', 'y'],
      train: withFindings(dataset.train),
      validation: withFindings(dataset.validation),
    };
    const dealt = dealOuterFolds(several, unlike, options).folds;
    const showing = (samples: readonly Sample[], finding: number): number =>
      samples.filter(({ findings }) => findings![finding] === 1).length;
    for (const { test, train, validation } of dealt)
      for (const finding of [0, 1]) {
        const share = showing(test, finding) / showing([...test, ...train, ...validation], finding);
        expect(share).toBeGreaterThan(0.1);
        expect(share).toBeLessThan(0.3);
      }
    expect(ids(dealt.flatMap(({ test }) => test))).toEqual(ids([...several.train, ...several.validation]));
  });
});
