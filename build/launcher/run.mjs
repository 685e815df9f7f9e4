import { spawn } from 'node:child_process';

/**
 * Runs a script on `node` in this terminal and ends as it ended: same exit code, or killed by the same signal.
 * The IPC channel is there for one thing: when this process is killed outright, the child notices and ends too,
 * instead of going on unseen.
 */
export function runAndExit(node, args, environment = process.env) {
  const child = spawn(node, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env: environment });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the whole group: the child has it already.
      if (signal === 'SIGINT' && process.stderr.isTTY) return;
      child.kill(signal);
    });
  }
  child.on('error', (error) => {
    console.error(`Node at ${node} could not be started: ${error.message}. Run npm ci to put it back.`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (!signal) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
    // Reached only where the platform cannot end itself by a signal.
    setTimeout(() => process.exit(1), 500);
  });
}
