import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { buildTensorCache, importFolder, TensorCacheReader } from '../../src-main/cohort/index.ts';
import { readTensorCacheIndex } from '../../src-main/cohort/tensor-cache-index.ts';
import type { PreprocessingInput } from '../../src-main/contract/dataset.ts';
import { jpegLsLossless, rleLossless } from '../../src-main/dicom/index.ts';
import {
  listInstances,
  listPixelHashes,
  listPreparationFailures,
  listTensorCaches,
  openProject,
} from '../../src-main/store/index.ts';
import { picture, useWorkplace, writeImage } from './fixtures.ts';

const place = useWorkplace();
const workers = 1;
const spec: PreprocessingInput = { height: 16, width: 12, channels: 1, intensity: { kind: 'full-range' } };
const ids = (): number[] => listInstances(place.project.db).map(({ id }) => id);

async function importImages(count: number): Promise<void> {
  for (let at = 0; at < count; at++) {
    await writeImage(
      place.path('data', String(at).padStart(3, '0')),
      { SOPInstanceUID: `2.25.${at}`, PatientID: `P${at}` },
      picture(at),
    );
  }
  await importFolder(place.project, place.path('data'), { workers });
}

/** What full-range preprocessing at the original size makes of a picture. */
function expected(seed: number): number[] {
  const values = picture(seed).data as number[];
  const low = Math.min(...values);
  const high = Math.max(...values);
  return values.map((value) => (value - low) / (high - low));
}

function expectClose(found: ArrayLike<number>, wanted: readonly number[]): void {
  expect(found.length).toBe(wanted.length);
  const worst = Math.max(...wanted.map((value, at) => Math.abs(value - found[at])));
  expect(worst).toBeLessThan(1e-5);
}

