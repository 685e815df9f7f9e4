import { fdatasyncSync, mkdirSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Preprocessing, PreparationFailure, TensorCacheReport } from '../contract/dataset.ts';
import { preprocessingSpec, type PreprocessingInput } from '../contract/dataset.ts';
import { GraftError } from '../contract/errors.ts';
import type { ProgressListener } from '../contract/progress.ts';
import { ProgressMeter } from '../platform/progress-meter.ts';
import { WorkerPool } from '../platform/worker-pool.ts';
import type { InstanceSummary, PixelHash, Project } from '../store/index.ts';
import { getInstances, listPixelHashes, savePreparation, touchTensorCache } from '../store/index.ts';
import type { PreparedFrame, PrepareTask } from './prepare-worker.ts';
import type { TensorCacheIndex } from './tensor-cache-index.ts';
import {
  readTensorCacheIndex,
  recordLength,
  tensorCacheKey,
  writeTensorCacheIndex,
} from './tensor-cache-index.ts';

export interface TensorCacheOptions {
  signal?: AbortSignal;
  onProgress?: ProgressListener;
  /** Worker processes; default one for each core. */
  workers?: number;
  /** Longest time for one image, default 20,000 ms. */
  deadlineMs?: number;
  /** Images after which what is done is made safe against a kill, default 500; or 5 s, whichever is first. */
  checkpointImages?: number;
}

const checkpointMs = 5_000;

/** One frame of one file that a cache shall hold. */
export interface FrameRequest {
  instance: InstanceSummary;
  frameIndex: number;
}

/** The frames that a file contributes: the middle one, or each. */
export function requestedFrames(
  instances: readonly InstanceSummary[],
  frames: Preprocessing['frames'],
): FrameRequest[] {
  return instances.flatMap((instance) => {
    const count = instance.NumberOfFrames;
    if (frames === 'middle') return [{ instance, frameIndex: Math.floor(count / 2) }];
    return Array.from({ length: count }, (_, frameIndex) => ({ instance, frameIndex }));
  });
}

/** Colour is stored only where it is wanted and there. */
export function storedChannelsFor(
  instances: readonly InstanceSummary[],
  preprocessing: Preprocessing,
): 1 | 3 {
  const colour = instances.some(
    (one) => one.SamplesPerPixel === 3 || one.PhotometricInterpretation === 'PALETTE COLOR',
  );
  return preprocessing.channels === 3 && colour ? 3 : 1;
}

export function tensorCachePath(
  project: { paths: { cache: string } },
  preprocessing: Preprocessing,
  storedChannels: 1 | 3,
): string {
  return join(project.paths.cache, `${tensorCacheKey(preprocessing, storedChannels)}.u16`);
}

export const frameKey = (instanceId: number, frameIndex: number): string => `${instanceId}/${frameIndex}`;

export const fingerprint = ({ size, mtimeMs }: InstanceSummary): string => `${size}:${mtimeMs}`;

/** Records that hold what their files hold now, by `frameKey`. */
export function currentRecords(
  index: TensorCacheIndex,
  instances: readonly InstanceSummary[],
): Map<string, number> {
  const prints = new Map(instances.map((instance) => [instance.id, fingerprint(instance)]));
  const current = new Map<string, number>();
  index.records.forEach((record, number) => {
    if (record && prints.get(record.instanceId) === record.fingerprint) {
      current.set(frameKey(record.instanceId, record.frameIndex), number);
    }
  });
  return current;
}

/**
 * Decodes, hashes and preprocesses images in worker processes and puts them on the disk, where training reads them.
 * What is there already is not made again; after a kill it goes on where it was, less than 500 images back. An image
 * that cannot be prepared is listed with its reason and left out; pixel hashes go into the store.
 *
 * @throws GraftError `cancelled`, `disk-full`: what is done by then is kept
 */
export async function buildTensorCache(
  project: Project,
  instanceIds: Iterable<number>,
  spec: PreprocessingInput,
  options: TensorCacheOptions = {},
): Promise<TensorCacheReport> {
  const startedAt = performance.now();
  const preprocessing = preprocessingSpec.parse(spec);
  const instances = getInstances(project.db, [...new Set(instanceIds)]);
  const storedChannels = storedChannelsFor(instances, preprocessing);
  const path = tensorCachePath(project, preprocessing, storedChannels);
  touchTensorCache(project.db, tensorCacheKey(preprocessing, storedChannels), preprocessing, storedChannels);

  const index = readTensorCacheIndex(path) ?? { preprocessing, storedChannels, records: [] };
  const hashed = new Set(
    listPixelHashes(project.db).map(({ instanceId, frameIndex }) => frameKey(instanceId, frameIndex)),
  );
  const current = currentRecords(index, instances);
  const requests = requestedFrames(instances, preprocessing.frames);
  const missing = requests.filter(({ instance, frameIndex }) => {
    const key = frameKey(instance.id, frameIndex);
    return !current.has(key) || !hashed.has(key);
  });

  // A person may have deleted the folder a moment ago: it is a cache.
  mkdirSync(project.paths.cache, { recursive: true });
  await requireSpace(project.paths.cache, missing.length * 2 * recordLength(index));
  const file = await open(path, index.records.length > 0 ? 'r+' : 'w');
  const filler = new CacheFiller(project, path, file, index, options.checkpointImages ?? 500);
  try {
    if (missing.length > 0) await fill(filler, missing, options);
    else filler.checkpoint();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    throw diskFull('The disk is full', project.paths.cache, error);
  } finally {
    await file.close();
  }
  return {
    path,
    images: requests.length - filler.failures.length,
    prepared: missing.length - filler.failures.length,
    failed: filler.failures,
    seconds: (performance.now() - startedAt) / 1000,
  };
}

