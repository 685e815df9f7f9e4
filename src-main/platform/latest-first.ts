import { GraftError } from '../contract/errors.ts';

interface Waiting {
  start: () => void;
  drop: () => void;
}

/**
 * Runs so many tasks at once, of those that wait the newest first: what a person sees now goes before what has been
 * scrolled away. A task whose signal aborts while it waits never starts; one that runs is left to end. The oldest beyond
 * `mostWaiting` are given up.
 *
 * @example
 * const queue = new LatestFirst(2, 200);
 * const picture = await queue.run(() => decode(path), signal);
 */
export class LatestFirst {
  readonly #atOnce: number;
  readonly #mostWaiting: number;
  readonly #waiting: Waiting[] = [];
  #running = 0;

  constructor(atOnce: number, mostWaiting: number) {
    this.#atOnce = atOnce;
    this.#mostWaiting = mostWaiting;
  }

  /** @throws GraftError `cancelled` where the task never started, and what the task throws */
  run<Result>(task: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        const at = this.#waiting.indexOf(entry);
        if (at >= 0) this.#waiting.splice(at, 1);
        entry.drop();
      };
      const entry: Waiting = {
        start: () => {
          signal?.removeEventListener('abort', onAbort);
          this.#running++;
          task()
            .then(resolve, reject)
            .finally(() => {
              this.#running--;
              this.#next();
            });
        },
        drop: () => {
          signal?.removeEventListener('abort', onAbort);
          reject(GraftError.cancelled('The picture'));
        },
      };
      if (signal?.aborted) return entry.drop();
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(entry);
      if (this.#waiting.length > this.#mostWaiting) this.#waiting.shift()?.drop();
      this.#next();
    });
  }

  /** Gives up everything that waits. */
  clear(): void {
    for (const { drop } of this.#waiting.splice(0)) drop();
  }

  #next(): void {
    while (this.#running < this.#atOnce) {
      const newest = this.#waiting.pop();
      if (!newest) return;
      newest.start();
    }
  }
}
