import { mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { RecentProject } from '../../contract/calls/projects.ts';
import { writeFileAtomic } from '../../platform/files.ts';
import { configurationFolder, isProject } from '../../store/index.ts';

const KEPT = 20;

const stored = z.array(z.object({ name: z.string(), folder: z.string(), openedAt: z.string() }));

const path = (): string => join(configurationFolder(), 'recent-projects.json');

/** Projects opened on this machine, the latest first. A list that cannot be read counts as empty: it is a convenience. */
export function recentProjects(): RecentProject[] {
  return read().map((one) => ({ ...one, there: isProject(one.folder) }));
}

export function rememberProject({ name, folder }: { name: string; folder: string }): void {
  const others = read().filter((one) => one.folder !== folder);
  write([{ name, folder, openedAt: new Date().toISOString() }, ...others].slice(0, KEPT));
}

/** Takes a project off the list; its folder stays as it is. */
export function forgetProject(folder: string): void {
  write(read().filter((one) => one.folder !== resolve(folder)));
}

function read(): z.output<typeof stored> {
  try {
    return stored.parse(JSON.parse(readFileSync(path(), 'utf8')));
  } catch {
    return [];
  }
}

function write(projects: z.output<typeof stored>): void {
  mkdirSync(configurationFolder(), { recursive: true, mode: 0o700 });
  writeFileAtomic(path(), `${JSON.stringify(projects, null, 2)}\n`);
}
