import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dealFindings, type PatientWithFindings } from '../../src-main/cohort/deal-findings.ts';
import { createSplit, importLabels } from '../../src-main/cohort/index.ts';
import type { Finding } from '../../src-main/contract/dataset.ts';
import { RandomStream } from '../../src-main/platform/random.ts';
import {
  type FindingsToStore,
  getSplit,
  listInstances,
  listLabels,
  listSplitMembers,
  saveFindings,
  saveLabels,
} from '../../src-main/store/index.ts';
import { indexImages, useWorkplace } from './fixtures.ts';

const place = useWorkplace();

function write(content: string): string {
  mkdirSync(place.path('tables'), { recursive: true });
  writeFileSync(place.path('tables', 'labels.csv'), content);
  return place.path('tables', 'labels.csv');
}

/** What is said of each image, by its path. */
function said(labelSetId: number): Record<string, unknown> {
  const paths = new Map(listInstances(place.project.db).map(({ id, path }) => [id, path]));
  return Object.fromEntries(
    listLabels(place.project.db, labelSetId).map(({ instanceId, findings }) => [
      paths.get(instanceId),
      findings,
    ]),
  );
}

describe('findings from a table', () => {
  const images = ['a.dcm', 'b.dcm', 'c.dcm', 'd.dcm'];
  const index = (): void =>
    indexImages(
      place.project,
      images.map((path, at) => ({ path, patient: `P${at}` })),
    );

  it('are several in a cell: what is not named is not there, and a word for none is an answer', async () => {
    index();
    const report = await importLabels(
      place.project,
      write('Image Index,Finding Labels\na.dcm,Effusion|Mass\nb.dcm,No Finding\nc.dcm,Mass?\nd.dcm,\n'),
    );
    expect(said(report.labelSetId)).toEqual({
      'a.dcm': { Effusion: 1, Mass: 1 },
      'b.dcm': { Effusion: 0, Mass: 0 },
      'c.dcm': { Effusion: 0, Mass: null },
    });
    expect(report.classes).toEqual([
      { name: 'Effusion', images: 1, patients: 1 },
      { name: 'Mass', images: 1, patients: 1 },
    ]);
    expect(report.findings).toEqual({ none: 2, unknown: 1 });
    // An empty cell is no answer: the image is not labelled.
    expect(report.unlabelledImages).toBe(1);
    expect(report.sentences.join(' ')).toContain('3 images labelled with 2 findings');
    expect(report.sentences.join(' ')).toContain('1 answer is in doubt (−1) or not given');
  });

  it('are a column of 1, 0 and −1 for each; an empty one is not judged, or not there when that is said', async () => {
    index();
    const table =
      'Path,Sex,Age,No Finding,Edema,Mass\na.dcm,F,61,,1.0,\nb.dcm,M,40,1.0,,\nc.dcm,F,7,,-1.0,0.0\n';
    const { labelSetId, classes } = await importLabels(place.project, write(table));
    expect(classes.map(({ name }) => name)).toEqual(['Edema', 'Mass']);
    expect(said(labelSetId)).toEqual({
      'a.dcm': { Edema: 1 },
      'b.dcm': { Edema: 0, Mass: 0 },
      'c.dcm': { Edema: null, Mass: 0 },
    });
    const again = await importLabels(place.project, write(table), { blank: 'absent' });
    expect(said(again.labelSetId)['a.dcm']).toEqual({ Edema: 1, Mass: 0 });
  });

  it('stay single classes where nothing says otherwise, and become findings where that is asked for', async () => {
    index();
    const one = await importLabels(place.project, write('path,label\na.dcm,x;y\nb.dcm,x\n'));
    expect(one.classes.map(({ name }) => name)).toEqual(['x', 'x;y']);
    const several = await importLabels(place.project, write('path,label\na.dcm,x;y\nb.dcm,x\n'), {
      multiLabel: true,
    });
    expect(said(several.labelSetId)).toEqual({ 'a.dcm': { x: 1, y: 1 }, 'b.dcm': { x: 1, y: 0 } });
    const refused = importLabels(place.project, write('path,label\na.dcm,x|y\n'), { name: 'labels' });
    await expect(refused).rejects.toMatchObject({ code: 'label-set-kind' });
  });

  it('of several rows are put together, and none are taken where rows contradict one another', async () => {
    index();
    const report = await importLabels(
      place.project,
      write('path,label\na.dcm,Mass\na.dcm,Edema\nb.dcm,Mass\nb.dcm,none\n'),
      { multiLabel: true },
    );
    expect(said(report.labelSetId)).toEqual({ 'a.dcm': { Edema: 1, Mass: 1 } });
    expect(report.problems).toMatchObject([{ kind: 'label-conflict' }]);
    const columns = await importLabels(
      place.project,
      write('path,Mass,Edema\na.dcm,1,\na.dcm,1,0\nb.dcm,1,0\nb.dcm,0,0\n'),
    );
    expect(said(columns.labelSetId)['a.dcm']).toEqual({ Mass: 1, Edema: 0 });
    expect(columns.problems).toMatchObject([{ kind: 'label-conflict' }]);
  });

  it('need a column that Graft can read', async () => {
    index();
    await expect(importLabels(place.project, write('path,Sex\na.dcm,F\n'))).rejects.toThrow(
      /a column label, or one column of 0 and 1 for each finding/,
    );
  });
});

