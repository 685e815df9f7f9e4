import { readdirSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importFolder } from '../../src-main/cohort/index.ts';
import { listInstances } from '../../src-main/store/index.ts';
import { picture, useWorkplace, writeImage } from '../cohort/fixtures.ts';
import { openDesk, type OpenDesk } from './fixtures.ts';

const place = useWorkplace();
let open: OpenDesk;
let ids: number[];

beforeEach(async () => {
  await writeImage(place.path('data', 'a'), { PatientID: 'A' }, picture(1, { rows: 400, columns: 200 }));
  await writeImage(
    place.path('data', 'b'),
    { PatientID: 'A', PixelSpacing: '2\\1' },
    picture(2, { rows: 40, columns: 40 }),
  );
  await writeImage(place.path('data', 'c'), { PatientID: 'B' });
  await importFolder(place.project, place.path('data'), { workers: 1 });
  ids = listInstances(place.project.db).map(({ id }) => id);
  place.project.close();
  open = await openDesk(place.path('project'));
});
afterEach(() => open.close());

const shape = (body: Uint8Array): { width: number; height: number } => {
  const bytes = Buffer.from(body);
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
};

const kept = (): string[] =>
  readdirSync(place.path('project', 'cache', 'thumbnails'), { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.png'),
  );

describe('a thumbnail', () => {
  it('is a PNG of at most 160 pixels a side, in the physical shape of the image', async () => {
    const large = await open.desk.resource(`/thumbnails/${ids[0]}/0`);
    expect(large).toMatchObject({ status: 200, type: 'image/png' });
    expect(shape(large.body)).toEqual({ width: 80, height: 160 });
    const spaced = await open.desk.resource(`/thumbnails/${ids[1]}/0`);
    expect(shape(spaced.body)).toEqual({ width: 40, height: 80 });
  });

  it('is made once, and afterwards needs no file', async () => {
    const first = await open.desk.resource(`/thumbnails/${ids[2]}/0`);
    writeFileSync(place.path('data', 'c'), 'gone');
    const second = await open.desk.resource(`/thumbnails/${ids[2]}/0`);
    expect(Buffer.from(second.body).equals(Buffer.from(first.body))).toBe(true);
    expect(kept()).toHaveLength(1);
  });

  it('that cannot be made says why, each time', async () => {
    writeFileSync(place.path('data', 'c'), 'gone');
    for (let time = 0; time < 2; time++) {
      expect(await open.desk.resource(`/thumbnails/${ids[2]}/0`)).toMatchObject({
        status: 422,
        type: 'application/json',
      });
    }
    expect(await open.desk.resource('/thumbnails/999999/0')).toMatchObject({ status: 422 });
  });

  it('is not made when nobody waits for it any more', async () => {
    const answer = await open.desk.resource(`/thumbnails/${ids[0]}/0`, AbortSignal.abort());
    expect(answer.status).toBe(422);
    expect(await open.desk.resource(`/thumbnails/${ids[0]}/0`)).toMatchObject({ status: 200 });
  });
});
