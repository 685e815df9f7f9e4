import { z } from 'zod';
import type { SubgroupAttribute } from '../contract/analysis-settings.ts';
import type { ReadableDatabase } from './database.ts';
import { attributeOfInstances } from './instances.ts';

const ageRow = z.tuple([z.int(), z.number().nullable()]);
const seriesRow = z.tuple([z.int(), z.string().nullable()]);

/** "40–64" */
export function ageBand(years: number): string {
  if (years < 18) return '0–17';
  if (years < 40) return '18–39';
  return years < 65 ? '40–64' : '65 and over';
}

/** The group that each image of the project belongs to, by id; images that say nothing are not in it. */
export function groupsOfInstances(db: ReadableDatabase, attribute: SubgroupAttribute): Map<number, string> {
  if (attribute === 'AgeBand') {
    const rows = db.prepare('SELECT id, PatientAge FROM instances').raw().all();
    return new Map(
      rows.flatMap((row): [number, string][] => {
        const [id, age] = ageRow.parse(row);
        return age === null ? [] : [[id, ageBand(age)]];
      }),
    );
  }
  return new Map(
    [...attributeOfInstances(db, attribute)].flatMap(([id, value]): [number, string][] =>
      value === null || value === '' ? [] : [[id, String(value)]],
    ),
  );
}

/** A number for the series of each image, by id: UIDs stay where they are. Images without one are not in it. */
export function seriesOfInstances(db: ReadableDatabase): Map<number, string> {
  const numbers = new Map<string, number>();
  const rows = db.prepare('SELECT id, SeriesInstanceUID FROM instances ORDER BY id').raw().all();
  return new Map(
    rows.flatMap((row): [number, string][] => {
      const [id, uid] = seriesRow.parse(row);
      if (uid === null) return [];
      if (!numbers.has(uid)) numbers.set(uid, numbers.size + 1);
      return [[id, `series ${numbers.get(uid)}`]];
    }),
  );
}
