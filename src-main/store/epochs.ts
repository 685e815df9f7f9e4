import { z } from 'zod';
import { epochMetricsSchema, type EpochMetrics } from '../contract/training.ts';
import type { ReadableDatabase, WritableDatabase } from './database.ts';

/** Stores what an epoch measured; an epoch that a resumed run tells again replaces the earlier row. */
export function saveEpoch(db: WritableDatabase, runId: number, metrics: EpochMetrics): void {
  db.prepare(
    `INSERT INTO epochs (run_id, epoch, metrics) VALUES (?, ?, ?)
     ON CONFLICT (run_id, epoch) DO UPDATE SET metrics = excluded.metrics`,
  ).run(runId, metrics.epoch, JSON.stringify(metrics));
}

const epochRow = z
  .object({ metrics: z.string() })
  .transform((row) => epochMetricsSchema.parse(JSON.parse(row.metrics)));

/** In order, from epoch 1. */
export function listEpochs(db: ReadableDatabase, runId: number): EpochMetrics[] {
  const rows = db.prepare('SELECT metrics FROM epochs WHERE run_id = ? ORDER BY epoch').all(runId);
  return z.array(epochRow).parse(rows);
}
