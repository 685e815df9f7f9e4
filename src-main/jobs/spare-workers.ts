import {
  builtModule,
  startForkedProcess,
  startWorkersWith,
  type StartWorker,
  type WorkerProcess,
} from '../platform/worker-process.ts';

/** What a spare process is told: the address of the module that it is to be. */
export interface ToSpare {
  become: string;
}

export interface FromSpare {
  spare: 'loaded' | 'became';
}

type Spare = WorkerProcess<ToSpare, FromSpare>;

/** As many as a search over heads uses on a usual machine. Each waits with about 100 MB. */
const SPARES = 2;
/** A job that ends is often followed by another, whose processor time new ones would take. */
const REFILLED_AFTER_MS = 1_000;

export interface SpareWorkersOptions {
  /** How a process is started. */
  start: StartWorker;
  /** How many wait. Default 2. */
  count?: number;
  /** Milliseconds from the end of a worker to the start of the process in its place. Default 1000. */
  refilledAfter?: number;
}

/**
 * Worker processes that wait with the code of most jobs loaded, for an application that stays open: a job begins a third of a second sooner
 * there, which is most of what an explanation, a preview or a search over heads takes. `start` hands out one that waits, for modules of this
 * folder, and starts any other process as it would be without.
 */
export class SpareWorkers {
  readonly #module = builtModule(new URL('./spare-worker.ts', import.meta.url));
  readonly #options: Required<SpareWorkersOptions>;
  readonly #starting = new Set<Spare>();
  readonly #loaded: Spare[] = [];
  #closed = false;

  constructor({ start, count = SPARES, refilledAfter = REFILLED_AFTER_MS }: SpareWorkersOptions) {
    this.#options = { start, count, refilledAfter };
    this.#fill();
  }

  readonly start: StartWorker = <ToWorker, FromWorker>(...[module, options]: Parameters<StartWorker>) => {
    const sameFolder = new URL('.', module).href === new URL('.', this.#module).href;
    const spare = sameFolder && !options?.environment ? this.#loaded.shift() : undefined;
    if (!spare) return this.#options.start<ToWorker, FromWorker>(module, options);
    spare.onExit(() => {
      setTimeout(() => this.#fill(), this.#options.refilledAfter).unref();
    });
    return become<ToWorker, FromWorker>(spare, module);
  };

  /** How many wait with their code loaded. */
  get waiting(): number {
    return this.#loaded.length;
  }

  close(): void {
    this.#closed = true;
    for (const spare of [...this.#starting, ...this.#loaded.splice(0)]) spare.kill();
  }

  #fill(): void {
    while (!this.#closed && this.#starting.size + this.#loaded.length < this.#options.count) {
      const spare: Spare = this.#options.start(this.#module);
      this.#starting.add(spare);
      spare.onMessage((message) => {
        if (message.spare === 'loaded' && this.#starting.delete(spare)) this.#loaded.push(spare);
      });
      spare.onExit(() => {
        this.#starting.delete(spare);
        const at = this.#loaded.indexOf(spare);
        if (at >= 0) this.#loaded.splice(at, 1);
      });
    }
  }
}

/** The spare process as the worker of a module. What is sent to it waits until the module is there to listen. */
function become<ToWorker, FromWorker>(spare: Spare, module: URL): WorkerProcess<ToWorker, FromWorker> {
  const worker = spare as unknown as WorkerProcess<ToWorker, FromWorker>;
  let waiting: ToWorker[] | null = [];
  spare.onMessage(({ spare: word }) => {
    if (word !== 'became' || !waiting) return;
    const messages = waiting;
    waiting = null;
    for (const message of messages) worker.send(message);
  });
  spare.send({ become: module.href });
  return {
    get pid() {
      return worker.pid;
    },
    send: (message) => {
      if (waiting) waiting.push(message);
      else worker.send(message);
    },
    onMessage: (listener) =>
      worker.onMessage((message) => {
        if (!isOfSpare(message)) listener(message);
      }),
    onExit: worker.onExit,
    kill: worker.kill,
  };
}

const isOfSpare = (message: unknown): boolean =>
  typeof message === 'object' && message !== null && 'spare' in message;

/**
 * Has workers waiting from now on, for shells that stay open.
 *
 * @param start how a process is started; default Node's fork
 */
export function keepSpareWorkers(start: StartWorker = startForkedProcess): SpareWorkers {
  const spares = new SpareWorkers({ start });
  startWorkersWith(spares.start);
  return spares;
}
