import { once } from 'node:events';
import { fork } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  configurationFolder,
  createProject,
  isProject,
  listSources,
  openProject,
  openProjectForReading,
} from '../../src-main/store/index.ts';
import { useWorkplace } from '../cohort/fixtures.ts';

const place = useWorkplace();
const failure = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  return null;
};

describe('a project', () => {
  it('is a folder with a database and a place for everything that is made', () => {
    expect(isProject(place.path('project'))).toBe(true);
    expect(readdirSync(place.path('project')).sort()).toEqual(
      expect.arrayContaining(['cache', 'graft.sqlite', 'models', 'reports', 'runs']),
    );
  });

  it('is the same project when it is opened again', () => {
    const { id, name } = place.project;
    const patient = place.project.hashPatientId('4711');
    place.project.close();
    const again = openProject(place.path('project'));
    expect({ id: again.id, name: again.name }).toEqual({ id, name });
    expect(again.hashPatientId(' 4711 ')).toBe(patient);
    again.close();
  });

  it('keeps its key outside of its folder, for its owner alone', () => {
    const path = join(configurationFolder(), 'keys', `${place.project.id}.key`);
    const key = readFileSync(path, 'utf8').trim();
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600);
    const inFolder = readdirSync(place.project.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
    expect(inFolder.length).toBeGreaterThan(0);
    expect(inFolder.some((content) => content.includes(key))).toBe(false);
  });

  it('hashes one patient differently in each project', () => {
    const other = place.anotherProject('other');
    expect(other.hashPatientId('4711')).not.toBe(place.project.hashPatientId('4711'));
  });

  it('says where the key should be when it is missing', () => {
    place.project.close();
    rmSync(join(configurationFolder(), 'keys'), { recursive: true });
    const error = failure(() => openProject(place.path('project')));
    expect(error).toMatchObject({
      code: 'project-key-missing',
      message: expect.stringContaining(configurationFolder()),
    });
    // The failed attempt leaves no lock behind.
    expect(failure(() => openProject(place.path('project')))).toMatchObject({ code: 'project-key-missing' });
  });

  it('is not made where files are, nor over another project', () => {
    expect(failure(() => createProject(place.path('project')))).toMatchObject({ code: 'project-exists' });
    expect(failure(() => createProject(place.folder))).toMatchObject({ code: 'folder-not-empty' });
  });

  it('is not opened where there is none', () => {
    expect(failure(() => openProject(place.path('nowhere')))).toMatchObject({ code: 'project-missing' });
    expect(failure(() => openProjectForReading(place.path('nowhere')))).toMatchObject({
      code: 'project-missing',
    });
  });
});

describe('writing to a project', () => {
  it('is for one at a time, and says who has it', () => {
    expect(failure(() => openProject(place.path('project')))).toMatchObject({
      code: 'project-in-use',
      message: expect.stringContaining(`process ${process.pid}`),
    });
  });

  it('is free again at once when the writer is killed', async () => {
    place.project.close();
    const script = fileURLToPath(new URL('./hold-project.script.ts', import.meta.url));
    const child = fork(script, [place.path('project')], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    await once(child, 'message');
    expect(failure(() => openProject(place.path('project')))).toMatchObject({
      code: 'project-in-use',
      message: expect.stringContaining(`process ${child.pid}`),
    });
    child.kill('SIGKILL');
    await once(child, 'exit');
    openProject(place.path('project')).close();
  });

  it('does not keep others from reading', () => {
    const reader = openProjectForReading(place.path('project'));
    place.project.db
      .prepare('INSERT INTO sources (name, path, added_at) VALUES (?, ?, ?)')
      .run('a', '/a', '2026-01-01');
    expect(listSources(reader.db)).toMatchObject([{ name: 'a' }]);
    expect(() => reader.db.exec('DELETE FROM sources')).toThrow(/readonly/);
    reader.close();
  });
});
