import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { datasetOfFold, dealFolds, foldsOfDataset } from '../../src-main/cohort/index.ts';
import type { Dataset, ExcludedSample, Sample } from '../../src-main/contract/dataset.ts';
import { RandomStream } from '../../src-main/platform/random.ts';

interface Reference {
  folds: { folds: number; classes: number; group: number[]; label: number[]; fold: number[] }[];
}

const path = new URL('../sweep/reference/sweep.json', import.meta.url);
const { folds: cases } = JSON.parse(readFileSync(path, 'utf8')) as Reference;

describe('dealing groups to folds', () => {
  it.each(cases)('in $folds folds is what scikit-learn’s StratifiedGroupKFold does', (reference) => {
    const names = [...new Set(reference.group)].sort((a, b) => a - b);
    const groups = names.map((name) => ({
      key: String(name),
      counts: Array.from(
        { length: reference.classes },
        (_, c) => reference.group.filter((group, i) => group === name && reference.label[i] === c).length,
      ),
    }));
    const found = dealFolds(groups, reference.folds, null);
    expect(reference.group.map((name) => found[names.indexOf(name)])).toEqual(reference.fold);
  });
});

const classes = ['a', 'b'];
const sample = (id: number, patient: string, label: number): Sample => ({
  cacheIndex: id,
  instanceId: id,
  frameIndex: 0,
  patientKey: patient,
  label,
});

/** Patients with one to six images, most of one class; the last ten are held out. */
function drawnDataset(): Dataset {
  const stream = new RandomStream(5, 'folds test');
  const own: Record<'train' | 'validation' | 'test', Sample[]> = { train: [], validation: [], test: [] };
  let id = 0;
  for (let patient = 0; patient < 60; patient++) {
    const role = patient < 40 ? 'train' : patient < 50 ? 'validation' : 'test';
    for (let image = 0; image <= stream.integer(6); image++)
      own[role].push(sample(id++, `p${patient}`, stream.uniform() < 0.8 ? Number(patient % 3 === 0) : 1));
  }
  return { ...own, classes, evaluationSets: { other: own.test }, excluded: [] } as unknown as Dataset;
}

const unlike = (one: Sample): string => `pixels of ${one.instanceId}`;

describe('folds of a dataset', () => {
  const dataset = drawnDataset();
  const folds = foldsOfDataset(dataset, unlike, { folds: 5, seed: 3 });
  const of = (fold: number): Dataset => datasetOfFold(dataset, folds, fold);

  it('judge every training and validation image once, by whole patients', () => {
    const all = [...dataset.train, ...dataset.validation].map(({ instanceId }) => instanceId).sort();
    const judged = [0, 1, 2, 3, 4].flatMap((fold) => of(fold).validation.map((one) => one.instanceId));
    expect(judged.sort()).toEqual(all);
    for (let fold = 0; fold < 5; fold++) {
      const { train, validation } = of(fold);
      expect(train.length + validation.length).toBe(all.length);
      const learned = new Set(train.map(({ patientKey }) => patientKey));
      expect(validation.filter(({ patientKey }) => learned.has(patientKey))).toEqual([]);
    }
  });

  it('hold nothing that is kept for the test or for other evaluations', () => {
    const heldOut = new Set(dataset.test.map(({ instanceId }) => instanceId));
    expect(heldOut.size).toBeGreaterThan(10);
    for (let fold = 0; fold < 5; fold++) {
      const one = of(fold);
      expect([one.test, one.evaluationSets, one.excluded]).toEqual([[], {}, []]);
      const there = [...one.train, ...one.validation, ...one.pool!];
      expect(there.filter(({ instanceId }) => heldOut.has(instanceId))).toEqual([]);
    }
  });

  it('have each its share of every class', () => {
    const shares = [0, 1, 2, 3, 4].map((fold) => {
      const { validation } = of(fold);
      return validation.filter(({ label }) => label === 1).length / validation.length;
    });
    expect(Math.max(...shares) - Math.min(...shares)).toBeLessThan(0.12);
  });

  it('come out the same for the same seed, and otherwise for another, whatever the order', () => {
    const turned = { ...dataset, train: dataset.train.toReversed() };
    const place = ({ pool, foldOf }: typeof folds): string[] =>
      pool.map(({ instanceId }, at) => `${instanceId}:${foldOf[at]}`).sort();
    expect(place(foldsOfDataset(turned, unlike, { folds: 5, seed: 3 }))).toEqual(place(folds));
    expect(place(foldsOfDataset(dataset, unlike, { folds: 5, seed: 4 }))).not.toEqual(place(folds));
  });

  it('keep a picture once, and patients who share one on one side, copies left out of training among them', () => {
    const [first, second] = [dataset.train[0], dataset.validation.at(-1)!];
    const [third] = dataset.train.filter(({ patientKey }) => patientKey === 'p20');
    const excluded = [
      { sample: sample(9000, 'p33', 0), role: 'validation', reason: 'duplicate-of-training', duplicateOf: 0 },
    ] as ExcludedSample[];
    const hashOf = (one: Sample): string =>
      one === second || one === third || one.instanceId === 9000 ? unlike(first) : unlike(one);
    for (const seed of [1, 2, 3, 4]) {
      const shared = foldsOfDataset({ ...dataset, excluded }, hashOf, { folds: 5, seed });
      expect(shared.pool).toHaveLength(folds.pool.length - 2);
      const together = [first.patientKey, second.patientKey, 'p20', 'p33'];
      const sides = shared.pool.flatMap(({ patientKey }, at) =>
        together.includes(patientKey) ? [shared.foldOf[at]] : [],
      );
      expect(sides.length).toBeGreaterThan(3);
      expect(new Set(sides).size).toBe(1);
    }
  });

  it('know the fold of a patient of whom every picture is used under another', () => {
    const validation = [...dataset.validation, sample(9001, 'q1', 0), sample(9002, 'q2', 0)];
    const hashOf = (one: Sample): string => (one.instanceId > 9000 ? 'one picture' : unlike(one));
    for (const seed of [1, 2, 3, 4]) {
      const { pool, foldOf, foldOfPatient } = foldsOfDataset({ ...dataset, validation }, hashOf, {
        folds: 5,
        seed,
      });
      expect(pool.map(({ patientKey }) => patientKey)).not.toContain('q2');
      expect(foldOfPatient.get('q2')).toBe(foldOf[pool.findIndex(({ patientKey }) => patientKey === 'q1')]);
    }
  });

  it('are refused where a class has fewer patients than there are folds', () => {
    const few = { ...dataset, train: dataset.train.filter(({ label }) => label === 0), validation: [] };
    expect(() => foldsOfDataset(few, unlike, { folds: 5, seed: 3 })).toThrow(
      'Expected at least 5 patients of class “b” in training and validation, one for each fold; found 0.',
    );
  });
});