describe('a deal by findings', () => {
  /** Four findings of very different frequency, many patients with none. */
  const stream = new RandomStream(5, 'patients');
  const rates = [0.4, 0.15, 0.08, 0.03];
  const patients = Array.from({ length: 400 }, (_, at): PatientWithFindings => ({
    key: `k${at}`,
    identity: String(1000 + at),
    findings: rates.flatMap((rate, finding) => (stream.uniform() < rate ? finding : [])),
  }));
  const shares = { train: 0.7, validation: 0.15, test: 0.15 };

  it('gives each side its share of the patients of every finding, rare ones too', () => {
    for (let seed = 0; seed < 5; seed++) {
      const sides = dealFindings(patients, 4, shares, seed);
      for (const [side, share] of Object.entries(shares)) {
        const own = patients.filter(({ key }) => sides.get(key) === side);
        expect(Math.abs(own.length - share * 400)).toBeLessThanOrEqual(3);
        rates.forEach((_, finding) => {
          const all = patients.filter(({ findings }) => findings.includes(finding)).length;
          const here = own.filter(({ findings }) => findings.includes(finding)).length;
          expect(Math.abs(here - share * all), `${side}, finding ${finding}`).toBeLessThanOrEqual(2);
        });
      }
    }
  });

  it('is the same whatever the order, another with another seed, and leaves out sides without a share', () => {
    const one = dealFindings(patients, 4, shares, 1);
    expect(new Map([...dealFindings(patients.toReversed(), 4, shares, 1)].sort())).toEqual(
      new Map([...one].sort()),
    );
    expect([...dealFindings(patients, 4, shares, 2)].sort()).not.toEqual([...one].sort());
    const two = dealFindings(patients, 4, { train: 0.8, validation: 0.2, test: 0 }, 1);
    expect(new Set(two.values())).toEqual(new Set(['train', 'validation']));
  });
});

describe('a split by findings', () => {
  /** 40 patients with 1 to 3 images; every third shows a mass, every fifth an effusion, of every seventh image little is known. */
  function fill(): void {
    const images = Array.from({ length: 40 }, (_, patient) =>
      Array.from({ length: 1 + (patient % 3) }, (_, at) => ({
        path: `${patient}-${at}`,
        patient: `P${patient}`,
      })),
    ).flat();
    indexImages(place.project, images);
    const ids = new Map(listInstances(place.project.db).map(({ id, path }) => [path, id]));
    saveFindings(
      place.project.db,
      { name: 'findings', source: 'csv', by: 'x' },
      ['Mass', 'Effusion', 'Never'],
      images.map(({ path }, at): FindingsToStore => {
        const patient = Number(path.split('-')[0]);
        const effusion: Finding = at % 7 === 0 ? null : patient % 5 === 0 ? 1 : 0;
        return {
          instanceId: ids.get(path)!,
          findings:
            at === 3 ? { Never: 0 } : { Mass: patient % 3 === 0 ? 1 : 0, Effusion: effusion, Never: 0 },
          role: null,
        };
      }),
    );
  }

  it('has no patient on two sides, keeps what is known of each finding, and leaves out what is never seen', () => {
    fill();
    const split = createSplit(place.project, { seed: 3 });
    expect(split).toMatchObject({
      multiLabel: true,
      classes: ['Effusion', 'Mass'],
      leftOut: { 'nothing-known': 1 },
    });
    const members = listSplitMembers(place.project.db, split.id);
    const keys = new Map(listInstances(place.project.db).map(({ id, patientKey }) => [id, patientKey]));
    const roles = Map.groupBy(members, ({ instanceId }) => keys.get(instanceId)!);
    for (const own of roles.values()) expect(new Set(own.map(({ role }) => role)).size).toBe(1);
    expect(members.every(({ classIndex, findings }) => classIndex === -1 && findings!.length === 2)).toBe(
      true,
    );
    expect(members.some(({ findings }) => findings![0] === null)).toBe(true);
    const train = members.filter(({ role }) => role === 'train');
    expect(split.counts.train).toMatchObject({
      images: train.length,
      classes: [0, 1].map((at) => train.filter(({ findings }) => findings![at] === 1).length),
      none: train.filter(({ findings }) => !findings!.includes(1)).length,
    });
    for (const side of ['validation', 'test'])
      for (const images of split.counts[side].classes) expect(images).toBeGreaterThan(0);
  });

  it('comes out the same again, stays when labels change, and its hash changes with them', () => {
    fill();
    const first = createSplit(place.project, { seed: 3 });
    expect(createSplit(place.project, { seed: 3 }).hash).toBe(first.hash);
    const [{ instanceId }] = listSplitMembers(place.project.db, first.id);
    saveFindings(
      place.project.db,
      { name: 'findings', source: 'person', by: 'y' },
      ['Mass', 'Effusion'],
      [{ instanceId, findings: { Mass: 0, Effusion: 1 }, role: null }],
    );
    expect(getSplit(place.project.db, first.id)).toEqual(first);
    expect(createSplit(place.project, { seed: 3 }).hash).not.toBe(first.hash);
  });

  it('is refused where no finding tells images apart', () => {
    indexImages(place.project, [{ path: 'a', patient: 'P' }]);
    const [{ id }] = listInstances(place.project.db);
    saveFindings(
      place.project.db,
      { name: 'findings', source: 'csv', by: 'x' },
      ['Mass'],
      [{ instanceId: id, findings: { Mass: 0 }, role: null }],
    );
    expect(() => createSplit(place.project)).toThrow(/a finding that some images show and others do not/);
    saveLabels(place.project.db, { name: 'labels', source: 'csv', by: 'x' }, [
      { instanceId: id, className: 'one', role: null },
    ]);
    expect(() => createSplit(place.project)).toThrow(/at least two classes/);
  });
});
