import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const STAMP = '.graft-stamp';

/**
 * Why the packages in `root` have to be installed, in words for the terminal, or null when everything is there.
 * The stamp in node_modules holds the hash of the package-lock.json that was installed last.
 */
export function reasonToInstall(root) {
  if (!existsSync(join(root, 'package-lock.json'))) return null;
  if (!existsSync(join(root, 'node_modules'))) return 'first start';
  const stamp = join(root, 'node_modules', STAMP);
  if (!existsSync(stamp)) return 'the last installation did not finish';
  if (readFileSync(stamp, 'utf8').trim() !== lockHash(root)) return 'package-lock.json has changed';
  return null;
}

/**
 * Installs what package-lock.json names. A missing node_modules is filled by `npm ci`. An outdated one is brought
 * up to date by `npm install`, because `ci` would delete the Node that a running Graft is using. Each is the
 * other's fallback. Returns true when one of them succeeded.
 */
export function install(root, run = runNpm) {
  const flags = ['--include=dev', '--include=optional', '--no-fund', '--no-audit', '--loglevel=error'];
  const fresh = !existsSync(join(root, 'node_modules'));
  const verbs = fresh ? ['ci', 'install'] : ['install', 'ci'];
  for (const verb of verbs) {
    if (!run([verb, ...flags], root)) continue;
    mkdirSync(join(root, 'node_modules'), { recursive: true });
    linkOwnCommand(root);
    writeFileSync(join(root, 'node_modules', STAMP), `${lockHash(root)}\n`);
    return true;
  }
  return false;
}

export function lockHash(root) {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

/** `npx graft` inside the clone looks in node_modules/.bin first, where npm puts only other packages' commands. */
function linkOwnCommand(root) {
  const folder = join(root, 'node_modules', '.bin');
  mkdirSync(folder, { recursive: true });
  if (process.platform === 'win32') {
    writeFileSync(join(folder, 'graft.cmd'), '@node "%~dp0..\\..\\build\\graft.mjs" %*\r\n');
    return;
  }
  rmSync(join(folder, 'graft'), { force: true });
  symlinkSync(join('..', '..', 'build', 'graft.mjs'), join(folder, 'graft'));
}

/** npm's words go to stderr: stdout belongs to the command that was asked for. */
function runNpm(args, root) {
  const script = process.env.npm_execpath;
  const options = { cwd: root, stdio: ['ignore', 2, 2] };
  const viaNode = script && /npm-cli\.[cm]?js$/.test(script) && existsSync(script);
  const result = viaNode
    ? spawnSync(process.execPath, [script, ...args], options)
    : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
  return result.status === 0;
}
