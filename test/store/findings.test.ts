import { beforeEach, describe, expect, it } from 'vitest';
import {
  answerIds,
  createLabelSet,
  findingsText,
  listClasses,
  listDisagreements,
  listInstances,
  listLabelHistory,
  listLabels,
  mergeClasses,
  saveFindings,
  saveLabels,
  saveReadings,
  transaction,
  updateLabelSet,
} from '../../src-main/store/index.ts';
import { indexImages, useWorkplace } from '../cohort/fixtures.ts';

const place = useWorkplace();
let instanceId: number;

beforeEach(() => {
  indexImages(place.project, [{ path: 'a', patient: 'P' }]);
  [{ id: instanceId }] = listInstances(place.project.db);
});

const say = (findings: Record<string, 0 | 1 | null>, by = 'one'): number =>
  saveFindings(place.project.db, { name: 'findings', source: 'csv', by }, Object.keys(findings), [
    { instanceId, findings, role: null },
  ]);

describe('findings of an image', () => {
  it('are kept with who said so, and every change goes into the history in words', () => {
    const { db } = place.project;
    const set = say({ Mass: 1, Edema: 0 });
    say({ Mass: 1, Edema: null }, 'other');
    say({ Mass: 1, Edema: null }, 'nobody asked');
    say({ Mass: 0, Edema: 0 }, 'third');
    const [label] = listLabels(db, set);
    expect(label).toMatchObject({ findings: { Mass: 0, Edema: 0 }, labelledBy: 'third' });
    expect(
      listLabelHistory(db, set, instanceId).map(({ className, labelledBy }) => [className, labelledBy]),
    ).toEqual([
      ['+Mass', 'one'],
      ['+Mass, ?Edema', 'other'],
    ]);
    expect(findingsText(label.findings!)).toBe('No finding');
    expect(findingsText({ Mass: 1, Edema: null, Other: 0 })).toBe('Mass | Edema?');
  });

  it('that join the set later were not judged before', () => {
    const { db } = place.project;
    const set = say({ Mass: 1 });
    say({ Mass: 1, Edema: 0 });
    expect(listLabels(db, set)[0].findings).toEqual({ Mass: 1, Edema: 0 });
    expect(listLabelHistory(db, set, instanceId)).toMatchObject([{ className: '+Mass (not judged: Edema)' }]);
  });

  it('are counted by finding, merged, renamed and taken away', () => {
    const { db } = place.project;
    const set = say({ Mass: 1, Nodule: 0, Edema: 0 });
    const named = (): Record<string, number> =>
      Object.fromEntries(listClasses(db, set).map(({ name, images }) => [name, images]));
    expect(named()).toEqual({ Mass: 1, Nodule: 0, Edema: 0 });
    const [mass, nodule, edema] = listClasses(db, set);
    mergeClasses(db, mass.id, nodule.id);
    expect(named()).toEqual({ Nodule: 1, Edema: 0 });
    expect(listLabels(db, set)[0].findings).toEqual({ Nodule: 1, Edema: 0 });
    const bare = ({ id, name }: { id: number; name: string }) => ({ id, name, color: null, shortcut: null });
    const change = (classes: { id: number; name: string }[]): void =>
      updateLabelSet(db, set, { name: 'findings', unit: 'image', classes: classes.map(bare) });
    expect(() => change([edema])).toThrow(/1 images carry "Nodule"/);
    change([{ id: nodule.id, name: 'Lesion' }]);
    expect(listLabels(db, set)[0]).toMatchObject({ className: '+Lesion', findings: { Lesion: 1 } });
    // What it was before it was merged stands in the history as it was called then.
    expect(listLabelHistory(db, set, instanceId)[0].className).toBe('+Mass');
  });

  it('can be read by several, who agree when they say the same', () => {
    const { db } = place.project;
    const set = createLabelSet(db, {
      name: 'reads',
      unit: 'image',
      multiLabel: true,
      classes: ['Mass', 'Edema'].map((name) => ({ name, color: null, shortcut: null })),
    });
    const [mass, edema] = listClasses(db, set).map(({ id }) => id);
    const read = (reader: string, findings: Record<number, 0 | 1 | null>): void => {
      const [classId] = transaction(db, () => answerIds(db, set, [findings]));
      saveReadings(db, set, reader, [{ instanceId, classId, uncertain: false }]);
    };
    read('one', { [mass]: 1, [edema]: 0 });
    read('other', { [edema]: 0, [mass]: 1 });
    expect(listDisagreements(db, set).size).toBe(0);
    read('other', { [mass]: 1, [edema]: 1 });
    expect(listDisagreements(db, set).size).toBe(1);
    expect(listClasses(db, set).map(({ images }) => images)).toEqual([1, 1]);
  });

  it('do not mix with single classes', () => {
    const { db } = place.project;
    saveLabels(db, { name: 'findings', source: 'csv', by: 'x' }, [
      { instanceId, className: 'a', role: null },
    ]);
    expect(() => say({ Mass: 1 })).toThrow(/has one class for each image; found findings/);
    const other = { name: 'several', source: 'csv' as const, by: 'x' };
    saveFindings(db, other, ['Mass'], [{ instanceId, findings: { Mass: 1 }, role: null }]);
    expect(() => saveLabels(db, other, [{ instanceId, className: 'a', role: null }])).toThrow(
      /has findings, any number for each image; found single classes/,
    );
  });
});
