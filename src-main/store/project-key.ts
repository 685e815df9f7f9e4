import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { GraftError } from '../contract/errors.ts';

/**
 * The person's own configuration folder: GRAFT_HOME; else XDG_CONFIG_HOME/graft or ~/.config/graft, on Windows
 * %APPDATA%\\Graft, on macOS ~/Library/Application Support/Graft.
 */
export function configurationFolder(environment: NodeJS.ProcessEnv = process.env): string {
  if (environment.GRAFT_HOME) return environment.GRAFT_HOME;
  if (process.platform === 'win32') {
    return join(environment.APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'Graft');
  }
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Graft');
  return join(environment.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'graft');
}

const keyPath = (projectId: string): string => join(configurationFolder(), 'keys', `${projectId}.key`);
const keyBytes = 32;

/**
 * A fresh key for a project. It lies outside the project's folder and only its owner may read it: who is handed the
 * folder cannot find out whose images they are by trying patient identifiers.
 */
export function createProjectKey(projectId: string): Buffer {
  const path = keyPath(projectId);
  mkdirSync(join(configurationFolder(), 'keys'), { recursive: true, mode: 0o700 });
  const key = randomBytes(keyBytes);
  writeFileSync(path, `${key.toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
  return key;
}

/** @throws GraftError `project-key-missing`, `project-key-damaged` */
export function readProjectKey(projectId: string): Buffer {
  const path = keyPath(projectId);
  if (!existsSync(path)) {
    throw new GraftError(
      'project-key-missing',
      `Expected this project's key at ${path}; there is none, so patients cannot be recognised. Copy the key file from the machine the project was made on, or import into a new project.`,
    );
  }
  const key = Buffer.from(readFileSync(path, 'utf8').trim(), 'hex');
  if (key.length === keyBytes) return key;
  throw new GraftError(
    'project-key-damaged',
    `Expected a key of ${keyBytes} bytes in ${path}, found ${key.length}; restore the file from a backup.`,
  );
}

/** After this, nobody can tell any more which patients the project's images are of. */
export function removeProjectKey(projectId: string): void {
  rmSync(keyPath(projectId), { force: true });
}

/** HMAC-SHA256 of an identifier, 64 hex digits. `kind` keeps identifiers of different kinds apart. */
export function hashIdentifier(key: Buffer, kind: 'patient' | 'study' | 'file', identifier: string): string {
  return createHmac('sha256', key).update(`${kind}\0${identifier}`).digest('hex');
}
