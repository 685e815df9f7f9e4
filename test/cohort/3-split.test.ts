import { describe, expect, it } from 'vitest';
import { apportion, dealPatients } from '../../src-main/cohort/deal-patients.ts';
import { createSplit } from '../../src-main/cohort/index.ts';
import type { SplitRole } from '../../src-main/contract/dataset.ts';
import type { Project } from '../../src-main/store/index.ts';
import { getSplit, listInstances, listSplitMembers, saveLabels } from '../../src-main/store/index.ts';
import { indexImages, useWorkplace } from './fixtures.ts';

const place = useWorkplace();

interface Planned {
  path: string;
  patient: string;
  label: string;
  role?: SplitRole | null;
  source?: string;
}

function fill(project: Project, images: readonly Planned[]): void {
  for (const [source, own] of Map.groupBy(images, (image) => image.source ?? 'hospital')) {
    indexImages(project, own, source);
  }
  const ids = new Map(listInstances(project.db).map(({ id, source, path }) => [`${source}/${path}`, id]));
  saveLabels(
    project.db,
    { name: 'labels', source: 'csv', by: 'x' },
    images.map(({ path, label, role, source }) => ({
      instanceId: ids.get(`${source ?? 'hospital'}/${path}`) as number,
      className: label,
      role: role ?? null,
    })),
  );
}

/** 60 patients with 1 to 4 images each, two thirds of them of class a. */
const cohort: Planned[] = Array.from({ length: 60 }, (_, patient) =>
  Array.from({ length: 1 + (patient % 4) }, (_, image) => ({
    path: `${patient}-${image}`,
    patient: `P${patient}`,
    label: patient % 3 === 0 ? 'b' : 'a',
  })),
).flat();

function rolesByPatient(project: Project, splitId: number): Map<string, Set<string>> {
  const keys = new Map(listInstances(project.db).map(({ id, patientKey }) => [id, patientKey]));
  const roles = new Map<string, Set<string>>();
  for (const { instanceId, role } of listSplitMembers(project.db, splitId)) {
    const key = keys.get(instanceId) as string;
    roles.set(key, (roles.get(key) ?? new Set()).add(role));
  }
  return roles;
}

