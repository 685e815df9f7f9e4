import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp, type DemoOptions } from '../../src-main/app/index.ts';
import { saveSmallModel } from './small-model.script.ts';

describe('the demo', () => {
  const app = createApp();
  let folder: string;
  let options: DemoOptions;
  /** Of each project its key, and the end of its audit trail. */
  const kept = (): string[] => readdirSync(join(folder, 'home', 'keys'));
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'graft-demo-test-'));
    process.env.GRAFT_HOME = join(folder, 'home');
    saveSmallModel(join(folder, 'model'));
    options = {
      patientsPerHospital: 12,
      settings: { initial: join(folder, 'model'), epochs: 2, headEpochs: 1, threads: 1 },
      preprocessing: { height: 32, width: 32 },
    };
  });
  afterAll(() => {
    delete process.env.GRAFT_HOME;
    rmSync(folder, { recursive: true, force: true });
  });

  test('does the whole job, and again in place of an earlier one', async () => {
    const place = join(folder, 'demo');
    const first = await app.demo(place, options);
    expect(first.evaluation.results.map(({ setName }) => setName)).toEqual([
      'validation',
      'test',
      'hospital-b',
    ]);
    expect(existsSync(join(first.project, first.exported.path))).toBe(true);
    expect(kept()).toHaveLength(2);
    writeFileSync(join(place, 'notes.txt'), 'mine');
    const again = await app.demo(place, options);
    expect(app.listRuns(again.project)).toHaveLength(4);
    expect(readFileSync(join(place, 'notes.txt'), 'utf8')).toBe('mine');
    // What was kept of the project that was replaced is of no use to anybody.
    expect(kept()).toHaveLength(2);
  });

  test('touches nothing in a folder that is not a demo', async () => {
    const place = mkdtempSync(join(folder, 'other-'));
    writeFileSync(join(place, 'data'), 'precious');
    await expect(app.demo(place, options)).rejects.toMatchObject({ code: 'folder-not-empty' });
    expect(readFileSync(join(place, 'data'), 'utf8')).toBe('precious');
  });
});
