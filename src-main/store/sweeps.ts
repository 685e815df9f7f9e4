import { z } from 'zod';
import type { PlanInput } from '../contract/calls/plans.ts';
import type { ErrorRecord } from '../contract/errors.ts';
import type { JobState } from '../contract/job.ts';
import { sweepSchema, type Choices, type Sweep } from '../contract/sweep.ts';
import { appendAudit } from './audit.ts';
import type { ReadableDatabase, WritableDatabase } from './database.ts';

/** A search over plans, as it is stored. */
export interface StoredSweep {
  id: number;
  splitId: number;
  state: JobState;
  /** What trials change, as it was given: fields that it leaves out take their defaults. */
  plan: PlanInput;
  definition: Sweep;
  error: ErrorRecord | null;
  createdAt: string;
  finishedAt: string | null;
}

export interface StoredTrial {
  /** From 1. */
  number: number;
  choices: Choices;
}

/** Which run trains which fold of which trial. */
export interface TrialPlace {
  runId: number;
  sweepId: number;
  trial: number;
  /** From 1; 0: the split's own validation images judge. */
  fold: number;
}

const now = (): string => new Date().toISOString();

const sweepRow = z
  .object({
    id: z.int(),
    split_id: z.int(),
    state: z.string(),
    plan: z.string(),
    definition: z.string(),
    error: z.string().nullable(),
    created_at: z.string(),
    finished_at: z.string().nullable(),
  })
  .transform((row): StoredSweep => ({
    id: row.id,
    splitId: row.split_id,
    state: row.state as JobState,
    plan: JSON.parse(row.plan) as PlanInput,
    definition: sweepSchema.parse(JSON.parse(row.definition)),
    error: row.error === null ? null : (JSON.parse(row.error) as ErrorRecord),
    createdAt: row.created_at,
    finishedAt: row.finished_at,
  }));

/** Adds a sweep in state `queued`, with its trials. */
export function createSweep(
  db: WritableDatabase,
  sweep: Pick<StoredSweep, 'splitId' | 'plan' | 'definition'>,
  trials: readonly Choices[],
): StoredSweep {
  const id = db.transaction(() => {
    const { lastInsertRowid } = db
      .prepare(
        `INSERT INTO sweeps (split_id, state, plan, definition, created_at) VALUES (?, 'queued', ?, ?, ?)`,
      )
      .run(sweep.splitId, JSON.stringify(sweep.plan), JSON.stringify(sweep.definition), now());
    const add = db.prepare('INSERT INTO sweep_trials (sweep_id, trial, choices) VALUES (?, ?, ?)');
    trials.forEach((choices, at) => add.run(lastInsertRowid, at + 1, JSON.stringify(choices)));
    return Number(lastInsertRowid);
  })();
  return getSweep(db, id)!;
}

export function getSweep(db: ReadableDatabase, id: number): StoredSweep | null {
  const row = db.prepare('SELECT * FROM sweeps WHERE id = ?').get(id);
  return row === undefined ? null : sweepRow.parse(row);
}

/** Those that stand for themselves, the newest first: what tunes a fold of a cross-validation is a part of that. */
export function listSweeps(db: ReadableDatabase): StoredSweep[] {
  return z.array(sweepRow).parse(
    db
      .prepare(
        `SELECT sweeps.* FROM sweeps JOIN splits ON splits.id = split_id
           WHERE part_of IS NULL ORDER BY sweeps.id DESC`,
      )
      .all(),
  );
}

const trialRow = z
  .tuple([z.int(), z.string()])
  .transform(([number, choices]): StoredTrial => ({ number, choices: JSON.parse(choices) as Choices }));

/** In order, from trial 1. */
export function listTrials(db: ReadableDatabase, sweepId: number): StoredTrial[] {
  return db
    .prepare('SELECT trial, choices FROM sweep_trials WHERE sweep_id = ? ORDER BY trial')
    .raw()
    .all(sweepId)
    .map((row) => trialRow.parse(row));
}

/** Says that a run trains a fold of a trial. */
export function placeInSweep(db: WritableDatabase, { runId, sweepId, trial, fold }: TrialPlace): void {
  db.prepare('INSERT INTO sweep_runs (run_id, sweep_id, trial, fold) VALUES (?, ?, ?, ?)').run(
    runId,
    sweepId,
    trial,
    fold,
  );
}

const placeRow = z
  .tuple([z.int(), z.int(), z.int(), z.int()])
  .transform(([runId, sweepId, trial, fold]): TrialPlace => ({ runId, sweepId, trial, fold }));

/** Places of runs by trial and fold, of one sweep or of all. */
export function listPlaces(db: ReadableDatabase, sweepId: number | null = null): TrialPlace[] {
  return db
    .prepare(
      `SELECT run_id, sweep_id, trial, fold FROM sweep_runs WHERE ? IS NULL OR sweep_id = ?
       ORDER BY sweep_id, trial, fold`,
    )
    .raw()
    .all(sweepId, sweepId)
    .map((row) => placeRow.parse(row));
}

export function startSweep(db: WritableDatabase, id: number): void {
  db.prepare(`UPDATE sweeps SET state = 'running', finished_at = NULL, error = NULL WHERE id = ?`).run(id);
}

export function endSweep(
  db: WritableDatabase,
  id: number,
  state: 'done' | 'failed' | 'cancelled' | 'interrupted',
  error: ErrorRecord | null,
): void {
  db.prepare('UPDATE sweeps SET state = ?, finished_at = ?, error = ? WHERE id = ?').run(
    state,
    now(),
    error === null ? null : JSON.stringify(error),
    id,
  );
}

/** Sweeps that were under way when their process ended become `interrupted`. Returns how many there were. */
export function interruptUnfinishedSweeps(db: WritableDatabase, error: ErrorRecord): number {
  return db
    .prepare(`UPDATE sweeps SET state = 'interrupted', finished_at = ?, error = ? WHERE state = 'running'`)
    .run(now(), JSON.stringify(error)).changes;
}

/** Deletes a sweep with its trials, their runs and epochs. */
export function deleteSweep(db: WritableDatabase, id: number): void {
  db.transaction(() => {
    db.prepare(
      `DELETE FROM comparisons WHERE id IN
         (SELECT comparison_id FROM runs JOIN sweep_runs ON run_id = runs.id WHERE sweep_id = ?)`,
    ).run(id);
    db.prepare('DELETE FROM sweeps WHERE id = ?').run(id);
    appendAudit(db, 'runs-removed', { sweep: id });
  })();
}
