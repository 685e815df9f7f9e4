import type { TaskOptions, WorkerPoolOptions } from '../platform/worker-pool.ts';
import { WorkerPool } from '../platform/worker-pool.ts';
import type { DecodeResult, DecodedFrame, DecodeTask } from './types.ts';

/** A large frame takes under a second; damaged ones can take for ever. */
const defaultDeadlineMs = 20_000;

/**
 * Decodes in worker processes: a frame that traps a codec or never ends costs one worker, which is replaced.
 *
 * @example
 * const pool = new DecoderPool();
 * const { display, hash } = await pool.decode({ path, display: { voi: 'percentile' }, hash: true });
 * await pool.close();
 */
export class DecoderPool {
  readonly #pool: WorkerPool<DecodeTask, DecodeResult>;

  constructor(options: WorkerPoolOptions = {}) {
    const module = new URL('./decode-worker.ts', import.meta.url);
    this.#pool = new WorkerPool(module, { deadlineMs: defaultDeadlineMs, ...options });
  }

  get size(): number {
    return this.#pool.size;
  }

  /**
   * What the task asks for, of one frame.
   *
   * @throws GraftError as `decodeFrame`, or `worker-deadline`, `worker-crashed`, `cancelled`
   */
  decode(task: DecodeTask, options?: TaskOptions): Promise<DecodeResult> {
    return this.#pool.run(task, options);
  }

  /** The stored values of one frame. */
  async decodeFrame(path: string, frameIndex = 0, options?: TaskOptions): Promise<DecodedFrame> {
    const { stored } = await this.#pool.run({ path, frameIndex, stored: true }, options);
    return stored as DecodedFrame;
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}
