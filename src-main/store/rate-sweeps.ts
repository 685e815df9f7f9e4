import { z } from 'zod';
import type { RateSweep, StoredRateSweep } from '../contract/rate-finder.ts';
import type { ReadableDatabase, WritableDatabase } from './database.ts';

const sweepRow = z
  .object({ fingerprint: z.string(), sweep: z.string(), swept_at: z.string() })
  .transform(({ fingerprint, sweep, swept_at }): StoredRateSweep => {
    return { fingerprint, sweep: JSON.parse(sweep) as RateSweep, sweptAt: swept_at };
  });

export function saveRateSweep(db: WritableDatabase, fingerprint: string, sweep: RateSweep): StoredRateSweep {
  const row = db
    .prepare('INSERT INTO rate_sweeps (fingerprint, sweep, swept_at) VALUES (?, ?, ?) RETURNING *')
    .get(fingerprint, JSON.stringify(sweep), new Date().toISOString());
  return sweepRow.parse(row);
}

/** The last one of a plan, by its fingerprint. */
export function lastRateSweep(db: ReadableDatabase, fingerprint: string): StoredRateSweep | null {
  const row = db
    .prepare('SELECT * FROM rate_sweeps WHERE fingerprint = ? ORDER BY id DESC LIMIT 1')
    .get(fingerprint);
  return row === undefined ? null : sweepRow.parse(row);
}

/** When other plans were tried last. */
export function lastSweepOfOthers(db: ReadableDatabase, fingerprint: string): string | null {
  const at = db
    .prepare('SELECT max(swept_at) FROM rate_sweeps WHERE fingerprint <> ?')
    .pluck()
    .get(fingerprint);
  return z.string().nullable().parse(at);
}
