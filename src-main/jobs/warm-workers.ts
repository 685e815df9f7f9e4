import { startWorkerProcess, type StartWorker, type WorkerProcess } from '../platform/worker-process.ts';

/**
 * Worker processes that load their code while their task is still being prepared. Whoever starts one through `start` is handed one that waits,
 * or else a new one; `close` ends those that nobody took.
 */
export class WarmWorkers {
  readonly #module: URL;
  readonly #startWorker: StartWorker;
  readonly #waiting: WorkerProcess<never, never>[] = [];

  /** @param startWorker how one is started; default as everywhere */
  constructor(module: URL, count: number, startWorker: StartWorker = startWorkerProcess) {
    this.#module = module;
    this.#startWorker = startWorker;
    for (let i = 0; i < count; i++) {
      const worker = startWorker<never, never>(module);
      this.#waiting.push(worker);
      worker.onExit(() => this.#take(worker));
    }
  }

  readonly start: StartWorker = <ToWorker, FromWorker>(...[module, options]: Parameters<StartWorker>) => {
    const [waiting] = this.#waiting;
    if (!waiting || options?.environment || module.href !== this.#module.href)
      return this.#startWorker<ToWorker, FromWorker>(module, options);
    this.#take(waiting);
    return waiting as unknown as WorkerProcess<ToWorker, FromWorker>;
  };

  close(): void {
    for (const worker of this.#waiting.splice(0)) worker.kill();
  }

  #take(worker: WorkerProcess<never, never>): void {
    const at = this.#waiting.indexOf(worker);
    if (at >= 0) this.#waiting.splice(at, 1);
  }
}