describe('a split', () => {
  it('never has a patient on two sides, whatever the seed', () => {
    fill(place.project, cohort);
    for (let seed = 0; seed < 20; seed++) {
      const { id } = createSplit(place.project, { seed });
      const roles = rolesByPatient(place.project, id);
      expect(roles.size).toBe(60);
      expect([...roles.values()].every((own) => own.size === 1)).toBe(true);
    }
  });

  it('gives each side its share of the patients of each class', () => {
    fill(place.project, cohort);
    const { id, counts, classes } = createSplit(place.project, {});
    expect(classes).toEqual(['a', 'b']);
    expect(Object.fromEntries(Object.entries(counts).map(([role, one]) => [role, one.patients]))).toEqual({
      train: 42,
      validation: 9,
      test: 9,
    });
    const members = listSplitMembers(place.project.db, id);
    const patients = new Map(listInstances(place.project.db).map((one) => [one.id, one.patientKey]));
    const ofB = members.filter(({ classIndex }) => classIndex === 1);
    const perRole = Map.groupBy(ofB, ({ role }) => role);
    expect(
      [...perRole]
        .map(([role, own]) => [role, new Set(own.map((one) => patients.get(one.instanceId))).size])
        .sort(),
    ).toEqual([
      ['test', 3],
      ['train', 14],
      ['validation', 3],
    ]);
    expect(members).toHaveLength(cohort.length);
  });

  it('is the same for the same seed, in any order of import and in any project; another seed gives another', () => {
    fill(place.project, cohort);
    const other = place.anotherProject('other');
    fill(other, cohort.toReversed());
    const first = createSplit(place.project, { seed: 3 });
    expect(createSplit(place.project, { seed: 3 }).hash).toBe(first.hash);
    expect(createSplit(other, { seed: 3 }).hash).toBe(first.hash);
    expect(createSplit(place.project, { seed: 4 }).hash).not.toBe(first.hash);
    // Written down, so that a change of the drawing does not go unnoticed: old splits could not be made again.
    expect(first.hash).toBe('7d0bb224f0fe88fd17a7183377e5dacbc38fd476ae3a3696a2cde8de19122b16');
    expect(getSplit(place.project.db, first.id)).toEqual(first);
  });

  it('is not touched by labels that change later', () => {
    fill(place.project, cohort);
    const before = createSplit(place.project, {});
    const [{ instanceId }] = listSplitMembers(place.project.db, before.id);
    saveLabels(place.project.db, { name: 'labels', source: 'person', by: 'x' }, [
      { instanceId, className: 'c', role: null },
    ]);
    expect(getSplit(place.project.db, before.id)).toEqual(before);
  });

  it('takes part only of what its filter means', () => {
    fill(place.project, cohort);
    fill(place.project, [{ path: 'x', patient: 'X', label: 'a', source: 'second' }]);
    const { counts } = createSplit(place.project, { filter: { source: 'hospital' } });
    expect(Object.values(counts).reduce((sum, { images }) => sum + images, 0)).toBe(cohort.length);
  });

  it('leaves out files that carry a UID twice', () => {
    fill(place.project, cohort);
    place.project.db
      .prepare('UPDATE instances SET duplicate_of = (SELECT max(id) FROM instances) WHERE id = 1')
      .run();
    expect(createSplit(place.project, {}).leftOut).toEqual({ 'duplicate-sop-instance-uid': 1 });
  });

  it('is refused with too few patients, one class, or no labels', () => {
    const code = (code: string, message: string): unknown =>
      expect.objectContaining({ code, message: expect.stringContaining(message) });
    expect(() => createSplit(place.project, {})).toThrow(code('labels-missing', 'has none'));
    fill(place.project, [
      { path: '1', patient: 'A', label: 'a' },
      { path: '2', patient: 'B', label: 'a' },
      { path: '3', patient: 'C', label: 'a' },
    ]);
    expect(() => createSplit(place.project, {})).toThrow(code('split-one-class', 'only “a”'));
    fill(place.project, [
      { path: '4', patient: 'D', label: 'b' },
      { path: '5', patient: 'D', label: 'b' },
      { path: '6', patient: 'D', label: 'b' },
    ]);
    expect(() => createSplit(place.project, {})).toThrow(
      code(
        'split-too-few-patients',
        'at least 3 patients of class “b”, one each for train, validation, test; found 1',
      ),
    );
  });
});

describe('a predefined split', () => {
  const predefined = (roleOf: (patient: number) => SplitRole | null): Planned[] =>
    cohort.map((image) => ({ ...image, role: roleOf(Number(image.patient.slice(1))) }));

  it('is used as it is, validation dealt out of training by patient', () => {
    fill(
      place.project,
      predefined((patient) => (patient < 45 ? 'train' : 'test')),
    );
    const { id, counts } = createSplit(place.project, { predefined: true });
    expect(counts.test.patients).toBe(15);
    expect(counts.train.patients + counts.validation.patients).toBe(45);
    expect(counts.validation.patients).toBe(8);
    expect([...rolesByPatient(place.project, id).values()].every((own) => own.size === 1)).toBe(true);
  });

  it('keeps a validation that it names, and leaves out what it does not place', () => {
    const roles = ['train', 'validation', 'test', null] as const;
    fill(
      place.project,
      predefined((patient) => roles[patient % 4]),
    );
    const split = createSplit(place.project, { predefined: true });
    expect(split.counts.validation.patients).toBe(15);
    expect(split.leftOut).toEqual({ 'no-predefined-split': 60 });
  });

  it('deals out no validation when none is wanted', () => {
    fill(
      place.project,
      predefined((patient) => (patient < 45 ? 'train' : 'test')),
    );
    const fractions = { train: 0.8, validation: 0, test: 0.2 };
    const { counts } = createSplit(place.project, { predefined: true, fractions });
    expect(Object.keys(counts)).toEqual(['test', 'train']);
  });

  it('is refused when it has a patient on two sides', () => {
    const images = predefined((patient) => (patient < 45 ? 'train' : 'test'));
    fill(place.project, [...images, { path: 'x', patient: 'P3', label: 'a', role: 'test' }]);
    expect(() => createSplit(place.project, { predefined: true })).toThrow(
      expect.objectContaining({
        code: 'split-patient-on-two-sides',
        message: expect.stringContaining('1 patient has images on several'),
      }),
    );
  });

  it('is refused when nothing is predefined', () => {
    fill(place.project, cohort);
    expect(() => createSplit(place.project, { predefined: true })).toThrow(
      expect.objectContaining({ code: 'split-nothing-predefined' }),
    );
  });
});

