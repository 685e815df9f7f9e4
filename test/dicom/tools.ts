import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where a program of the system lies; null where it is not installed. */
export function programPath(name: string): string | null {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  for (const folder of folders) {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {
      // Looked for in the next one.
    }
  }
  return null;
}

/**
 * Whether tests that need programs of Debian's shall be left out because one is not there, which is then said. In CI they never are: a
 * missing program is a failure there.
 */
export function leftOut(what: string, packages: Record<string, string>): boolean {
  const missing = Object.keys(packages).filter((name) => programPath(name) === null);
  if (missing.length === 0 || process.env.CI === 'true') return false;
  process.stderr.write(
    `Not tested: ${what}, for ${missing.join(' and ')} is not installed (apt-get install ${missing.map((name) => packages[name]).join(' ')}).\n`,
  );
  return true;
}

/** What dciodvfy finds wrong in a file; warnings do not count, as a private coding scheme is one. */
export function dciodvfyErrors(path: string): string[] {
  const { stdout, stderr, error } = spawnSync(programPath('dciodvfy') ?? 'dciodvfy', ['-new', path], {
    encoding: 'utf8',
  });
  if (error) throw error;
  return `${stdout}\n${stderr}`.split('\n').filter((line) => line.startsWith('Error'));
}

/** Which kind of object dciodvfy takes a file for. */
export function dciodvfyKind(path: string): string {
  const { stdout, stderr } = spawnSync(programPath('dciodvfy') ?? 'dciodvfy', ['-new', path], {
    encoding: 'utf8',
  });
  return /^(\w+)$/m.exec(`${stdout}\n${stderr}`)?.[1] ?? '';
}
