import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const cli = fileURLToPath(new URL('../../src-main/shell/cli/main.ts', import.meta.url));
const main = [
  'import',
  'label',
  'problems',
  'split',
  'train',
  'evaluate',
  'plan-size',
  'learning-curve',
  'report',
  'export',
  'runs',
  'models',
  'audit',
  'export-dicom',
  'capsule',
  'verify',
];

describe('the command line', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'graft-cli-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function graft(...args: string[]) {
    return spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', cli, ...args], {
      encoding: 'utf8',
      cwd: folder,
      env: { ...process.env, GRAFT_HOME: join(folder, 'home') },
    });
  }

  test('explains itself and names every command', () => {
    const { status, stdout } = graft('--help');
    expect(status).toBe(0);
    for (const name of [...main, 'demo']) expect(stdout).toContain(`\n  ${name} `);
  });

  test.each(main)('teaches %s by example', (name) => {
    const { status, stdout } = graft(name, '--help');
    expect(status).toBe(0);
    expect(stdout).toContain(`graft ${name}`);
    expect(stdout).toContain('Examples:');
  });

  test.each([
    [['trian'], 'unknown command'],
    [['train', '--epochs', 'many'], 'whole number'],
    [['train', '--where', 'Manufacturer'], 'attribute=value'],
    [['train', '--where', 'PatientName=x'], 'PatientName'],
    [['split', '--fractions', '70/30'], '70/15/15'],
    [['export', '--format', 'pmml'], 'onnx, tfjs, folder'],
    [['train', '--weights', './nowhere'], 'no folder'],
    [['evaluate', '--threshold', 'sensitivity:95'], 'Shares lie between 0 and 1'],
    [['evaluate', '--subgroups', 'PatientName'], 'Found "PatientName"'],
    [['evaluate', '--unit', 'slice'], 'image, series, patient'],
    [['plan-size', '--difference', '0.05'], '--discordant'],
    [['plan-size', '--point', '80'], 'patients:score'],
    [['learning-curve', '--shares', '0,2'], 'shares above 0'],
  ])('ends with 2 on wrong usage and says what was expected: %j', (args, words) => {
    const { status, stderr } = graft(...args);
    expect(stderr).toContain(words);
    expect(stderr).not.toContain('    at ');
    expect(status).toBe(2);
  });

  test('ends with 1 when there is no project, in one sentence with its code', () => {
    const { status, stdout, stderr } = graft('runs', '--project', 'nowhere');
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('[project-missing]');
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  test('lists the models to start from without a project, for people and as JSON', () => {
    expect(graft('models').stdout).toContain('starter');
    const { library } = JSON.parse(graft('models', '--json').stdout) as {
      library: { name: string; stages: string[] }[];
    };
    expect(library.find(({ name }) => name === 'starter')!.stages).toContain('stage3');
  });

  test('plans the size of a study without a project', () => {
    const { status, stdout } = graft('plan-size', '--difference', '0.05', '--discordant', '0.15');
    expect([status, stdout]).toEqual([
      0,
      'To find a difference of 0.05 with a power of 0.8: 469 patients.\n',
    ]);
  });
});
