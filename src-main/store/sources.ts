import { z } from 'zod';
import type { Source } from '../contract/instances.ts';
import type { ReadableDatabase, WritableDatabase } from './database.ts';

const sourceRow = z
  .object({ id: z.int(), name: z.string(), path: z.string(), added_at: z.string() })
  .transform(({ added_at: addedAt, ...rest }): Source => ({ ...rest, addedAt }));

/** All sources, in the order in which they were added. */
export function listSources(db: ReadableDatabase): Source[] {
  return db
    .prepare('SELECT * FROM sources ORDER BY id')
    .all()
    .map((row) => sourceRow.parse(row));
}

/** The source of a folder, added where it is new. A name that is taken gets a number behind it. */
export function ensureSource(db: WritableDatabase, path: string, name: string): Source {
  const sources = listSources(db);
  const known = sources.find((source) => source.path === path);
  if (known) return known;
  const taken = new Set(sources.map((source) => source.name));
  let free = name;
  for (let number = 2; taken.has(free); number++) free = `${name}-${number}`;
  const addedAt = new Date().toISOString();
  const { lastInsertRowid } = db
    .prepare('INSERT INTO sources (name, path, added_at) VALUES (?, ?, ?)')
    .run(free, path, addedAt);
  return { id: Number(lastInsertRowid), name: free, path, addedAt };
}
