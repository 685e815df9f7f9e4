import { afterAll, describe, expect, it } from 'vitest';
import {
  DecoderPool,
  decodeFrame,
  displayValues,
  HeaderReader,
  jpeg2000Lossless,
  pixelHash,
  readHeader,
} from '../../src-main/dicom/index.ts';
import { WorkerPool } from '../../src-main/platform/worker-pool.ts';
import { grey12, temporaryFolder, writeBytes, writeFile } from './files.ts';
import type { Trick } from './trick-worker.ts';

const folder = temporaryFolder();

describe('a worker pool', () => {
  const pool = new WorkerPool<Trick, unknown>(new URL('./trick-worker.ts', import.meta.url), { workers: 2 });
  afterAll(() => pool.close());

  it('gives each task its own answer, typed arrays included', async () => {
    const answers = await Promise.all([3, 1, 2].map((count) => pool.run({ do: 'bytes', count })));
    expect(answers).toEqual([3, 1, 2].map((count) => new Float32Array(count).fill(count)));
  });

  it('passes errors on with their code', async () => {
    await expect(pool.run({ do: 'refuse' })).rejects.toMatchObject({
      code: 'no-such-thing',
      kind: 'expected',
    });
    await expect(pool.run({ do: 'throw' })).rejects.toMatchObject({
      code: 'unexpected',
      kind: 'bug',
      message: 'a plain string',
    });
  });

  it('kills a worker that overruns its deadline, rejects that task alone, and goes on', async () => {
    // Both workers are up, so that the deadline carries no allowance for starting.
    await Promise.all([pool.run({ do: 'pid' }), pool.run({ do: 'pid' })]);
    const stuck = pool.run({ do: 'spin' }, { deadlineMs: 100 });
    const others = [1, 2, 3, 4].map((count) => pool.run({ do: 'bytes', count }));
    await expect(stuck).rejects.toMatchObject({ code: 'worker-deadline', kind: 'expected' });
    expect((await Promise.all(others)).length).toBe(4);
    expect(await pool.run({ do: 'bytes', count: 1 })).toEqual(new Float32Array([1]));
  });

  it('replaces a worker that exits or is killed, and rejects its task alone', async () => {
    for (const trick of [{ do: 'exit' }, { do: 'crash' }] as const) {
      const dead = pool.run(trick);
      const others = [1, 2, 3].map((count) => pool.run({ do: 'bytes', count }));
      await expect(dead).rejects.toMatchObject({ code: 'worker-crashed' });
      expect((await Promise.all(others)).length).toBe(3);
    }
    expect(await pool.run({ do: 'bytes', count: 2 })).toEqual(new Float32Array([2, 2]));
  });

  it('cancels what waits and what runs', async () => {
    const stop = new AbortController();
    const tasks = [0, 1, 2, 3].map(() => pool.run({ do: 'spin' }, { signal: stop.signal }));
    const rest = Promise.allSettled(tasks);
    stop.abort();
    for (const result of await rest)
      expect(result).toMatchObject({ status: 'rejected', reason: { kind: 'cancelled' } });
    await expect(pool.run({ do: 'pid' }, { signal: stop.signal })).rejects.toMatchObject({
      kind: 'cancelled',
    });
    expect(await pool.run({ do: 'bytes', count: 1 })).toEqual(new Float32Array([1]));
  });

  it('leaves no process behind when it is closed', async () => {
    const own = new WorkerPool<Trick, number>(new URL('./trick-worker.ts', import.meta.url), { workers: 1 });
    const pid = await own.run({ do: 'pid' });
    const unfinished = own.run({ do: 'spin' });
    const rejected = expect(unfinished).rejects.toMatchObject({ kind: 'cancelled' });
    await own.close();
    await rejected;
    expect(() => process.kill(pid, 0)).toThrow();
    await expect(own.run({ do: 'pid' })).rejects.toMatchObject({ kind: 'cancelled' });
  });
});

describe('headers in workers', () => {
  it('come back in the order of the paths, refusals among them', async () => {
    const image = await writeFile(folder, { pixels: grey12 });
    const other = writeBytes(folder, Buffer.from('no DICOM'));
    const paths = Array.from({ length: 300 }, (_, index) => (index % 3 === 0 ? other : image));
    const reader = new HeaderReader({ workers: 2 });
    const outcomes = await reader.readHeaders(paths);
    await reader.close();
    const [one, two] = [await readHeader(other), await readHeader(image)];
    expect(outcomes).toEqual(paths.map((path) => (path === other ? one : two)));
  });
});

describe('decoding in workers', () => {
  const pool = new DecoderPool({ workers: 1 });
  afterAll(() => pool.close());

  it('gives what was asked for, decoded once', async () => {
    const path = await writeFile(folder, { transferSyntaxUID: jpeg2000Lossless, pixels: grey12 });
    const frame = await decodeFrame(path);
    expect(await pool.decodeFrame(path)).toEqual(frame);
    const voi = { voi: 'percentile' } as const;
    expect(await pool.decode({ path, display: voi, hash: true })).toEqual({
      display: { rows: 13, columns: 21, samplesPerPixel: 1, values: displayValues(frame, voi) },
      hash: pixelHash(frame),
    });
  });

  it('refuses with the same codes', async () => {
    const path = await writeFile(folder, { pixels: grey12 });
    await expect(pool.decodeFrame(path, 7)).rejects.toMatchObject({ code: 'no-such-frame' });
    await expect(pool.decodeFrame(`${path}-absent`)).rejects.toMatchObject({ code: 'unreadable' });
  });
});
