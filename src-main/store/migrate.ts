import type Database from 'better-sqlite3';
import { GraftError } from '../contract/errors.ts';

/** One step of the schema. Once released it is never changed: the next change is the next file. */
export interface Migration {
  /** 1, 2, 3 … without gaps. */
  version: number;
  /** What it brings, in a few words. */
  name: string;
  sql: string;
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
  for (const { version, sql } of migrations) {
    if (version <= current || version > to) continue;
    db.transaction(() => {
      db.exec(sql);
      db.pragma(`user_version = ${version}`);
    })();
  }
}

function checkNumbering(migrations: readonly Migration[]): void {
  const wrong = migrations.findIndex(({ version }, index) => version !== index + 1);
  if (wrong >= 0) {
    throw new GraftError('migrations-misnumbered', `Migration ${wrong + 1} has another number.`, {
      kind: 'bug',
    });
  }
}