describe('an evaluation set', () => {
  it('keeps a second hospital apart, without the patients that are in the split', () => {
    fill(place.project, cohort);
    fill(place.project, [
      { path: '1', patient: 'X', label: 'a', source: 'second' },
      { path: '2', patient: 'P3', label: 'a', source: 'second' },
      { path: '3', patient: 'Y', label: 'unheard of', source: 'second' },
    ]);
    const { counts, leftOut, classes } = createSplit(place.project, {
      evaluationSets: { 'second hospital': { source: 'second' } },
    });
    expect(classes).toEqual(['a', 'b']);
    expect(counts['second hospital']).toEqual({ images: 1, patients: 1, classes: [1, 0] });
    expect(leftOut).toEqual({ 'patient-in-split': 1, 'class-not-in-split': 1 });
  });

  it('needs a name of its own and images', () => {
    fill(place.project, cohort);
    expect(() => createSplit(place.project, { evaluationSets: { test: { source: 'hospital' } } })).toThrow(
      expect.objectContaining({ code: 'split-set-name' }),
    );
    expect(() => createSplit(place.project, { evaluationSets: { other: { source: 'nowhere' } } })).toThrow(
      expect.objectContaining({ code: 'split-set-empty' }),
    );
  });
});

describe('dealing patients', () => {
  it('makes whole numbers of shares that add up, none of them 0', () => {
    expect(apportion(100, [0.7, 0.15, 0.15])).toEqual([70, 15, 15]);
    expect(apportion(10, [0.7, 0.15, 0.15])).toEqual([7, 2, 1]);
    expect(apportion(3, [0.7, 0.15, 0.15])).toEqual([1, 1, 1]);
    expect(apportion(4, [0.98, 0.01, 0.01])).toEqual([2, 1, 1]);
    for (let total = 3; total < 200; total++) {
      const counts = apportion(total, [0.6, 0.25, 0.15]);
      expect(counts.reduce((sum, one) => sum + one)).toBe(total);
      expect(Math.min(...counts)).toBeGreaterThan(0);
    }
  });

  it('deals a finding that no patient has most of', () => {
    const patients = Array.from({ length: 12 }, (_, at) => ({
      key: `key ${at}`,
      identity: `uid ${at}`,
      classIndex: at === 0 ? 1 : 0,
      classIndexes: at < 6 ? [0, 1] : [0],
    }));
    const dealt = dealPatients(patients, ['normal', 'finding'], { train: 0.5, test: 0.5 }, 1);
    expect(dealt.size).toBe(12);
    expect([...dealt.values()].filter((side) => side === 'train')).toHaveLength(6);
  });

  it('does not depend on the order in which patients come', () => {
    const patients = Array.from({ length: 30 }, (_, at) => ({
      key: `key ${at}`,
      identity: `uid ${at * 7}`,
      classIndex: at % 2,
      classIndexes: [at % 2],
    }));
    const shares = { train: 0.5, test: 0.5 };
    const one = dealPatients(patients, ['a', 'b'], shares, 1);
    const other = dealPatients(patients.toReversed(), ['a', 'b'], shares, 1);
    expect(Object.fromEntries(one)).toEqual(Object.fromEntries(other));
  });
});
