import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { GraftError } from '../contract/errors.ts';
import type { ReadableDatabase, WritableDatabase } from './database.ts';
import { openReadableDatabase, openWritableDatabase } from './database.ts';
import { beginAudit } from './audit.ts';
import { keepAuditHead, removeAuditHead, saveAuditHead } from './audit-head.ts';
import { createProjectKey, hashIdentifier, readProjectKey, removeProjectKey } from './project-key.ts';
import { lockForWriting } from './writer-lock.ts';

/** Where things lie in a project's folder, absolute. */
export interface ProjectPaths {
  database: string;
  /** Tensors and features; can be deleted, is made again. */
  cache: string;
  models: string;
  runs: string;
  reports: string;
}

/** A project open for reading. */
export interface ReadableProject {
  readonly id: string;
  readonly name: string;
  readonly folder: string;
  readonly paths: ProjectPaths;
  readonly db: ReadableDatabase;
  close(): void;
}

/** A project open for writing; no other process has it open so. */
export interface Project extends ReadableProject {
  readonly db: WritableDatabase;
  /** HMAC-SHA256 of a PatientID under the project's key, 64 hex digits. Spaces around it do not count. */
  hashPatientId(patientId: string): string;
  /** The same for what stands in for a patient where a file names none. */
  hashStandIn(kind: 'study' | 'file', identifier: string): string;
}

const row = z.object({ id: z.string(), name: z.string() });

const pathsOf = (folder: string): ProjectPaths => ({
  database: join(folder, 'graft.sqlite'),
  cache: join(folder, 'cache'),
  models: join(folder, 'models'),
  runs: join(folder, 'runs'),
  reports: join(folder, 'reports'),
});

/** Whether a folder holds a project. */
export function isProject(folder: string): boolean {
  return existsSync(pathsOf(folder).database);
}

/**
 * Makes a project in a folder that is new or empty, and opens it for writing.
 *
 * @param name default the folder's name
 * @throws GraftError `project-exists`, `folder-not-empty`
 */
export function createProject(folder: string, options: { name?: string } = {}): Project {
  const root = resolve(folder);
  if (isProject(root)) {
    throw new GraftError('project-exists', `Expected no project in ${root}, found one; open it instead.`);
  }
  if (existsSync(root) && readdirSync(root).some((name) => !name.startsWith('graft.lock'))) {
    throw new GraftError(
      'folder-not-empty',
      `Expected a new or empty folder for a project, found files in ${root}; name another folder.`,
    );
  }
  mkdirSync(root, { recursive: true });
  const lock = lockForWriting(root);
  try {
    const id = randomUUID();
    const name = options.name ?? basename(root);
    createProjectKey(id);
    const db = openWritableDatabase(pathsOf(root).database);
    db.prepare('INSERT INTO project (one, id, name, created_at) VALUES (1, ?, ?, ?)').run(
      id,
      name,
      new Date().toISOString(),
    );
    db.close();
  } finally {
    lock.release();
  }
  return openProject(root);
}

/**
 * Opens a project for writing.
 *
 * @throws GraftError `project-missing`, `project-in-use`, `project-key-missing`, `project-too-new`
 */
export function openProject(folder: string): Project {
  const root = resolve(folder);
  const paths = pathsOf(root);
  requireProject(root);
  const lock = lockForWriting(root);
  let db: WritableDatabase | undefined;
  try {
    db = openWritableDatabase(paths.database);
    const open = db;
    const { id, name } = readIdentity(open, root);
    const key = readProjectKey(id);
    keepAuditHead(open, id);
    beginAudit(open);
    saveAuditHead(open);
    for (const path of [paths.cache, paths.models, paths.runs, paths.reports]) {
      mkdirSync(path, { recursive: true });
    }
    return {
      id,
      name,
      folder: root,
      paths,
      db: open,
      hashPatientId: (patientId) => hashIdentifier(key, 'patient', patientId.trim()),
      hashStandIn: (kind, identifier) => hashIdentifier(key, kind, identifier),
      close: () => {
        saveAuditHead(open);
        open.close();
        lock.release();
      },
    };
  } catch (error) {
    db?.close();
    lock.release();
    throw error;
  }
}

/**
 * Opens a project for reading, also while another process writes to it. Needs no key.
 *
 * @throws GraftError `project-missing`, `project-too-new`, `project-too-old`
 */
export function openProjectForReading(folder: string): ReadableProject {
  const root = resolve(folder);
  requireProject(root);
  const db = openReadableDatabase(pathsOf(root).database);
  try {
    const { id, name } = readIdentity(db, root);
    return { id, name, folder: root, paths: pathsOf(root), db, close: () => db.close() };
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * Deletes the key of a project that is about to be deleted itself. Does nothing where there is no project that can be
 * read.
 */
export function deleteProjectKey(folder: string): void {
  if (!isProject(folder)) return;
  try {
    const project = openProjectForReading(folder);
    project.close();
    removeProjectKey(project.id);
    removeAuditHead(project.id);
  } catch (error) {
    if (GraftError.from(error).kind === 'bug') throw error;
  }
}

function requireProject(root: string): void {
  if (isProject(root)) return;
  throw new GraftError(
    'project-missing',
    `Expected a project (a folder with graft.sqlite) at ${root}; there is none. Import a folder of DICOM into it first.`,
  );
}

function readIdentity(db: ReadableDatabase, root: string): { id: string; name: string } {
  const found = db.prepare('SELECT id, name FROM project').get();
  if (found !== undefined) return row.parse(found);
  throw new GraftError(
    'project-damaged',
    `The project in ${root} was never finished being made; delete the folder and make it again.`,
  );
}
