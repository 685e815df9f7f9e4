import { GraftError } from '../contract/errors.ts';
import type { TaskOptions, WorkerPoolOptions } from '../platform/worker-pool.ts';
import { WorkerPool } from '../platform/worker-pool.ts';
import type { HeaderOutcome } from './types.ts';

/** Files per message to a worker: enough to hide the message's cost, few enough to cancel within a second. */
const chunkSize = 128;
/** A slow network share needs tens of milliseconds a file. */
const msPerFile = 500;

/**
 * Reads headers in worker processes: the caller's process never parses. A chunk whose worker dies is read again file by
 * file, so that one poisonous file is refused alone.
 */
export class HeaderReader {
  readonly #pool: WorkerPool<string[], HeaderOutcome[]>;

  constructor(options: WorkerPoolOptions = {}) {
    this.#pool = new WorkerPool(new URL('./header-worker.ts', import.meta.url), options);
  }

  /** One outcome for each path, in the order of the paths. Only cancelling makes it throw. */
  async readHeaders(paths: readonly string[], options: TaskOptions = {}): Promise<HeaderOutcome[]> {
    const chunks = Array.from({ length: Math.ceil(paths.length / chunkSize) }, (_, index) =>
      paths.slice(index * chunkSize, (index + 1) * chunkSize),
    );
    return (await Promise.all(chunks.map((chunk) => this.#readChunk(chunk, options)))).flat();
  }

  async #readChunk(paths: string[], options: TaskOptions): Promise<HeaderOutcome[]> {
    try {
      const deadlineMs = options.deadlineMs ?? 5_000 + msPerFile * paths.length;
      return await this.#pool.run(paths, { ...options, deadlineMs });
    } catch (thrown) {
      const error = GraftError.from(thrown);
      if (error.kind === 'cancelled') throw error;
      if (paths.length > 1) {
        return (await Promise.all(paths.map((path) => this.#readChunk([path], options)))).flat();
      }
      return [
        {
          kind: 'refused',
          reason: 'broken',
          message: `Reading the header ended the worker that tried it. ${error.message}`,
        },
      ];
    }
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}
