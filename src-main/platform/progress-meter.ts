import type { Progress, ProgressListener } from '../contract/progress.ts';

/**
 * Turns "one more done" into progress reports with a rate and the time left. Reports at most every `everyMs`
 * (default 200 ms), and always the last one. The rate is smoothed exponentially, so that the time left
 * follows a change of speed within some seconds without jumping about.
 */
export class ProgressMeter {
  readonly #phase: string;
  readonly #unit: string;
  readonly #listener: ProgressListener;
  readonly #everyMs: number;
  #total: number | null;
  #done = 0;
  #reportedAt = 0;
  #measuredAt = performance.now();
  #measuredDone = 0;
  #rate = 0;
  #detail: string | undefined;

  constructor(
    phase: string,
    unit: string,
    total: number | null,
    listener: ProgressListener = () => {},
    options: { everyMs?: number } = {},
  ) {
    this.#phase = phase;
    this.#unit = unit;
    this.#total = total;
    this.#listener = listener;
    this.#everyMs = options.everyMs ?? 200;
  }

  get done(): number {
    return this.#done;
  }

  set total(total: number | null) {
    this.#total = total;
  }

  /** Counts `by` more units, with an optional short fact to show beside them. */
  advance(by = 1, detail?: string): void {
    this.#done += by;
    if (detail !== undefined) this.#detail = detail;
    if (performance.now() - this.#reportedAt >= this.#everyMs) this.#report();
  }

  /** The last report: it always goes out. */
  finish(detail?: string): void {
    if (detail !== undefined) this.#detail = detail;
    this.#total ??= this.#done;
    this.#report();
  }

  #report(): void {
    const now = performance.now();
    const seconds = (now - this.#measuredAt) / 1000;
    if (seconds > 0.05) {
      const measured = (this.#done - this.#measuredDone) / seconds;
      const weight = this.#rate === 0 ? 1 : 1 - Math.exp(-seconds / 4);
      this.#rate += weight * (measured - this.#rate);
      this.#measuredAt = now;
      this.#measuredDone = this.#done;
    }
    this.#reportedAt = now;
    const left = this.#total === null ? null : Math.max(0, this.#total - this.#done);
    const progress: Progress = {
      phase: this.#phase,
      done: this.#done,
      total: this.#total,
      unit: this.#unit,
      rate: this.#rate,
      secondsLeft: left === null ? null : left === 0 ? 0 : this.#rate > 0 ? left / this.#rate : null,
    };
    if (this.#detail !== undefined) progress.detail = this.#detail;
    this.#listener(progress);
  }
}
