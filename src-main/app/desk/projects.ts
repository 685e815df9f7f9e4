import { existsSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import type { OpenProject, projectCalls } from '../../contract/calls/projects.ts';
import { GraftError } from '../../contract/errors.ts';
import { configurationFolder, isProject } from '../../store/index.ts';
import { projectFigures } from '../../store/project-figures.ts';
import { graftVersion } from '../environment.ts';
import { importFolder, labelImages } from '../import-folder.ts';
import { writeSampleHospitals } from '../../samples/index.ts';
import type { Desk, Handlers } from './desk.ts';
import { listFolder } from './folders.ts';
import { forgetProject, recentProjects, rememberProject } from './recent-projects.ts';

export const projectHandlers: Handlers<typeof projectCalls> = {
  'projects.current': (_, desk) => (desk.isOpen ? describeProject(desk) : null),
  'projects.recent': () => recentProjects(),
  'projects.create': async ({ folder, name }, desk) => {
    if (isProject(folder)) {
      throw new GraftError(
        'project-exists',
        `Expected no project in ${resolve(folder)}, found one. Open it instead.`,
      );
    }
    await desk.open(folder, { create: true, name });
    return opened(desk);
  },
  'projects.open': async ({ folder }, desk) => {
    // A project that is open already would refuse itself as in use.
    if (!(desk.isOpen && resolve(folder) === desk.session.project.folder)) await desk.open(folder);
    return opened(desk);
  },
  'projects.close': async (_, desk) => {
    await desk.close();
    return null;
  },
  'projects.forget': ({ folder }) => {
    forgetProject(folder);
    return null;
  },
  'projects.sample': async ({ folder }, desk) => {
    const root = folder ?? freeFolder(join(configurationFolder(), 'samples'));
    await desk.open(join(root, 'project'), { create: true, name: 'Two drawn hospitals' });
    const project = opened(desk);
    const job = desk.startJob(
      { kind: 'sample', title: 'Drawing and importing two sample hospitals' },
      async (session, reporting) => {
        const { folders, labels } = await writeSampleHospitals(join(root, 'data'), reporting);
        for (const one of [folders.a, folders.b]) await importFolder(session, one, {}, reporting);
        await labelImages(session, labels);
        desk.forgetBrowser();
        desk.tell({ kind: 'changed', what: 'images' });
        desk.tell({ kind: 'changed', what: 'labels' });
        desk.tell({ kind: 'project', project: describeProject(desk) });
      },
    );
    return { project, job };
  },
  'shell.capabilities': (_, { shell }) => {
    const processors = cpus();
    const cpu = processors[0]?.model.trim() ?? 'unknown processor';
    return {
      nativeDialogs: shell.choose !== undefined,
      reveal: shell.reveal !== undefined,
      version: graftVersion(),
      platform: `${process.platform}-${process.arch}`,
      cores: processors.length,
      memory: totalmem(),
      device: `CPU (${cpu}, ${processors.length} cores)`,
    };
  },
  'shell.choose': async (request, { shell }) => {
    if (shell.choose) return shell.choose(request);
    throw noSuchService('a dialog of the system');
  },
  'shell.reveal': ({ path }, { shell }) => {
    if (!shell.reveal) throw noSuchService('a file manager');
    shell.reveal(path);
    return null;
  },
  'shell.folders': ({ folder, extensions }) => listFolder(folder, extensions),
};

/** Remembers the project just opened, and tells everybody. */
function opened(desk: Desk): OpenProject {
  const project = describeProject(desk);
  rememberProject(project);
  desk.tell({ kind: 'project', project });
  return project;
}

/** The open project with its figures. */
export function describeProject({ session: { project } }: Desk): OpenProject {
  const { id, name, folder, db } = project;
  return { id, name, folder, ...projectFigures(db) };
}

function freeFolder(root: string): string {
  for (let number = 1; ; number++) {
    const folder = join(root, `two-hospitals-${number}`);
    if (!existsSync(folder)) return folder;
  }
}

const noSuchService = (what: string): GraftError =>
  new GraftError('shell-cannot', `Expected ${what}, which this shell does not have.`, { kind: 'bug' });
