import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const cli = fileURLToPath(new URL('../../src-main/shell/cli/main.ts', import.meta.url));
const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const calls = [...readme.matchAll(/npx graft ([a-z][a-z-]*)( [^\n`]*)?/g)];

/** What the help of a command names; each command is asked once. */
const helps = new Map<string, string>();
function help(command: string[]): string {
  const name = command.join(' ');
  const known =
    helps.get(name) ?? spawnSync(process.execPath, [cli, ...command, '--help'], { encoding: 'utf8' }).stdout;
  helps.set(name, known);
  return known;
}

test('the README shows only commands and options that exist', () => {
  expect(calls.length).toBeGreaterThan(8);
  for (const [call, command, rest = ''] of calls) {
    expect(help([command]), call).toContain(`Usage: graft ${command}`);
    // `models add` has options of its own.
    const [word] = rest.trim().split(/\s+/);
    const nested = help([command]).includes(`\n  ${word} [options]`) ? [command, word] : [command];
    for (const [option] of rest.matchAll(/--[a-z-]+/g))
      if (option !== '--help') expect(help(nested), call).toContain(option);
  }
});
