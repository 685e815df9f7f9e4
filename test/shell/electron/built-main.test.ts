import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeSampleHospitals } from '../../../src-main/samples/index.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Runs in a Node of its own, on what was built: its workers must be found beside it, and its resources above it. */
const PROGRAM = `
  const { createDesk } = await import(process.argv[1]);
  const desk = createDesk();
  const ask = async (name, input) => {
    const answer = await desk.call(name, input);
    if (!answer.ok) throw new Error(answer.error.message);
    return answer.value;
  };
  const done = Promise.withResolvers();
  desk.listen((event) => {
    if (event.kind === 'job' && ['done', 'failed'].includes(event.job.state)) done.resolve(event.job);
  });
  await ask('projects.create', { folder: process.argv[2], name: 'built' });
  await ask('data.import', { folder: process.argv[3] });
  const job = await done.promise;
  const { rows } = await ask('data.browse', {});
  const frame = await desk.resource('/frames/' + rows[0].instanceId + '/0');
  const { library } = await ask('models.list', null);
  const { version } = await ask('shell.capabilities', null);
  console.log(JSON.stringify({
    state: job.state, status: frame.status, bytes: frame.body.length > 0,
    pretrained: library.find(({ name }) => name === 'starter').pretrained, version,
  }));
  await desk.close();
  process.exit(0);
`;

describe('what is built for Electron', () => {
  const folder = mkdtempSync(join(tmpdir(), 'graft-built-'));
  beforeAll(async () => {
    execFileSync(process.execPath, [join(root, 'build', 'build-main.mjs')], { cwd: root, stdio: 'pipe' });
    await writeSampleHospitals(join(folder, 'data'), { patientsPerHospital: 3 });
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  it('finds its workers, its resources and its version', () => {
    const built = join(root, 'out', 'main', 'app', 'index.js');
    const said = execFileSync(
      process.execPath,
      ['--input-type=module', '--eval', PROGRAM, built, join(folder, 'project'), join(folder, 'data')],
      { env: { ...process.env, GRAFT_HOME: join(folder, 'home') }, encoding: 'utf8' },
    );
    expect(JSON.parse(said.trim().split('\n').at(-1)!)).toEqual({
      state: 'done',
      status: 200,
      bytes: true,
      pretrained: true,
      version: '0.1.0',
    });
  }, 60_000);
});
