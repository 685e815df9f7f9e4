import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { z } from 'zod';
import { GraftError } from '../contract/errors.ts';
import { writeFileAtomic } from '../platform/files.ts';

const owner = z.object({ pid: z.number(), host: z.string(), since: z.string() });

/** Held as long as the project is open for writing. */
export interface WriterLock {
  release(): void;
}

/**
 * Makes this process the only one that writes to a project. The lock is one that the system takes back when the
 * process ends, however it ends (an exclusive transaction in a small database beside the real one), so that none is
 * ever left behind.
 *
 * @throws GraftError `project-in-use`
 */
export function lockForWriting(folder: string): WriterLock {
  const db = new Database(join(folder, 'graft.lock'), { timeout: 0 });
  const ownerPath = join(folder, 'graft.lock.json');
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (!String((error as { code?: string }).code).startsWith('SQLITE_BUSY')) throw error;
    throw new GraftError(
      'project-in-use',
      `Expected to be the only one writing to ${folder}; ${describeOwner(ownerPath)} has it open. Wait for it to end, or close it.`,
    );
  }
  const since = new Date().toISOString();
  writeFileAtomic(ownerPath, JSON.stringify({ pid: process.pid, host: hostname(), since }));
  return { release: () => db.close() };
}

function describeOwner(path: string): string {
  try {
    const { pid, host, since } = owner.parse(JSON.parse(readFileSync(path, 'utf8')));
    return `another Graft (process ${pid} on ${host}, since ${since})`;
  } catch {
    return 'another Graft';
  }
}
