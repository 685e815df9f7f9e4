import { spawnSync } from 'node:child_process';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';

/** What one process measured: milliseconds of each repetition, and the most memory it held. */
export interface Measured {
  version?: string;
  milliseconds: number[];
  peakMiB: number;
  compileMs?: number;
}

const PYTHON = process.env['GRAFT_BENCH_PYTHON'];

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** Runs PyTorch's side in a process of its own. Says how to get it, and gives nothing, where there is none. */
export function runTorch(...words: (string | number)[]): Measured | undefined {
  if (!PYTHON) {
    console.log(
      'PyTorch is not measured: set GRAFT_BENCH_PYTHON to a Python with torch and torchvision installed.',
    );
    return undefined;
  }
  const script = fileURLToPath(new URL('./torch_bench.py', import.meta.url));
  return lastLine(spawnSync(PYTHON, [script, ...words.map(String)], { encoding: 'utf8' }));
}

/** Runs Graft's side, the bench itself with other words, in a process of its own. */
export function runGraft(module: string, ...words: (string | number)[]): Measured {
  return lastLine(
    spawnSync(process.execPath, [fileURLToPath(module), ...words.map(String)], { encoding: 'utf8' }),
  );
}

function lastLine({
  stdout,
  stderr,
  status,
}: {
  stdout: string;
  stderr: string;
  status: number | null;
}): Measured {
  if (status !== 0) throw new Error(stderr.slice(-2000));
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Measured;
}

/** Prints a child's result for `lastLine`. */
export function reportMeasured(milliseconds: number[], compileMs?: number): void {
  const peakMiB = process.resourceUsage().maxRSS / 1024;
  console.log(JSON.stringify({ milliseconds, peakMiB, ...(compileMs === undefined ? {} : { compileMs }) }));
}

/** One-minute load, so that a figure taken on a busy machine shows it. */
export const load = (): string => `load ${loadavg()[0].toFixed(1)}`;
