import { z } from 'zod';
import type { Preprocessing } from '../contract/dataset.ts';
import { preprocessingSpec } from '../contract/dataset.ts';
import type { ReadableDatabase, WritableDatabase } from './database.ts';

/** A tensor cache that was made; its file lies in the project's cache folder under its key. */
export interface TensorCacheEntry {
  key: string;
  preprocessing: Preprocessing;
  storedChannels: 1 | 3;
  createdAt: string;
  usedAt: string;
}

const cacheRow = z
  .object({
    key: z.string(),
    preprocessing: z.string(),
    stored_channels: z.union([z.literal(1), z.literal(3)]),
    created_at: z.string(),
    used_at: z.string(),
  })
  .transform((row): TensorCacheEntry => ({
    key: row.key,
    preprocessing: preprocessingSpec.parse(JSON.parse(row.preprocessing)),
    storedChannels: row.stored_channels,
    createdAt: row.created_at,
    usedAt: row.used_at,
  }));

/** Notes that a cache is (again) in use. */
export function touchTensorCache(
  db: WritableDatabase,
  key: string,
  preprocessing: Preprocessing,
  storedChannels: 1 | 3,
): void {
  const now = new Date().toISOString();
  db.prepare(
    `INSERT INTO tensor_caches VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET used_at = excluded.used_at`,
  ).run(key, JSON.stringify(preprocessing), storedChannels, now, now);
}

/** Every cache ever made here, the one used last first. */
export function listTensorCaches(db: ReadableDatabase): TensorCacheEntry[] {
  return db
    .prepare('SELECT * FROM tensor_caches ORDER BY used_at DESC, key')
    .all()
    .map((row) => cacheRow.parse(row));
}
