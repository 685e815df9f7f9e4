import { rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSplit, importFolder, prepareDataset } from '../../src-main/cohort/index.ts';
import { openImageSource } from '../../src-main/jobs/image-source.ts';
import { picture, useWorkplace, writeImage } from '../cohort/fixtures.ts';

const place = useWorkplace();

async function checksum(): Promise<string> {
  await importFolder(place.project, place.path('data'), {
    workers: 1,
    labels: place.path('data', 'labels.csv'),
  });
  const split = createSplit(place.project, { fractions: { train: 1, validation: 0, test: 0 } });
  const dataset = await prepareDataset(
    place.project,
    split.id,
    { height: 8, width: 8, channels: 1 },
    { workers: 1 },
  );
  const images = openImageSource(dataset);
  images.close();
  return images.checksum;
}

describe('the checksum of a dataset’s images', () => {
  it('stays when the cache is made again, and changes with the content of a file', async () => {
    const write = (seed: number): Promise<void> =>
      writeImage(place.path('data', 'one'), { SOPInstanceUID: '2.25.1', PatientID: 'one' }, picture(seed));
    await write(1);
    await writeImage(place.path('data', 'two'), { SOPInstanceUID: '2.25.2', PatientID: 'two' }, picture(9));
    utimesSync(place.path('data', 'one'), 1_000, 1_000);
    writeFileSync(place.path('data', 'labels.csv'), 'path,label\none,x\ntwo,y\n');
    const first = await checksum();
    const deleteCache = (): void => rmSync(join(place.project.paths.cache), { recursive: true });
    deleteCache();
    expect(await checksum()).toBe(first);
    await write(2);
    deleteCache();
    expect(await checksum()).not.toBe(first);
  });
});
