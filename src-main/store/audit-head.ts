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

const projects = new WeakMap<ReadableDatabase, { id: string; waiting: boolean }>();

/** From now on the head of this project's trail is kept outside, too. */
export function keepAuditHead(db: ReadableDatabase, projectId: string): void {
  projects.set(db, { id: projectId, waiting: false });
}

/**
 * Keeps the head soon: transactions are synchronous, so that by the next microtask what was entered is in the database for good, or not
 * at all.
 */
export function auditHeadMoved(db: ReadableDatabase): void {
  const project = projects.get(db);
  if (!project || project.waiting) return;
  project.waiting = true;
  queueMicrotask(() => {
    project.waiting = false;
    saveAuditHead(db);
  });
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
  try {
    writeFileAtomic(headPath(project.id), `${JSON.stringify(last)}\n`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}
