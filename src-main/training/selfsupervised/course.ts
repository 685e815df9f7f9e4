import type { SelfSupervisionReport } from '../../contract/self-supervision.ts';
import type { ComparedStep } from './comparing-step.ts';

/** Where a pre-training without labels stands, apart from the arrays. */
export interface CourseState {
  fingerprint: string;
  /** Steps that are done, and all that are wanted: measured once where minutes were given. */
  step: number;
  steps: number;
  reports: SelfSupervisionReport[];
  /** Sums since the last report. */
  sums: { loss: number; spread: number };
}

/** Counts steps and sums them up in reports. */
export class Course {
  readonly state: CourseState;
  readonly #every: number;
  readonly #batchSize: number;
  readonly #onReport: (report: SelfSupervisionReport) => void;
  #since: { at: number; step: number };

  constructor(
    state: CourseState,
    every: number,
    batchSize: number,
    onReport: (report: SelfSupervisionReport) => void = () => {},
  ) {
    this.state = state;
    this.#every = every;
    this.#batchSize = batchSize;
    this.#onReport = onReport;
    this.#since = { at: performance.now(), step: state.step };
  }

  get isOver(): boolean {
    return this.state.step >= this.state.steps;
  }

  /** Projections' spread at the last report. */
  get spread(): number {
    return this.state.reports.at(-1)?.spread ?? 1;
  }

  count({ loss, spread, learningRate }: ComparedStep): void {
    const { state } = this;
    state.step += 1;
    state.sums = { loss: state.sums.loss + loss, spread: state.sums.spread + spread };
    if (state.step % this.#every !== 0 && !this.isOver) return;
    const steps = state.step % this.#every || this.#every;
    const seconds = (performance.now() - this.#since.at) / 1000;
    const report: SelfSupervisionReport = {
      step: state.step,
      loss: state.sums.loss / steps,
      spread: state.sums.spread / steps,
      learningRate,
      imagesPerSecond: ((state.step - this.#since.step) * this.#batchSize) / seconds,
    };
    state.reports.push(report);
    state.sums = { loss: 0, spread: 0 };
    this.#since = { at: performance.now(), step: state.step };
    this.#onReport(report);
  }
}
