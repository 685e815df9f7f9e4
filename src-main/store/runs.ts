import { z } from 'zod';
import type { Preprocessing } from '../contract/dataset.ts';
import type { ErrorRecord } from '../contract/errors.ts';
import type { JobState } from '../contract/job.ts';
import {
  adaptedApproaches,
  approaches,
  type Approach,
  type Comparison,
  type Run,
  type RunEnvironment,
} from '../contract/run.ts';
import { sha256 } from '../platform/files.ts';
import { trainingConfigSchema, type RunResult, type TrainingConfig } from '../contract/training.ts';
import { appendAudit } from './audit.ts';
import type { ReadableDatabase, WritableDatabase } from './database.ts';

const now = (): string => new Date().toISOString();

/** What trainings can be a part of. */
const wholes = ['sweep', 'ensemble', 'cross-validation'] as const;
export type Whole = (typeof wholes)[number];

const comparisonRow = z
  .object({ id: z.int(), split_id: z.int(), created_at: z.string() })
  .transform((row): Comparison => ({ id: row.id, splitId: row.split_id, createdAt: row.created_at }));

const runRow = z
  .object({
    id: z.int(),
    comparison_id: z.int(),
    approach: z.enum([...approaches, ...adaptedApproaches]),
    state: z.string(),
    config: z.string(),
    preprocessing: z.string(),
    environment: z.string(),
    starting_weights: z.string().nullable(),
    result: z.string().nullable(),
    error: z.string().nullable(),
    created_at: z.string(),
    started_at: z.string().nullable(),
    finished_at: z.string().nullable(),
  })
  .transform((row): Run => ({
    id: row.id,
    comparisonId: row.comparison_id,
    approach: row.approach,
    state: row.state as JobState,
    config: trainingConfigSchema.parse(JSON.parse(row.config)),
    preprocessing: JSON.parse(row.preprocessing) as Preprocessing,
    environment: JSON.parse(row.environment) as RunEnvironment,
    startingWeights: row.starting_weights,
    result: row.result === null ? null : (JSON.parse(row.result) as RunResult),
    error: row.error === null ? null : (JSON.parse(row.error) as ErrorRecord),
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
  }));

export interface NewRun {
  approach: Approach;
  config: TrainingConfig;
  preprocessing: Preprocessing;
  environment: RunEnvironment;
  startingWeights: string | null;
}

/**
 * Adds a comparison with its runs, all `queued`, in the order given.
 *
 * @param partOf of what they are a part; null: they stand for themselves
 */
export function createComparison(
  db: WritableDatabase,
  splitId: number,
  runs: readonly NewRun[],
  partOf: Whole | null = null,
): { comparison: Comparison; runs: Run[] } {
  const id = db.transaction(() => {
    const { lastInsertRowid } = db
      .prepare('INSERT INTO comparisons (split_id, created_at, part_of) VALUES (?, ?, ?)')
      .run(splitId, now(), partOf);
    const add = db.prepare(
      `INSERT INTO runs (comparison_id, approach, state, config, preprocessing, environment, starting_weights, created_at)
       VALUES (?, ?, 'queued', ?, ?, ?, ?, ?)`,
    );
    for (const { approach, config, preprocessing, environment, startingWeights } of runs) {
      const json = [config, preprocessing, environment].map((value) => JSON.stringify(value));
      add.run(lastInsertRowid, approach, ...json, startingWeights, now());
    }
    auditRuns(db, Number(lastInsertRowid), partOf);
    return Number(lastInsertRowid);
  })();
  return { comparison: getComparison(db, id)!, runs: listRunsOfComparison(db, id) };
}

const createdRow = z.tuple([z.int(), z.string(), z.string(), z.string().nullable()]);

function auditRuns(db: WritableDatabase, comparison: number, part: string | null): void {
  const rows = db
    .prepare('SELECT id, approach, config, starting_weights FROM runs WHERE comparison_id = ? ORDER BY id')
    .raw()
    .all(comparison);
  const runs = z
    .array(createdRow)
    .parse(rows)
    .map(([run, approach, config, startingWeights]) => ({
      run,
      approach,
      config: sha256(config),
      startingWeights,
    }));
  const [split, hash] = db
    .prepare(
      'SELECT splits.id, hash FROM splits JOIN comparisons ON split_id = splits.id WHERE comparisons.id = ?',
    )
    .raw()
    .get(comparison) as [number, string];
  appendAudit(db, 'runs-created', { comparison, split, splitHash: hash, partOf: part, runs });
}

export function getComparison(db: ReadableDatabase, id: number): Comparison | null {
  const row = db.prepare('SELECT * FROM comparisons WHERE id = ?').get(id);
  return row === undefined ? null : comparisonRow.parse(row);
}

