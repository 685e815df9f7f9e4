import type { Progress, ProgressListener } from '../../contract/progress.ts';

/** The part of a stream that progress needs: stderr, or a stand-in in tests. */
export interface ProgressStream {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

export interface ProgressLine {
  listener: ProgressListener;
  /** Ends the updating line, so that what follows starts on a line of its own. */
  end(): void;
}

const BAR = 24;

/**
 * Shows progress at a terminal as one line that updates, and in a log as a line every `everyMs` (default 5 s) and
 * one at the end of each phase.
 */
export function progressLine(
  stream: ProgressStream,
  options: { everyMs?: number; now?: () => number } = {},
): ProgressLine {
  const { everyMs = 5000, now = () => performance.now() } = options;
  let phase: string | undefined;
  let open = false;
  let shown: string | undefined;
  let writtenAt = -Infinity;
  const close = (): void => {
    if (open) stream.write('\n');
    open = false;
  };
  return {
    listener: (progress) => {
      const text = progressText(progress);
      if (stream.isTTY) {
        if (phase !== undefined && phase !== progress.phase) close();
        phase = progress.phase;
        open = true;
        // One column stays free: a full line would wrap, and could then no longer be overwritten.
        stream.write(`\r${text.slice(0, (stream.columns ?? 80) - 1)}\u001B[K`);
        return;
      }
      const finished = progress.total !== null && progress.done >= progress.total;
      const changed = phase !== progress.phase;
      phase = progress.phase;
      if ((!finished && !changed && now() - writtenAt < everyMs) || text === shown) return;
      writtenAt = now();
      shown = text;
      stream.write(`${text}\n`);
    },
    end: close,
  };
}

/** `Reading headers  [######------]  512/1024 files  180/s  3 s left  2 refused`. */
export function progressText(progress: Progress): string {
  const { phase, done, total, unit, rate, secondsLeft, detail } = progress;
  const parts = [phase];
  if (total !== null && total > 0) parts.push(bar(done / total));
  parts.push(total === null ? `${done} ${unit}` : `${done}/${total} ${unit}`);
  const finished = total !== null && done >= total;
  if (!finished && rate > 0) parts.push(rateText(rate, unit));
  if (!finished && secondsLeft !== null) parts.push(`${durationText(secondsLeft)} left`);
  if (detail) parts.push(detail);
  return parts.join('  ');
}

function bar(share: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * BAR);
  return `[${'#'.repeat(full)}${'-'.repeat(BAR - full)}]`;
}

/** Rates below one are easier to read the other way round: `4.2 s per epoch`. */
function rateText(rate: number, unit: string): string {
  if (rate >= 10) return `${Math.round(rate)}/s`;
  if (rate >= 1) return `${rate.toFixed(1)}/s`;
  return `${(1 / rate).toPrecision(2)} s per ${unit.replace(/s$/, '')}`;
}

/** `8 s`, `3 min 20 s`, `2 h 5 min`. */
export function durationText(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return whole % 60 === 0 ? `${minutes} min` : `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
