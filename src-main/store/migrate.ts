import type Database from 'better-sqlite3';
import { GraftError } from '../contract/errors.ts';

/** One step of the schema. Once released it is never changed: the next change is the next file. */
export interface Migration {
  /** 1, 2, 3 … without gaps. */
  version: number;
  /** What it brings, in a few words. */
  name: string;
  sql: string;
  /** Whether it makes a table anew that others refer to, which they must not notice: SQLite’s own procedure for what ALTER TABLE cannot do. */
  rebuilds?: boolean;
}

/**
 * The schema's version, kept in `user_version`.
 *
 * @throws GraftError `project-too-new` where a later Graft has made the database
 */
export function schemaVersion(db: Database.Database, newest: number): number {
  const version = db.pragma('user_version', { simple: true }) as number;
  if (version <= newest) return version;
  throw new GraftError(
    'project-too-new',
    `The project has schema version ${version}, this Graft knows versions up to ${newest}; open it with a newer Graft.`,
  );
}

/** Brings a database up to `to` (default the last migration), each step in a transaction of its own. */
export function migrate(db: Database.Database, migrations: readonly Migration[], to = Infinity): void {
  checkNumbering(migrations);
  const current = schemaVersion(db, migrations.length);
  const enforced = db.pragma('foreign_keys', { simple: true }) as number;
  for (const { version, sql, rebuilds = false } of migrations) {
    if (version <= current || version > to) continue;
    // Dropping a table would take along what refers to it; the setting cannot be changed within a transaction.
    if (rebuilds) db.pragma('foreign_keys = OFF');
    try {
      db.transaction(() => {
        db.exec(sql);
        if (rebuilds) checkReferences(db, version);
        db.pragma(`user_version = ${version}`);
      })();
    } finally {
      if (rebuilds) db.pragma(`foreign_keys = ${enforced}`);
    }
  }
}

function checkReferences(db: Database.Database, version: number): void {
  const broken = db.pragma('foreign_key_check') as unknown[];
  if (broken.length === 0) return;
  throw new GraftError('migration-broke-references', `Migration ${version} left references to nothing.`, {
    kind: 'bug',
  });
}

function checkNumbering(migrations: readonly Migration[]): void {
  const wrong = migrations.findIndex(({ version }, index) => version !== index + 1);
  if (wrong >= 0) {
    throw new GraftError('migrations-misnumbered', `Migration ${wrong + 1} has another number.`, {
      kind: 'bug',
    });
  }
}
