import { readFileSync } from 'node:fs';

/** Seconds of the processor by now, of this process and of its children that have ended; null except on Linux, which alone tells of those. */
function soFar(): number | null {
  if (process.platform !== 'linux') return null;
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ');
  // User and system time, own and of children, in ticks of 10 ms.
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
}

/** Starts a clock that runs only while this process and its children do: what other work on the machine stretches little. */
export function processorClock(): () => number | null {
  const before = soFar();
  return () => (before === null ? null : soFar()! - before);
}
