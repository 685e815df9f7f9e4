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
  /** Trainings under way: what they are called, and epochs that they still owe. */
  readonly #underWay = new Map<number, { name: string; owed: number }>();

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

  /** @param name for people: "trial 4, fold 2" */
  begin(runId: number, name: string, epochs: number): void {
    this.#underWay.set(runId, { name, owed: epochs });
  }

  epoch(runId: number): void {
    const one = this.#underWay.get(runId);
    if (!one || one.owed === 0) return;
    one.owed--;
    this.#epochsDone++;
  }

  /** One that stopped early owes nothing any more. */
  end(runId: number): void {
    this.#epochsDone += this.#underWay.get(runId)?.owed ?? 0;
    this.#underWay.delete(runId);
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
