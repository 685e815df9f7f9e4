import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { GraftError } from '../contract/errors.ts';
import { migrate, schemaVersion } from './migrate.ts';
import { migrations } from './migrations/index.ts';

declare const readable: unique symbol;
declare const writable: unique symbol;

/** A connection that queries may read from. */
export type ReadableDatabase = Database.Database & { readonly [readable]: true };
/** The one connection that may change the project as well. */
export type WritableDatabase = ReadableDatabase & { readonly [writable]: true };

const newest = migrations.at(-1)?.version ?? 0;
const cacheKiB = 16_384;

/**
 * Opens a database for writing, makes it where it is missing, and brings it to the newest version.
 *
 * @throws GraftError `project-too-new`, `project-damaged`
 */
export function openWritableDatabase(path: string): WritableDatabase {
  return opened(path, {}, (db) => {
    db.pragma('journal_mode = WAL');
    // A commit may be lost with the power, never the file: an import that is run again finds what is missing.
    db.pragma('synchronous = NORMAL');
    db.pragma('foreign_keys = ON');
    db.pragma(`cache_size = -${cacheKiB}`);
    migrate(db, migrations);
  }) as WritableDatabase;
}

/**
 * Opens a database that is there for reading alone; a writer in another process does not disturb it.
 *
 * @throws GraftError `project-too-new`, `project-too-old`, `project-damaged`, `project-missing`
 */
export function openReadableDatabase(path: string): ReadableDatabase {
  if (!existsSync(path)) {
    throw new GraftError('project-missing', `Expected a project database at ${path}; there is none.`);
  }
  return opened(path, { readonly: true }, (db) => {
    if (schemaVersion(db, newest) < newest) {
      throw new GraftError(
        'project-too-old',
        'The project was made by an older Graft; open it once for writing to bring it up to date.',
      );
    }
  }) as ReadableDatabase;
}

function opened(
  path: string,
  options: Database.Options,
  prepare: (db: Database.Database) => void,
): Database.Database {
  const db = new Database(path, options);
  try {
    db.pragma('busy_timeout = 5000');
    prepare(db);
    return db;
  } catch (error) {
    db.close();
    if (error instanceof GraftError || !(error instanceof Error)) throw error;
    const code = (error as { code?: string }).code ?? '';
    if (code !== 'SQLITE_NOTADB' && !code.startsWith('SQLITE_CORRUPT')) throw error;
    throw new GraftError(
      'project-damaged',
      `Expected a project database at ${path}, found a file that SQLite cannot read; put a backup of it in its place.`,
      { cause: error },
    );
  }
}

/** Runs `work` in one transaction: all of it is kept, or none. */
export function transaction<Result>(db: WritableDatabase, work: () => Result): Result {
  return db.transaction(work)();
}
