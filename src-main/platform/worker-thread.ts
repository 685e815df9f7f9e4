import { Worker } from 'node:worker_threads';
import { builtModule, type StartWorker } from './worker-process.ts';

/** Of a thread's own JavaScript heap; pixels lie outside it. */
const HEAP_MB = 512;

/**
 * Starts `module` as a thread of this process: for work on plain numbers, which cannot take the process with it, and whose arrays are
 * too large to be sent through a pipe. What decodes files, or calls native code, belongs into a process of its own.
 */
export const startWorkerThread: StartWorker = <ToWorker, FromWorker>(
  module: URL,
  options: { environment?: Record<string, string> } = {},
) => {
  const worker = new Worker(builtModule(module), {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: { ...process.env, ...options.environment },
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  let problem = '';
  worker.on('error', (error) => {
    problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
  });
  return {
    pid: undefined,
    send: (message: ToWorker) => worker.postMessage(message),
    onMessage: (listener: (message: FromWorker) => void) => {
      worker.on('message', listener);
    },
    onExit: (listener: (exit: { code: number | null; signal: string | null; stderr: string }) => void) => {
      worker.once('exit', (code) => listener({ code, signal: null, stderr: problem }));
    },
    kill: () => {
      void worker.terminate();
    },
  };
};
