import { spawnSync } from 'node:child_process';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** What one process measured: milliseconds of each repetition, and the most memory it held. */
export interface Measured {
  /** PyTorch's version; none for Graft. */
  version?: string;
  milliseconds: number[];
  peakMiB: number;
  compileMs?: number;
  /** Processor time of each repetition, all threads together: what a busy machine does not stretch. */
  processorMs?: number[];
}

const PYTHON = process.env['GRAFT_BENCH_PYTHON'];
/** The memory formats in which PyTorch is measured; the faster one counts. */
const FORMATS = ['contiguous', 'channels_last'];

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** `--name value` for each of the defaults, whose types they keep. */
export function flags<T extends Record<string, string | number>>(defaults: T): T {
  const options = Object.fromEntries(
    Object.keys(defaults).map((name) => [name, { type: 'string' as const }]),
  );
  const { values } = parseArgs({ options, strict: true });
  const given = Object.entries(values).map(([name, value]) => {
    if (typeof defaults[name] === 'string') return [name, value];
    if (Number.isNaN(Number(value)))
      throw new Error(`Expected a number for --${name}, found ${String(value)}.`);
    return [name, Number(value)];
  });
  return { ...defaults, ...(Object.fromEntries(given) as T) };
}

/** Both sides, each turn in a process of its own. */
export interface Sides {
  graft: Measured[];
  /** By memory format; empty where there is no PyTorch. */
  torch: Map<string, Measured[]>;
}

/**
 * Runs both sides in turn, in the orders Graft–PyTorch, PyTorch–Graft and so on, so that neither always finds the warmer
 * machine. The words are those of the bench's own `child`, and of torch_bench.py without the memory format.
 */
export function measureSides(
  module: string,
  rounds: number,
  graftWords: readonly (string | number)[],
  torchWords: readonly (string | number)[],
): Sides {
  const sides: Sides = { graft: [], torch: new Map() };
  if (!PYTHON) {
    console.log(
      'PyTorch is not measured: make a virtual environment, "pip install torch torchvision" in it, and set GRAFT_BENCH_PYTHON to its python.',
    );
  }
  const graft = (): void => void sides.graft.push(runGraft(module, ...graftWords));
  const torch = (): void => {
    for (const format of PYTHON ? FORMATS : [])
      sides.torch.set(format, [...(sides.torch.get(format) ?? []), runTorch(...torchWords, format)]);
  };
  for (let round = 0; round < rounds; round++) {
    const turns = round % 2 === 0 ? [graft, torch] : [torch, graft];
    for (const turn of turns) turn();
  }
  return sides;
}

/** The faster memory format, by its median; undefined where PyTorch was not measured. */
export function fasterFormat(
  sides: Sides,
): { name: string; runs: Measured[]; milliseconds: number } | undefined {
  const formats = [...sides.torch].map(([format, runs]) => ({
    name: `PyTorch ${runs[0].version} ${format}`,
    runs,
    milliseconds: median(allTimes(runs)),
  }));
  return formats.sort((a, b) => a.milliseconds - b.milliseconds)[0];
}

export const allTimes = (runs: readonly Measured[]): number[] =>
  runs.flatMap(({ milliseconds }) => milliseconds);

export const peak = (runs: readonly Measured[]): string =>
  `${Math.max(...runs.map(({ peakMiB }) => peakMiB)).toFixed(0)} MiB`;

function runTorch(...words: (string | number)[]): Measured {
  const script = fileURLToPath(new URL('./torch_bench.py', import.meta.url));
  return lastLine(PYTHON!, [script, ...words.map(String)]);
}

/** Runs Graft's side, the bench itself with the word `child` and others, in a process of its own. */
export function runGraft(module: string, ...words: (string | number)[]): Measured {
  return lastLine(process.execPath, [fileURLToPath(module), 'child', ...words.map(String)]);
}

function lastLine(program: string, words: string[]): Measured {
  const { stdout, stderr, status, signal, error } = spawnSync(program, words, { encoding: 'utf8' });
  if (status !== 0) {
    const reason = error?.message ?? (signal ? `stopped by ${signal}` : stderr.slice(-2000));
    throw new Error(`${program} failed: ${reason}`);
  }
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Measured;
}

/** Prints a child's result for the process that started it. */
export function reportMeasured(
  milliseconds: number[],
  further: Pick<Measured, 'compileMs' | 'processorMs'> = {},
): void {
  const peakMiB = process.resourceUsage().maxRSS / 1024;
  console.log(JSON.stringify({ milliseconds, peakMiB, ...further }));
}

/** One-minute load, so that a figure taken on a busy machine shows it. */
export const load = (): string => `load ${loadavg()[0].toFixed(1)}`;
