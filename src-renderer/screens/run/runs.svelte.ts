import type { ComparisonSummary, RunSummaryRow } from '../../../src-main/contract/calls/runs.ts';
import type { GraftError } from '../../../src-main/contract/errors.ts';
import type { EpochMetrics } from '../../../src-main/contract/training.ts';
import { ask } from '../../lib/ask.ts';
import { failureOf } from '../../lib/failure.ts';

/** All trainings of the project; epochs of the running one are added as they are told. */
export class Runs {
  #list = $state.raw<readonly ComparisonSummary[]>([]);
  #chosen = $state<number | null>(null);
  #paused = $state(false);
  #failure = $state<GraftError | null>(null);
  #loaded = $state(false);

  get list(): readonly ComparisonSummary[] {
    return this.#list;
  }

  get loaded(): boolean {
    return this.#loaded;
  }

  get failure(): GraftError | null {
    return this.#failure;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** The comparison that is shown: the chosen one, else the newest. */
  get shown(): ComparisonSummary | null {
    return this.#list.find(({ id }) => id === this.#chosen) ?? this.#list[0] ?? null;
  }

  choose(id: number): void {
    this.#chosen = id;
  }

  async load(): Promise<void> {
    try {
      [this.#list, this.#paused] = await Promise.all([
        ask('runs.list', null),
        ask('runs.pause', { paused: null }),
      ]);
      this.#failure = null;
      this.#loaded = true;
    } catch (thrown) {
      this.#failure = failureOf(thrown);
    }
  }

  /** An epoch of a run was stored: it takes its place in the curves at once. */
  hear(runId: number, metrics: EpochMetrics): void {
    const withEpoch = (row: RunSummaryRow): RunSummaryRow => {
      if (row.run.id !== runId) return row;
      const others = row.epochs.filter(({ epoch }) => epoch !== metrics.epoch);
      const epochs = [...others, metrics].sort((a, b) => a.epoch - b.epoch);
      return { ...row, epochs, best: epochs.findLast(({ best }) => best) ?? null };
    };
    this.#list = this.#list.map((one) =>
      one.runs.some(({ run }) => run.id === runId) ? { ...one, runs: one.runs.map(withEpoch) } : one,
    );
  }

  async pause(paused: boolean): Promise<void> {
    this.#paused = await ask('runs.pause', { paused });
  }
}

/** Runs that were cut off and can go on. */
export const unfinished = ({ runs }: ComparisonSummary): RunSummaryRow[] =>
  runs.filter(({ run }) => ['interrupted', 'cancelled', 'failed', 'queued'].includes(run.state));
