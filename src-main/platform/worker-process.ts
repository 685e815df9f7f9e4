import { fork } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread, type MessagePort, parentPort as threadPort } from 'node:worker_threads';
import { applicationRoot } from './application-root.ts';

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

/** Where Node keeps what it made of our code: a process starts in half the processor time. Beside the code, so that who may write it may write both. */
const compiledCode = join(applicationRoot, 'node_modules', '.cache', 'graft-code');

/** Workers are named by their source; what was built from it lies beside what was built from the caller. */
export function builtModule(module: URL): URL {
  const built = import.meta.url.endsWith('.js');
  return built ? new URL(module.href.replace(/\.ts$/, '.js')) : module;
}

let starter: StartWorker = startForkedProcess;

/** Has workers started in another way from now on: a shell's call before anything else. */
export function startWorkersWith(start: StartWorker): void {
  starter = start;
}

/** Starts `module` in a process of its own: nothing above this file knows how. */
export const startWorkerProcess: StartWorker = (module, options) => starter(builtModule(module), options);

/** With `child_process.fork`. The last 16 KiB of stderr are kept for the error behind the fold. */
export function startForkedProcess<ToWorker, FromWorker>(
  module: URL,
  options: { environment?: Record<string, string> } = {},
): WorkerProcess<ToWorker, FromWorker> {
  const child = fork(fileURLToPath(module), [], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: { NODE_COMPILE_CACHE: compiledCode, ...process.env, ...options.environment },
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
}

/** The worker's own side of the conversation. */
export interface WorkerChannel<ToWorker, FromWorker> {
  send(message: FromWorker): void;
  onMessage(listener: (message: ToWorker) => void): void;
  /** Sends a last message, and ends the process once it has left: an exit before that would cut a long one off. */
  finish(message: FromWorker): void;
}

function threadChannel<ToWorker, FromWorker>(port: MessagePort): WorkerChannel<ToWorker, FromWorker> {
  return {
    send: (message) => port.postMessage(message),
    onMessage: (listener) => {
      port.on('message', (message) => listener(message as ToWorker));
    },
    finish: (message) => {
      port.postMessage(message);
      // What was posted still leaves; with the port closed nothing keeps the thread.
      port.close();
    },
  };
}

/** What Electron gives a utility process in place of Node's IPC channel. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
}

/** How long a message needs to leave a utility process, which does not say when it has. */
const LEAVING_MS = 200;

/** Call inside a worker module. The worker ends when its parent goes away. */
export function workerChannel<ToWorker, FromWorker>(): WorkerChannel<ToWorker, FromWorker> {
  if (!isMainThread && threadPort) return threadChannel(threadPort);
  const { parentPort } = process as { parentPort?: ParentPort };
  if (parentPort) {
    return {
      send: (message) => parentPort.postMessage(message),
      onMessage: (listener) => parentPort.on('message', ({ data }) => listener(data as ToWorker)),
      finish: (message) => {
        parentPort.postMessage(message);
        setTimeout(() => process.exit(0), LEAVING_MS);
      },
    };
  }
  process.on('disconnect', () => process.exit(0));
  return {
    send: (message) => {
      process.send?.(message);
    },
    onMessage: (listener) => {
      process.on('message', (message) => listener(message as ToWorker));
    },
    finish: (message) => {
      process.send?.(message, () => process.disconnect());
    },
  };
}