/** Of what a comparison's runs are a part; null: they stand for themselves. */
export function partOf(db: ReadableDatabase, comparisonId: number): Whole | null {
  const found = db.prepare('SELECT part_of FROM comparisons WHERE id = ?').pluck().get(comparisonId);
  return z.enum(wholes).nullable().parse(found);
}

/** The comparison made last, or null; those that are a part of something do not count. */
export function latestComparison(db: ReadableDatabase): Comparison | null {
  const row = db.prepare('SELECT * FROM comparisons WHERE part_of IS NULL ORDER BY id DESC LIMIT 1').get();
  return row === undefined ? null : comparisonRow.parse(row);
}

const nameRow = z.tuple([z.int(), z.string()]);

/** What persons call their comparisons; those without a name are left out. */
export function comparisonNames(db: ReadableDatabase): Map<number, string> {
  const rows = db.prepare('SELECT id, name FROM comparisons WHERE name IS NOT NULL').raw().all();
  return new Map(rows.map((row) => nameRow.parse(row)));
}

export function renameComparison(db: WritableDatabase, id: number, name: string | null): void {
  db.prepare('UPDATE comparisons SET name = ? WHERE id = ?').run(name, id);
}

/** Deletes a comparison with its runs, epochs and predictions; openings of held-out sets stay and keep counting. */
export function deleteComparison(db: WritableDatabase, id: number): void {
  db.transaction(() => {
    db.prepare(
      `DELETE FROM comparisons WHERE id IN
         (SELECT member.comparison_id FROM ensemble_members
          JOIN runs AS member ON member.id = run_id JOIN runs AS whole ON whole.id = ensemble_id
          WHERE whole.comparison_id = ?)`,
    ).run(id);
    db.prepare('DELETE FROM comparisons WHERE id = ?').run(id);
    appendAudit(db, 'runs-removed', { comparison: id });
  })();
}

export function getRun(db: ReadableDatabase, id: number): Run | null {
  const row = db.prepare('SELECT * FROM runs WHERE id = ?').get(id);
  return row === undefined ? null : runRow.parse(row);
}

/** Runs that stand for themselves, in the order in which they were made. */
export function listRuns(db: ReadableDatabase): Run[] {
  const rows = db
    .prepare(
      `SELECT runs.* FROM runs JOIN comparisons ON comparisons.id = comparison_id
       WHERE part_of IS NULL ORDER BY runs.id`,
    )
    .all();
  return z.array(runRow).parse(rows);
}

/** Those that are a part of a sweep or an ensemble as well. */
export function listAllRuns(db: ReadableDatabase): Run[] {
  return z.array(runRow).parse(db.prepare('SELECT * FROM runs ORDER BY id').all());
}

export function listRunsOfComparison(db: ReadableDatabase, comparisonId: number): Run[] {
  return z
    .array(runRow)
    .parse(db.prepare('SELECT * FROM runs WHERE comparison_id = ? ORDER BY id').all(comparisonId));
}

/** Queued, interrupted, cancelled and failed runs may start; the first start is the one that is kept. */
export function startRun(db: WritableDatabase, id: number): void {
  db.transaction(() => {
    db.prepare(
      `UPDATE runs SET state = 'running', started_at = coalesce(started_at, ?), finished_at = NULL, error = NULL
       WHERE id = ?`,
    ).run(now(), id);
    appendAudit(db, 'run-started', { run: id });
  })();
}

export function finishRun(db: WritableDatabase, id: number, result: RunResult | null): void {
  const text = result === null ? null : JSON.stringify(result);
  db.transaction(() => {
    db.prepare(`UPDATE runs SET state = 'done', finished_at = ?, result = ?, error = NULL WHERE id = ?`).run(
      now(),
      text,
      id,
    );
    appendAudit(db, 'run-finished', { run: id, result: text === null ? null : sha256(text) });
  })();
}

export function stopRun(
  db: WritableDatabase,
  id: number,
  state: 'failed' | 'cancelled' | 'interrupted',
  error: ErrorRecord,
): void {
  db.transaction(() => {
    db.prepare(`UPDATE runs SET state = ?, finished_at = ?, error = ? WHERE id = ?`).run(
      state,
      now(),
      JSON.stringify(error),
      id,
    );
    appendAudit(db, 'run-stopped', { run: id, state, code: error.code });
  })();
}

/** Runs that were under way when their process ended become `interrupted`. Returns how many there were. */
export function interruptUnfinishedRuns(db: WritableDatabase, error: ErrorRecord): number {
  const running = z
    .array(z.int())
    .parse(db.prepare(`SELECT id FROM runs WHERE state = 'running'`).pluck().all());
  for (const id of running) stopRun(db, id, 'interrupted', error);
  return running.length;
}
