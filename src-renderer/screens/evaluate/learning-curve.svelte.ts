import type { GraftError } from '../../../src-main/contract/errors.ts';
import type { LearningCurveReport } from '../../../src-main/contract/learning-curve.ts';
import { ask } from '../../lib/ask.ts';
import { failureOf } from '../../lib/failure.ts';

/** The learning curves of a project, and the form that asks for another. */
export class LearningCurves {
  /** In percent, between commas. */
  shares = $state('10, 20, 40, 70, 100');
  repeats = $state<number | null>(3);
  #list = $state.raw<LearningCurveReport[]>([]);
  #chosen = $state<number | null>(null);
  #failure = $state<GraftError | null>(null);

  get list(): readonly LearningCurveReport[] {
    return this.#list;
  }

  /** The one that was chosen, else the newest. */
  get shown(): LearningCurveReport | null {
    return this.#list.find(({ sweepId }) => sweepId === this.#chosen) ?? this.#list[0] ?? null;
  }

  get failure(): GraftError | null {
    return this.#failure;
  }

  /** The shares that are numbers above 0 and up to 100 %, from small to large. */
  get readShares(): number[] {
    const shares = this.shares
      .split(/[,; ]+/)
      .map((word) => Number(word.replace('%', '')) / 100)
      .filter((share) => share > 0 && share <= 1);
    return [...new Set(shares)].sort((a, b) => a - b);
  }

  /** Trainings that they come to. */
  get trainings(): number {
    return this.readShares.length * (this.repeats ?? 0);
  }

  choose(sweepId: number): void {
    this.#chosen = sweepId;
  }

  async load(): Promise<void> {
    try {
      this.#list = await ask('sweeps.learningCurves', null);
      this.#failure = null;
    } catch (thrown) {
      this.#failure = failureOf(thrown);
    }
  }

  async start(comparisonId: number): Promise<void> {
    await ask('sweeps.learningCurve', {
      comparisonId,
      design: { shares: this.readShares, repeats: this.repeats ?? 1, metric: 'val_balanced_accuracy' },
    });
    this.#chosen = null;
  }

  resume(): Promise<unknown> {
    return this.shown ? ask('sweeps.resume', { sweepId: this.shown.sweepId }) : Promise.resolve();
  }
}
