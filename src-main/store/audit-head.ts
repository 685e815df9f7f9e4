import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../platform/files.ts';
import type { ReadableDatabase } from './database.ts';
import { configurationFolder } from './project-key.ts';

/** The last entry of an audit trail. */
export interface AuditHead {
  seq: number;
  hash: string;
}

const head = z.object({ seq: z.int(), hash: z.string() });

/** Beside the project's key, outside its folder: who changes the folder does not change this. */
const headPath = (projectId: string): string =>
  join(configurationFolder(), 'keys', `${projectId}.audit.json`);

/** What is kept outside of a project; null where nothing is, or nothing that can be read. */
export function readAuditHead(projectId: string): AuditHead | null {
  const path = headPath(projectId);
  if (!existsSync(path)) return null;
  try {
    return head.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}

export function removeAuditHead(projectId: string): void {
  rmSync(headPath(projectId), { force: true });
}

/** The last entry in the database; null where there is none. */
export function lastAuditEntry(db: ReadableDatabase): AuditHead | null {
  const row = db.prepare('SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1').get();
  return row === undefined ? null : head.parse(row);
}

/** Whether the trail has, or has gone on from, an entry. */
export function hasAuditEntry(db: ReadableDatabase, { seq, hash }: AuditHead): boolean {
  return db.prepare('SELECT 1 FROM audit WHERE seq = ? AND hash = ?').get(seq, hash) !== undefined;
}

const projects = new WeakMap<ReadableDatabase, { id: string; waiting: boolean; savedAt: number }>();

/** Each saving waits for the disk twice: runs that begin and end by the dozen share one. */
const SAVED_EVERY_MS = 200;

/** From now on the head of this project's trail is kept outside, too. */
export function keepAuditHead(db: ReadableDatabase, projectId: string): void {
  projects.set(db, { id: projectId, waiting: false, savedAt: -Infinity });
}

/**
 * Keeps the head soon: transactions are synchronous, so that by the next microtask what was entered is in the database for good, or not
 * at all. Where one was kept a moment ago it waits a little; closing the project keeps it in any case.
 */
export function auditHeadMoved(db: ReadableDatabase): void {
  const project = projects.get(db);
  if (!project || project.waiting) return;
  project.waiting = true;
  const save = (): void => {
    project.waiting = false;
    saveAuditHead(db);
  };
  const wait = project.savedAt + SAVED_EVERY_MS - performance.now();
  if (wait <= 0) queueMicrotask(save);
  else setTimeout(save, wait).unref();
}

/**
 * Keeps the head now. One that this trail does not lead on from stays as it is: it is the proof that entries are gone. Where the folder
 * cannot be written to, the head stays behind, which a check says.
 */
export function saveAuditHead(db: ReadableDatabase): void {
  const project = projects.get(db);
  if (!project || !db.open || db.inTransaction) return;
  const last = lastAuditEntry(db);
  const kept = readAuditHead(project.id);
  if (!last || (kept && (kept.seq === last.seq || !hasAuditEntry(db, kept)))) return;
  project.savedAt = performance.now();
  try {
    writeFileAtomic(headPath(project.id), `${JSON.stringify(last)}\n`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}
