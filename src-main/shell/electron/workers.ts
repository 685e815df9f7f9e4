import { fileURLToPath } from 'node:url';
import { utilityProcess } from 'electron';
import type { StartWorker } from '../../platform/worker-process.ts';

const KEPT_STDERR = 16_384;

/**
 * Workers as Electron's utility processes: the packaged binary refuses to run as plain Node (a fuse), so
 * `child_process.fork` would not do. The last 16 KiB of stderr are kept for the error behind the fold.
 */
export const startUtilityProcess: StartWorker = (module, options = {}) => {
  const child = utilityProcess.fork(fileURLToPath(module), [], {
    stdio: ['ignore', 'ignore', 'pipe'],
    serviceName: 'Graft worker',
    env: { ...process.env, ...options.environment } as Record<string, string>,
  });
  let stderr = '';
  let running = true;
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString('utf8')).slice(-KEPT_STDERR);
  });
  // A message posted before the process has started would be lost.
  const waiting: unknown[] = [];
  let spawned = false;
  child.once('spawn', () => {
    spawned = true;
    for (const message of waiting.splice(0)) child.postMessage(message);
  });
  return {
    get pid() {
      return child.pid;
    },
    send: (message) => {
      if (!running) return;
      if (spawned) child.postMessage(message);
      else waiting.push(message);
    },
    onMessage: (listener) => {
      child.on('message', (message: unknown) => listener(message as never));
    },
    onExit: (listener) => {
      child.once('exit', (code: number) => {
        running = false;
        listener({ code, signal: null, stderr });
      });
    },
    kill: () => {
      child.kill();
    },
  };
};