describe('the tensor cache', () => {
  it('gives back every image in [0, 1], in any order, with as many channels as asked for', async () => {
    await importImages(3);
    const report = await buildTensorCache(place.project, ids(), { ...spec, channels: 3 }, { workers });
    expect(report).toMatchObject({ images: 3, prepared: 3, failed: [] });
    const index = readTensorCacheIndex(report.path);
    const instanceIds = index?.records.map((record) => record?.instanceId) ?? [];
    const reader = TensorCacheReader.open(report.path);
    expect(reader).toMatchObject({ height: 16, width: 12, channels: 3, length: 3, sampleLength: 576 });
    const out = new Float32Array(3 * reader.sampleLength);
    reader.read([2, 0, 1], out);
    [2, 0, 1].forEach((record, at) => {
      const seed = ids().indexOf(instanceIds[record] as number);
      const wanted = expected(seed).flatMap((value) => [value, value, value]);
      expectClose(out.slice(at * reader.sampleLength, (at + 1) * reader.sampleLength), wanted);
    });
    // Grey is stored once.
    expect(statSync(report.path).size).toBe(3 * 16 * 12 * 2);
    expect(() => reader.read([3], out)).toThrow(expect.objectContaining({ code: 'tensor-index' }));
    expect(() => reader.read([0, 1, 2, 0], out)).toThrow(
      expect.objectContaining({ code: 'tensor-buffer-short' }),
    );
    reader.close();
  });

  it('makes what is there only once, and what has changed again', async () => {
    await importImages(3);
    await buildTensorCache(place.project, ids().slice(0, 2), spec, { workers });
    expect(await buildTensorCache(place.project, ids(), spec, { workers })).toMatchObject({ prepared: 1 });
    expect(await buildTensorCache(place.project, ids(), spec, { workers })).toMatchObject({
      images: 3,
      prepared: 0,
    });
    const path = place.path('data', '001');
    await writeImage(
      path,
      { SOPInstanceUID: '2.25.1', PatientID: 'P1' },
      picture(9, { rows: 32, columns: 24 }),
    );
    await importFolder(place.project, place.path('data'), { workers });
    const report = await buildTensorCache(place.project, ids(), spec, { workers });
    expect(report).toMatchObject({ images: 3, prepared: 1 });
    const places = readTensorCacheIndex(report.path)?.records.filter(
      (record) => record?.instanceId === ids()[1],
    );
    expect(places).toHaveLength(1);
    expect(listPixelHashes(place.project.db)).toHaveLength(3);
  });

  it('is another one for other settings, the same however they are put together', async () => {
    await importImages(1);
    const first = await buildTensorCache(place.project, ids(), spec, { workers });
    const { height, ...rest } = spec;
    const same = await buildTensorCache(place.project, ids(), { ...rest, height }, { workers });
    const other = await buildTensorCache(place.project, ids(), { ...spec, resize: 'crop' }, { workers });
    expect(same.path).toBe(first.path);
    expect(other.path).not.toBe(first.path);
    expect(listTensorCaches(place.project.db)).toHaveLength(2);
  });

  it('lists images that cannot be decoded, with reasons, and goes on without them', async () => {
    await importImages(3);
    truncateSync(place.path('data', '001'), statSync(place.path('data', '001')).size - 100);
    rmSync(place.path('data', '002'));
    const report = await buildTensorCache(place.project, ids(), spec, { workers });
    expect(report).toMatchObject({ images: 1, prepared: 1 });
    expect(report.failed.map(({ code }) => code).sort()).toEqual(['truncated', 'unreadable']);
    expect(report.failed.every(({ message }) => message.length > 10)).toBe(true);
    expect(listPreparationFailures(place.project.db)).toHaveLength(2);
  });

  it('takes the middle of several frames, or each as an image', async () => {
    const pixels = picture(1, { frames: 3 });
    await writeImage(place.path('data', '0'), { SOPInstanceUID: '2.25.1', PatientID: 'P' }, pixels);
    await importFolder(place.project, place.path('data'), { workers });
    await buildTensorCache(place.project, ids(), spec, { workers });
    expect(listPixelHashes(place.project.db).map(({ frameIndex }) => frameIndex)).toEqual([1]);
    const all = await buildTensorCache(place.project, ids(), { ...spec, frames: 'all' }, { workers });
    expect(all).toMatchObject({ images: 3, prepared: 3 });
    expect(new Set(listPixelHashes(place.project.db).map(({ sha256 }) => sha256)).size).toBe(3);
  });

  it('stores colour where there is any and it is asked for', async () => {
    const pixels = picture(1, { samplesPerPixel: 3, bitsAllocated: 8, bitsStored: 8 });
    await writeImage(place.path('data', '0'), { SOPInstanceUID: '2.25.1', PatientID: 'P' }, pixels);
    await importFolder(place.project, place.path('data'), { workers });
    const { path } = await buildTensorCache(place.project, ids(), { ...spec, channels: 3 }, { workers });
    const reader = TensorCacheReader.open(path);
    const out = new Float32Array(reader.sampleLength);
    reader.read([0], out);
    reader.close();
    expectClose(
      out,
      (pixels.data as number[]).map((value) => value / 255),
    );
  });

  it('hashes pixels the same in every lossless encoding', async () => {
    const elements = { PatientID: 'P' };
    await writeImage(place.path('data', '0'), { ...elements, SOPInstanceUID: '2.25.1' });
    await writeImage(
      place.path('data', '1'),
      { ...elements, SOPInstanceUID: '2.25.2' },
      picture(1),
      rleLossless,
    );
    await writeImage(
      place.path('data', '2'),
      { ...elements, SOPInstanceUID: '2.25.3' },
      picture(1),
      jpegLsLossless,
    );
    await importFolder(place.project, place.path('data'), { workers });
    await buildTensorCache(place.project, ids(), spec, { workers });
    expect(new Set(listPixelHashes(place.project.db).map(({ sha256 }) => sha256)).size).toBe(1);
  });

  it('keeps what is done when it is cancelled', async () => {
    await importImages(30);
    const stop = new AbortController();
    const building = buildTensorCache(place.project, ids(), spec, {
      workers,
      signal: stop.signal,
      onProgress: ({ done }) => {
        if (done > 0) stop.abort();
      },
    });
    await expect(building).rejects.toMatchObject({ kind: 'cancelled' });
    const done = listPixelHashes(place.project.db).length;
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(30);
    const report = await buildTensorCache(place.project, ids(), spec, { workers });
    expect(report).toMatchObject({ images: 30, prepared: 30 - done });
  });

  it('goes on where it was when its process is killed', async () => {
    await importImages(60);
    const all = ids();
    place.project.close();
    const script = fileURLToPath(new URL('./build-cache.script.ts', import.meta.url));
    const child = fork(script, [place.project.folder, JSON.stringify(spec)], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    const [, signal] = await once(child, 'exit');
    expect(signal).toBe('SIGKILL');
    const project = openProject(place.project.folder);
    const before = listPixelHashes(project.db).length;
    expect(before).toBeGreaterThanOrEqual(20);
    expect(before).toBeLessThan(60);
    const report = await buildTensorCache(project, all, spec, { workers });
    expect(report.images).toBe(60);
    expect(report.prepared).toBeGreaterThanOrEqual(60 - before);
    expect(report.prepared).toBeLessThanOrEqual(60 - 20);
    const records = readTensorCacheIndex(report.path)?.records ?? [];
    const reader = TensorCacheReader.open(report.path);
    const out = new Float32Array(reader.sampleLength);
    all.forEach((id, seed) => {
      reader.read([records.findIndex((record) => record?.instanceId === id)], out);
      expectClose(out, expected(seed));
    });
    reader.close();
    project.close();
  });

  it('is not begun when the disk has no room for it', async () => {
    await importImages(1);
    const [instance] = listInstances(place.project.db);
    place.project.db.prepare('UPDATE instances SET NumberOfFrames = 1000000').run();
    const huge = { ...spec, height: 8192, width: 8192, frames: 'all' as const };
    await expect(buildTensorCache(place.project, [instance.id], huge, { workers })).rejects.toMatchObject({
      code: 'disk-full',
      message: expect.stringMatching(/Expected 134217\.7 GB of free space, found/),
    });
  });

  it('is made anew when it was deleted or damaged', async () => {
    await importImages(2);
    const { path } = await buildTensorCache(place.project, ids(), spec, { workers });
    for (const name of readdirSync(place.project.paths.cache)) rmSync(place.path('project', 'cache', name));
    expect(() => TensorCacheReader.open(path)).toThrow(expect.objectContaining({ code: 'cache-missing' }));
    expect(await buildTensorCache(place.project, ids(), spec, { workers })).toMatchObject({ prepared: 2 });
    truncateSync(path, 10);
    expect(await buildTensorCache(place.project, ids(), spec, { workers })).toMatchObject({ prepared: 2 });
    writeFileSync(path.replace('.u16', '.json'), '{"format":');
    expect(await buildTensorCache(place.project, ids(), spec, { workers })).toMatchObject({ prepared: 2 });
  });
});
