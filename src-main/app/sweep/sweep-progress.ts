import type { Progress, ProgressListener } from '../../contract/progress.ts';

/**
 * Trials done, their rate and the time left. All three are reckoned in epochs: trials are few and long, and counting them alone would say
 * nothing for minutes. A trial counts once in every round that it takes part in.
 */
export class SweepProgress {
  readonly #trials: number;
  readonly #epochs: number;
  readonly #listener: ProgressListener;
  readonly #start = performance.now();
  #trialsDone = 0;
  #epochsDone = 0;
  /** Epochs that were done before this session began: they say nothing of how fast it is. */
  #epochsFound = 0;
  /** Trainings under way: what they are called, their last epoch of this round, and the last that was stored before this session. */
  readonly #underWay = new Map<number, { name: string; until: number; stored: number }>();
  /** By training the last epoch that was counted: one that goes on tells those before it again. */
  readonly #reached = new Map<number, number>();

  /**
   * @param trials of all rounds
   * @param epochs that all of them come to, at most
   */
  constructor(trials: number, epochs: number, listener: ProgressListener) {
    this.#trials = trials;
    this.#epochs = epochs;
    this.#listener = listener;
  }

  /** A training that was finished before. */
  find(epochs: number): void {
    this.#epochsDone += epochs;
    this.#epochsFound += epochs;
  }

  /**
   * @param name for people: "trial 4, fold 2"
   * @param epochs of this round @param before of earlier rounds @param stored before this session
   */
  begin(runId: number, name: string, epochs: number, before = 0, stored = 0): void {
    this.#underWay.set(runId, { name, until: before + epochs, stored });
    this.#reached.set(runId, Math.max(before, this.#reached.get(runId) ?? 0));
  }

  /** @param number of the epoch, from 1 */
  epoch(runId: number, number: number): void {
    const one = this.#underWay.get(runId);
    if (one) this.#count(runId, Math.min(number, one.until), number <= one.stored);
  }

  /** One that stopped early owes nothing any more. */
  end(runId: number): void {
    const one = this.#underWay.get(runId);
    if (one) this.#count(runId, one.until, false);
    this.#underWay.delete(runId);
  }

  #count(runId: number, until: number, found: boolean): void {
    const epochs = Math.max(0, until - this.#reached.get(runId)!);
    this.#epochsDone += epochs;
    if (found) this.#epochsFound += epochs;
    this.#reached.set(runId, this.#reached.get(runId)! + epochs);
  }

  endTrial(): void {
    this.#trialsDone++;
  }

  /** Says how it stands, beside what a training under way says of itself. */
  tell(runId?: number, inside?: Progress): void {
    const name = runId === undefined ? undefined : this.#underWay.get(runId)?.name;
    const seconds = (performance.now() - this.#start) / 1000;
    const epochsPerSecond = seconds > 0 ? (this.#epochsDone - this.#epochsFound) / seconds : 0;
    const left = this.#epochs - this.#epochsDone;
    this.#listener({
      phase: 'Sweep',
      done: this.#trialsDone,
      total: this.#trials,
      unit: 'trials',
      rate: (epochsPerSecond * this.#trials) / this.#epochs,
      secondsLeft: left <= 0 ? 0 : epochsPerSecond > 0 ? left / epochsPerSecond : null,
      ...(name === undefined ? {} : { detail: `${name}${insideText(inside)}` }),
      ...(inside?.memoryBytes === undefined ? {} : { memoryBytes: inside.memoryBytes }),
    });
  }
}

function insideText(inside: Progress | undefined): string {
  if (!inside) return '';
  const share = inside.total ? ` ${Math.round((100 * inside.done) / inside.total)} %` : '';
  return `: ${inside.detail ?? `${inside.phase.toLowerCase()}${share}`}`;
}
