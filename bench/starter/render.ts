/**
 * Draws pre-training images with all cores into two files, for a trainer that reads them as they come:
 *
 *   node bench/starter/render.ts --out FOLDER --count 400000 [--size 128] [--workers 16] [--seed 2024]
 *
 * `pixels.u8` holds count × size² bytes, `labels.u16` the classes, `where.u8` 2 × 32² bytes (128 + 127 × the change by a finding, 255 × the
 * organ; all 0 where nothing is said), `done.u8` a byte for each chunk of 256 images that is whole. It needs no
 * installed packages, so that it runs wherever a Node that strips types is.
 */
import { closeSync, openSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { drawPretrainingImage, WHERE_SIZE } from '../../src-main/samples/pretraining/index.ts';

const CHUNK = 256;
const WHERE = 2 * WHERE_SIZE ** 2;

interface Task {
  out: string;
  size: number;
  seed: number;
  chunks: number;
  /** The next chunk that nobody draws yet. */
  next: SharedArrayBuffer;
}

function start(): void {
  const { values } = parseArgs({
    options: {
      out: { type: 'string' },
      count: { type: 'string', default: '400000' },
      size: { type: 'string', default: '128' },
      workers: { type: 'string', default: String(availableParallelism()) },
      seed: { type: 'string', default: '2024' },
    },
  });
  const { out } = values;
  if (out === undefined) throw new Error('Expected --out FOLDER, found none.');
  const size = Number(values.size);
  const chunks = Math.ceil(Number(values.count) / CHUNK);
  for (const [name, bytes] of [
    ['pixels.u8', chunks * CHUNK * size * size],
    ['labels.u16', chunks * CHUNK * 2],
    ['where.u8', chunks * CHUNK * WHERE],
    ['done.u8', chunks],
  ] as const) {
    writeFileSync(join(out, name), '');
    truncateSync(join(out, name), bytes);
  }
  const task: Task = { out, size, seed: Number(values.seed), chunks, next: new SharedArrayBuffer(4) };
  for (let i = 0; i < Number(values.workers); i++) new Worker(new URL(import.meta.url), { workerData: task });
}

function draw({ out, size, seed, chunks, next }: Task): void {
  const counter = new Int32Array(next);
  const files = ['pixels.u8', 'labels.u16', 'where.u8', 'done.u8'].map((name) =>
    openSync(join(out, name), 'r+'),
  );
  const pixels = new Uint8Array(CHUNK * size * size);
  const labels = new Uint16Array(CHUNK);
  const where = new Uint8Array(CHUNK * WHERE);
  for (let chunk = Atomics.add(counter, 0, 1); chunk < chunks; chunk = Atomics.add(counter, 0, 1)) {
    where.fill(0);
    for (let i = 0; i < CHUNK; i++) {
      const image = drawPretrainingImage(seed, chunk * CHUNK + i, size);
      for (let at = 0; at < size * size; at++)
        pixels[i * size * size + at] = Math.round(255 * Math.min(1, Math.max(0, image.pixels[at])));
      labels[i] = image.label;
      image.where?.forEach((value, at) => {
        const signed = at < WHERE / 2 ? 128 + 127 * value : 255 * value;
        where[i * WHERE + at] = Math.round(Math.min(255, Math.max(0, signed)));
      });
    }
    writeSync(files[0], pixels, 0, pixels.length, chunk * pixels.length);
    writeSync(files[1], new Uint8Array(labels.buffer), 0, 2 * CHUNK, chunk * 2 * CHUNK);
    writeSync(files[2], where, 0, where.length, chunk * where.length);
    writeSync(files[3], new Uint8Array([1]), 0, 1, chunk);
  }
  for (const file of files) closeSync(file);
}

if (isMainThread) start();
else draw(workerData as Task);
