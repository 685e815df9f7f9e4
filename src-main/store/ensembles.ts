import { z } from 'zod';
import type { ReadableDatabase, WritableDatabase } from './database.ts';

/** The training of one fold of an ensemble. */
export interface EnsembleMember {
  runId: number;
  /** The run that all members answer for. */
  ensembleId: number;
  /** From 1. */
  fold: number;
}

export function addEnsembleMember(db: WritableDatabase, { runId, ensembleId, fold }: EnsembleMember): void {
  db.prepare('INSERT INTO ensemble_members (run_id, ensemble_id, fold) VALUES (?, ?, ?)').run(
    runId,
    ensembleId,
    fold,
  );
}

const memberRow = z
  .tuple([z.int(), z.int(), z.int()])
  .transform(([runId, ensembleId, fold]): EnsembleMember => ({ runId, ensembleId, fold }));

/** By fold, of one ensemble or of all. */
export function listEnsembleMembers(
  db: ReadableDatabase,
  ensembleId: number | null = null,
): EnsembleMember[] {
  return db
    .prepare(
      `SELECT run_id, ensemble_id, fold FROM ensemble_members WHERE ? IS NULL OR ensemble_id = ?
       ORDER BY ensemble_id, fold`,
    )
    .raw()
    .all(ensembleId, ensembleId)
    .map((row) => memberRow.parse(row));
}
