import { DecoderPool } from '../dicom/index.ts';
import { GraftError } from '../contract/errors.ts';
import type { PreparationFailure } from '../contract/dataset.ts';
import { ProgressMeter } from '../platform/progress-meter.ts';
import {
  listInstances,
  listPixelHashes,
  savePreparation,
  type InstanceSummary,
  type PixelHash,
  type Project,
} from '../store/index.ts';
import type { Reporting } from './reporting.ts';

export interface DuplicateInspection {
  /** Frames decoded and hashed in this run. */
  compared: number;
  failed: number;
}

const SAVED_EVERY = 200;

/**
 * Decodes every frame whose pixels have no hash yet, so that equal images are found. What is done is saved every 200
 * frames, and stays when it is cancelled or killed.
 *
 * @throws GraftError `cancelled`
 */
export async function inspectDuplicates(
  project: Project,
  reporting: Reporting,
): Promise<DuplicateInspection> {
  const known = new Set(
    listPixelHashes(project.db).map(({ instanceId, frameIndex }) => `${instanceId}/${frameIndex}`),
  );
  const wanted = listInstances(project.db).flatMap((instance) =>
    Array.from({ length: instance.NumberOfFrames }, (_, frameIndex) => ({ instance, frameIndex })).filter(
      (one) => !known.has(`${one.instance.id}/${one.frameIndex}`),
    ),
  );
  const meter = new ProgressMeter('Comparing pixels', 'images', wanted.length, reporting.onProgress);
  const saver = new Saver(project);
  const pool = new DecoderPool();
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < wanted.length) {
      await inspect(pool, wanted[next++], saver, reporting.signal);
      meter.advance(1, saver.failed > 0 ? `${saver.failed} not readable` : undefined);
    }
  };
  try {
    const lanes = await Promise.allSettled(Array.from({ length: 2 * pool.size }, lane));
    const broken = lanes.find((one) => one.status === 'rejected');
    if (broken) throw broken.reason;
    meter.finish();
  } finally {
    await pool.close();
    saver.save();
  }
  return { compared: saver.compared, failed: saver.failed };
}

async function inspect(
  pool: DecoderPool,
  { instance, frameIndex }: { instance: InstanceSummary; frameIndex: number },
  saver: Saver,
  signal: AbortSignal | undefined,
): Promise<void> {
  const instanceId = instance.id;
  try {
    const task = { path: instance.absolutePath, frameIndex, hash: true };
    const { hash } = await pool.decode(task, signal ? { signal } : {});
    saver.add({ instanceId, frameIndex, sha256: hash! });
  } catch (thrown) {
    const error = GraftError.from(thrown);
    if (error.kind === 'cancelled') throw GraftError.cancelled('The comparison of pixels');
    saver.fail({ instanceId, frameIndex, code: error.code, message: error.message });
  }
}

class Saver {
  compared = 0;
  failed = 0;
  readonly #project: Project;
  #hashes: PixelHash[] = [];
  #failures: PreparationFailure[] = [];

  constructor(project: Project) {
    this.#project = project;
  }

  add(hash: PixelHash): void {
    this.compared++;
    this.#hashes.push(hash);
    if (this.#hashes.length >= SAVED_EVERY) this.save();
  }

  fail(failure: PreparationFailure): void {
    this.failed++;
    this.#failures.push(failure);
  }

  save(): void {
    savePreparation(this.#project.db, this.#hashes.splice(0), this.#failures.splice(0));
  }
}
