import { describe, expect, it } from 'vitest';
import { ImageBrowser } from '../../src-main/app/desk/browse/browser.ts';
import { overviewOf } from '../../src-main/app/desk/browse/overview.ts';
import { imageQuery } from '../../src-main/contract/calls/data.ts';
import { listInstances, saveFindings } from '../../src-main/store/index.ts';
import { indexImages, useWorkplace } from '../cohort/fixtures.ts';

const place = useWorkplace();

describe('browsing images with findings', () => {
  it('counts and finds each finding by itself, in whatever company, and images without any', () => {
    const { db } = place.project;
    indexImages(
      place.project,
      ['a', 'b', 'c', 'd', 'e'].map((path) => ({ path, patient: path })),
    );
    const ids = new Map(listInstances(db).map(({ id, path }) => [path, id]));
    const say = (path: string, Mass: 0 | 1 | null, Edema: 0 | 1) => ({
      instanceId: ids.get(path)!,
      findings: { Mass, Edema },
      role: null,
    });
    saveFindings(
      db,
      { name: 'findings', source: 'csv', by: 'x' },
      ['Mass', 'Edema'],
      [say('a', 1, 1), say('b', 1, 0), say('c', 0, 0), say('d', null, 1)],
    );
    const browser = new ImageBrowser(db);
    const query = (classes: string[]) => imageQuery.parse({ classes });
    const { classes } = overviewOf(browser, query([]));
    expect(classes.map(({ name, images }) => [name, images])).toEqual([
      ['Edema', 2],
      ['Mass', 2],
      ['Mass?', 1],
      ['No finding', 1],
      [null, 1],
    ]);
    const paths = (wanted: string[]): string[] =>
      [...browser.select(query(wanted))].map((row) => browser.table.paths[row]);
    expect(paths(['Mass'])).toEqual(['a', 'b']);
    expect(paths(['Edema', 'No finding'])).toEqual(['a', 'c', 'd']);
  });
});
