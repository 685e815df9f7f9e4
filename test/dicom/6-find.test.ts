import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findFiles, type FindOptions } from '../../src-main/dicom/index.ts';
import { temporaryFolder } from './files.ts';

const folder = temporaryFolder();

async function found(root: string, options?: FindOptions): Promise<string[]> {
  const paths: string[] = [];
  for await (const file of findFiles(root, options))
    paths.push(relative(root, file.path).replaceAll('\\', '/'));
  return paths;
}

function tree(name: string, files: string[]): string {
  const root = join(folder, name);
  for (const file of files) {
    mkdirSync(join(root, file, '..'), { recursive: true });
    writeFileSync(join(root, file), file);
  }
  return root;
}

describe('looking for files', () => {
  it('finds every file, whatever its name, in the same order each time', async () => {
    const root = tree('any', ['b/IM0001', 'a.dcm', 'b/c/.hidden', 'b/x.txt', 'DICOMDIR', 'ä ö.dcm']);
    const expected = ['DICOMDIR', 'a.dcm', 'b/IM0001', 'b/c/.hidden', 'b/x.txt', 'ä ö.dcm'];
    expect((await found(root)).toSorted()).toEqual(expected.toSorted());
    expect(await found(root)).toEqual(await found(root));
  });

  it('tells size and time of change', async () => {
    const root = tree('size', ['one']);
    for await (const file of findFiles(root)) {
      expect(file.size).toBe(3);
      expect(Math.abs(file.mtimeMs - Date.now())).toBeLessThan(60_000);
    }
  });

  it.skipIf(process.platform === 'win32')('follows links without walking in circles', async () => {
    const root = tree('links', ['a/one', 'b/two']);
    symlinkSync(root, join(root, 'a', 'up'));
    symlinkSync(join(root, 'b', 'two'), join(root, 'a', 'link'));
    symlinkSync(join(root, 'nowhere'), join(root, 'a', 'broken'));
    const unreadable: string[] = [];
    const paths = await found(root, { onUnreadable: (path) => unreadable.push(relative(root, path)) });
    expect(paths.toSorted()).toEqual(['a/link', 'a/one', 'b/two']);
    expect(unreadable).toEqual(['a/broken']);
  });

  // The superuser may read everything.
  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
    'goes on past a folder that it may not read',
    async () => {
      const root = tree('closed', ['a/one', 'shut/two', 'z/three']);
      chmodSync(join(root, 'shut'), 0);
      const unreadable: string[] = [];
      const paths = await found(root, { onUnreadable: (path) => unreadable.push(relative(root, path)) });
      chmodSync(join(root, 'shut'), 0o755);
      expect(paths).toEqual(['a/one', 'z/three']);
      expect(unreadable).toEqual(['shut']);
    },
  );

  it('says so when the folder itself is not there', async () => {
    await expect(found(join(folder, 'absent'))).rejects.toMatchObject({ code: 'folder-unreadable' });
  });

  it('stops when it is cancelled', async () => {
    const root = tree('many', ['1', '2', '3', '4']);
    const stop = new AbortController();
    let count = 0;
    const walk = async (): Promise<void> => {
      for await (const file of findFiles(root, { signal: stop.signal })) {
        expect(file.size).toBe(1);
        if (++count === 2) stop.abort();
      }
    };
    await expect(walk()).rejects.toMatchObject({ kind: 'cancelled' });
    expect(count).toBe(2);
  });
});
