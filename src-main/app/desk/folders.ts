import { existsSync, readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, extname, join, parse, resolve } from 'node:path';
import type { FolderListing } from '../../contract/calls/projects.ts';
import { GraftError } from '../../contract/errors.ts';
import { isProject } from '../../store/index.ts';

/**
 * What lies in a folder, for the page's own folder browser. Hidden entries are left out.
 *
 * @param folder default the home folder
 * @param extensions files with one of these endings are listed too
 * @throws GraftError `folder-unreadable`
 */
export function listFolder(folder: string | undefined, extensions: readonly string[]): FolderListing {
  const path = resolve(folder ?? homedir());
  const entries = readEntries(path);
  const wanted = new Set(extensions.map((one) => `.${one.toLowerCase()}`));
  const folders = entries.filter(({ kind }) => kind === 'folder');
  const files = entries.filter(
    ({ kind, name }) => kind === 'file' && wanted.has(extname(name).toLowerCase()),
  );
  return {
    folder: path,
    parent: dirname(path) === path ? null : dirname(path),
    folders: folders.map(({ name }) => {
      const at = join(path, name);
      return { name, path: at, isProject: isProject(at) };
    }),
    files: files.map(({ name }) => {
      const at = join(path, name);
      return { name, path: at, bytes: statSync(at, { throwIfNoEntry: false })?.size ?? 0 };
    }),
    places: places(),
  };
}

function readEntries(path: string): { name: string; kind: 'folder' | 'file' }[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter(({ name }) => !name.startsWith('.'))
      .flatMap((entry) => {
        // A link counts as what it leads to; one that leads nowhere is left out.
        const target = entry.isSymbolicLink()
          ? statSync(join(path, entry.name), { throwIfNoEntry: false })
          : entry;
        if (!target) return [];
        return [{ name: entry.name, kind: target.isDirectory() ? ('folder' as const) : ('file' as const) }];
      })
      .sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
  } catch (cause) {
    throw new GraftError(
      'folder-unreadable',
      `Expected a folder that can be read, found ${path}, which is missing or not allowed. Choose another folder.`,
      { cause },
    );
  }
}

function places(): FolderListing['places'] {
  const home = homedir();
  const candidates = [
    { name: 'Home', path: home },
    ...['Desktop', 'Documents', 'Downloads'].map((name) => ({ name, path: join(home, name) })),
    ...['/media', '/mnt', '/Volumes'].map((path) => ({ name: path, path })),
    { name: 'Computer', path: parse(home).root },
  ];
  return candidates.filter(({ path }) => existsSync(path));
}
