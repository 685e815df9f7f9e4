import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeZip } from '../../src-main/platform/zip-writer.ts';

const folder = mkdtempSync(join(tmpdir(), 'graft-zip-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('an archive', () => {
  it('of more than its format can hold is refused before anything is written', async () => {
    const large = join(folder, 'weights');
    writeFileSync(large, '');
    // Nothing of it lies on the disk.
    truncateSync(large, 2 ** 32);
    const archive = join(folder, 'study.capsule');
    await expect(writeZip(archive, [{ name: 'weights', path: large }])).rejects.toMatchObject({
      code: 'archive-too-large',
      kind: 'expected',
    });
    expect(readdirSync(folder)).toEqual(['weights']);
  });
});