/** Better to know before an hour of work than after it. */
async function requireSpace(folder: string, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (needed <= free) return;
  const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
  throw diskFull(`Expected ${gigabytes(needed)} of free space, found ${gigabytes(free)}`, folder);
}

function diskFull(what: string, folder: string, cause?: unknown): GraftError {
  return new GraftError(
    'disk-full',
    `${what} where prepared images are kept (${folder}); make room, delete older files in it, or choose a smaller image size.`,
    { cause },
  );
}

async function fill(
  filler: CacheFiller,
  requests: readonly FrameRequest[],
  options: TensorCacheOptions,
): Promise<void> {
  const pool = new WorkerPool<PrepareTask, PreparedFrame>(new URL('./prepare-worker.ts', import.meta.url), {
    workers: options.workers,
    deadlineMs: options.deadlineMs ?? 20_000,
  });
  const meter = new ProgressMeter('Preparing images', 'images', requests.length, options.onProgress);
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < requests.length) {
      const request = requests[next++];
      const outcome = await pool
        .run(filler.task(request), { signal: options.signal })
        .catch((error: unknown) => GraftError.from(error));
      if (outcome instanceof GraftError) {
        if (outcome.kind === 'cancelled') throw GraftError.cancelled('Preparing the images');
        filler.fail(request, outcome);
      } else await filler.add(request, outcome);
      const failed = filler.failures.length;
      meter.advance(1, failed > 0 ? `${failed} not readable` : undefined);
    }
  };
  try {
    // Two images for each worker: the next is waiting when one is done.
    const lanes = await Promise.allSettled(Array.from({ length: 2 * pool.size }, lane));
    const broken = lanes.find((one) => one.status === 'rejected');
    if (broken) throw broken.reason;
    meter.finish();
  } finally {
    await pool.close();
    filler.checkpoint();
  }
}

/** Writes records and makes them safe from time to time: first the records, then the hashes, then the index. */
class CacheFiller {
  readonly failures: PreparationFailure[] = [];
  readonly #project: Project;
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #index: TensorCacheIndex;
  readonly #places: Map<string, number>;
  readonly #recordBytes: number;
  readonly #checkpointImages: number;
  #nextRecord: number;
  #written: { request: FrameRequest; place: number; hash: PixelHash }[] = [];
  #savedFailures = 0;
  #checkpointAt = performance.now();

  constructor(
    project: Project,
    path: string,
    file: FileHandle,
    index: TensorCacheIndex,
    checkpointImages: number,
  ) {
    this.#project = project;
    this.#path = path;
    this.#file = file;
    this.#index = index;
    this.#recordBytes = 2 * recordLength(index);
    this.#checkpointImages = checkpointImages;
    this.#nextRecord = index.records.length;
    this.#places = new Map();
    index.records.forEach((record, place) => {
      if (record) this.#places.set(frameKey(record.instanceId, record.frameIndex), place);
    });
  }

  task({ instance, frameIndex }: FrameRequest): PrepareTask {
    const { RowSpacing, ColumnSpacing } = instance;
    const spaced = RowSpacing !== null && ColumnSpacing !== null && RowSpacing > 0 && ColumnSpacing > 0;
    return {
      path: instance.absolutePath,
      frameIndex,
      preprocessing: this.#index.preprocessing,
      storedChannels: this.#index.storedChannels,
      pixelAspect: spaced ? RowSpacing / ColumnSpacing : 1,
    };
  }

  /** A changed file gets a new record: a training that reads the old one is not disturbed. */
  async add(request: FrameRequest, { hash, tensor }: PreparedFrame): Promise<void> {
    const place = this.#nextRecord++;
    const bytes = new Uint8Array(tensor.buffer, tensor.byteOffset, tensor.byteLength);
    for (let done = 0; done < bytes.length;) {
      const at = place * this.#recordBytes + done;
      done += (await this.#file.write(bytes, done, bytes.length - done, at)).bytesWritten;
    }
    const { instance, frameIndex } = request;
    this.#written.push({ request, place, hash: { instanceId: instance.id, frameIndex, sha256: hash } });
    const due = performance.now() - this.#checkpointAt > checkpointMs;
    if (due || this.#written.length >= this.#checkpointImages) this.checkpoint();
  }

  fail({ instance, frameIndex }: FrameRequest, error: GraftError): void {
    const { code, message } = error;
    this.failures.push({ instanceId: instance.id, frameIndex, code, message });
  }

  checkpoint(): void {
    const written = this.#written;
    this.#written = [];
    const failures = this.failures.slice(this.#savedFailures);
    this.#savedFailures = this.failures.length;
    fdatasyncSync(this.#file.fd);
    savePreparation(
      this.#project.db,
      written.map(({ hash }) => hash),
      failures,
    );
    for (const { request, place } of written) {
      const { instance, frameIndex } = request;
      const key = frameKey(instance.id, frameIndex);
      const before = this.#places.get(key);
      if (before !== undefined) this.#index.records[before] = null;
      while (this.#index.records.length <= place) this.#index.records.push(null);
      this.#index.records[place] = {
        instanceId: instance.id,
        frameIndex,
        fingerprint: fingerprint(instance),
      };
      this.#places.set(key, place);
    }
    writeTensorCacheIndex(this.#path, this.#index);
    this.#checkpointAt = performance.now();
  }
}
