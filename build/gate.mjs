// The one gate that a change passes: formatting, lint, types, layers, tests. `npm test` and CI call exactly this;
// `npm run lint` calls the static part. The last line counts the static checks and the tests together.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addCounts, countsLine, countTests } from './gate/counts.mjs';
import { toolScript } from './launcher/tools.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const CHECKS = [
  { name: 'formatting', command: ['prettier', '--check', '--log-level=warn', '.'] },
  { name: 'lint', command: ['eslint', '--max-warnings=0', '.'] },
  { name: 'types', command: ['tsc', '-p', '.'] },
  {
    name: 'page types',
    command: [
      'svelte-check',
      '--tsconfig',
      'src-renderer/tsconfig.json',
      '--fail-on-warnings',
      '--output',
      'human',
    ],
  },
  { name: 'layers', command: ['depcruise', '--output-type=err', 'src-main', 'src-renderer', 'test'] },
];

function run([tool, ...args], stdio) {
  return spawnSync(process.execPath, [toolScript(root, tool), ...args], {
    cwd: root,
    stdio,
    encoding: 'utf8',
  });
}

function staticChecks() {
  let counts = { passed: 0, failed: 0, skipped: 0 };
  for (const { name, command } of CHECKS) {
    const start = performance.now();
    const result = run(command, 'pipe');
    const good = result.status === 0;
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(`${good ? '✓' : '✗'} ${name} (${command[0]}, ${seconds} s)`);
    if (!good) console.log(`${result.stdout}${result.stderr}`.trimEnd());
    counts = addCounts(counts, { passed: good ? 1 : 0, failed: good ? 0 : 1, skipped: 0 });
  }
  return counts;
}

function tests(filters) {
  const folder = mkdtempSync(join(tmpdir(), 'graft-gate-'));
  try {
    const file = join(folder, 'tests.json');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const { status } = run(['vitest', 'run', ...reporters, ...filters], 'inherit');
    const counts = countTests(readReport(file));
    // An error outside any test (an unhandled rejection) fails vitest without failing a test.
    if (status !== 0 && counts.failed === 0) counts.failed = 1;
    return counts;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

const [first, ...others] = process.argv.slice(2);
let counts = staticChecks();
if (first !== 'lint') counts = addCounts(counts, tests(first === undefined ? [] : [first, ...others]));
console.log(countsLine(counts));
process.exitCode = counts.failed > 0 ? 1 : 0;
