import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A child process that runs one module and talks in structured-clone messages (typed arrays included). */
export interface WorkerProcess<ToWorker, FromWorker> {
  readonly pid: number | undefined;
  send(message: ToWorker): void;
  onMessage(listener: (message: FromWorker) => void): void;
  /** Called once, also when the process was killed or never started. */
  onExit(listener: (exit: { code: number | null; signal: string | null; stderr: string }) => void): void;
  kill(): void;
}

export type StartWorker = <ToWorker, FromWorker>(
  module: URL,
  options?: { environment?: Record<string, string> },
) => WorkerProcess<ToWorker, FromWorker>;

const KEPT_STDERR = 16_384;

/**
 * Starts `module` with `child_process.fork`. The Electron shell swaps this for `utilityProcess`: nothing above
 * this file knows which of the two it got. The last 16 KiB of stderr are kept for the error behind the fold.
 */
export const startWorkerProcess: StartWorker = (module, options = {}) => {
  const child = fork(fileURLToPath(module), [], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: { ...process.env, ...options.environment },
  });
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString('utf8')).slice(-KEPT_STDERR);
  });
  return {
    get pid() {
      return child.pid;
    },
    send: (message) => {
      if (child.connected) child.send(message as object);
    },
    onMessage: (listener) => {
      child.on('message', (message) => listener(message as never));
    },
    onExit: (listener) => {
      let told = false;
      const tell = (code: number | null, signal: string | null, extra = ''): void => {
        if (told) return;
        told = true;
        listener({ code, signal, stderr: stderr + extra });
      };
      child.on('close', (code, signal) => tell(code, signal));
      child.on('error', (error) => tell(null, null, error.message));
    },
    kill: () => {
      child.kill('SIGKILL');
    },
  };
};

/** The worker's own side of the conversation. */
export interface WorkerChannel<ToWorker, FromWorker> {
  send(message: FromWorker): void;
  onMessage(listener: (message: ToWorker) => void): void;
}

/** Call inside a worker module. The worker ends when its parent goes away. */
export function workerChannel<ToWorker, FromWorker>(): WorkerChannel<ToWorker, FromWorker> {
  process.on('disconnect', () => process.exit(0));
  return {
    send: (message) => {
      process.send?.(message);
    },
    onMessage: (listener) => {
      process.on('message', (message) => listener(message as ToWorker));
    },
  };
}
