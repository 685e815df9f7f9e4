import { z } from 'zod';
import type { ErrorRecord } from '../contract/errors.ts';
import type { Job, JobKind, JobState } from '../contract/job.ts';
import type { Progress } from '../contract/progress.ts';
import type { ReadableDatabase, WritableDatabase } from './database.ts';

const jobRow = z.object({
  id: z.int(),
  kind: z.string(),
  title: z.string(),
  state: z.string(),
  created_at: z.string(),
  started_at: z.string().nullable(),
  finished_at: z.string().nullable(),
  progress: z.string().nullable(),
  error: z.string().nullable(),
  result: z.string().nullable(),
});

function toJob(row: unknown): Job {
  const { id, kind, title, state, created_at, started_at, finished_at, progress, error, result } =
    jobRow.parse(row);
  return {
    id,
    kind: kind as JobKind,
    title,
    state: state as JobState,
    createdAt: created_at,
    startedAt: started_at,
    finishedAt: finished_at,
    progress: progress === null ? null : (JSON.parse(progress) as Progress),
    error: error === null ? null : (JSON.parse(error) as ErrorRecord),
    result: result === null ? null : (JSON.parse(result) as unknown),
  };
}

const now = (): string => new Date().toISOString();

/** Adds a job in state `queued`. Returns its id. */
export function createJob(db: WritableDatabase, kind: JobKind, title: string): number {
  const { lastInsertRowid } = db
    .prepare(`INSERT INTO jobs (kind, title, state, created_at) VALUES (?, ?, 'queued', ?)`)
    .run(kind, title, now());
  return Number(lastInsertRowid);
}

export function startJob(db: WritableDatabase, id: number): void {
  db.prepare(`UPDATE jobs SET state = 'running', started_at = ? WHERE id = ?`).run(now(), id);
}

export function saveJobProgress(db: WritableDatabase, id: number, progress: Progress): void {
  db.prepare(`UPDATE jobs SET progress = ? WHERE id = ?`).run(JSON.stringify(progress), id);
}

export function finishJob(
  db: WritableDatabase,
  id: number,
  state: 'done' | 'failed' | 'cancelled' | 'interrupted',
  error: ErrorRecord | null,
): void {
  db.prepare(`UPDATE jobs SET state = ?, finished_at = ?, error = ? WHERE id = ?`).run(
    state,
    now(),
    error === null ? null : JSON.stringify(error),
    id,
  );
}

export function getJob(db: ReadableDatabase, id: number): Job | null {
  const row = db.prepare('SELECT * FROM jobs WHERE id = ?').get(id);
  return row === undefined ? null : toJob(row);
}

/** Jobs that have not ended and the latest that have, the newest first. */
export function listJobs(db: ReadableDatabase, limit = Infinity): Job[] {
  return db
    .prepare(`SELECT * FROM jobs ORDER BY state IN ('queued', 'running') DESC, id DESC LIMIT ?`)
    .all(Number.isFinite(limit) ? limit : -1)
    .map(toJob)
    .sort((a, b) => b.id - a.id);
}

/** Keeps what a job came to, as JSON. */
export function saveJobResult(db: WritableDatabase, id: number, result: unknown): void {
  db.prepare('UPDATE jobs SET result = ? WHERE id = ?').run(JSON.stringify(result), id);
}

/** Jobs that have not ended become `interrupted`. Returns how many there were. */
export function interruptUnfinishedJobs(db: WritableDatabase, error: ErrorRecord): number {
  return db
    .prepare(
      `UPDATE jobs SET state = 'interrupted', finished_at = ?, error = ? WHERE state IN ('queued', 'running')`,
    )
    .run(now(), JSON.stringify(error)).changes;
}
