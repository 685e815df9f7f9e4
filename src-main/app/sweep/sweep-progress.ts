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
  /** Epochs that the training under way still owes. */
  #owed = 0;
  #name = '';

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
  begin(name: string, epochs: number): void {
    this.#name = name;
    this.#owed = epochs;
  }

  epoch(): void {
    if (this.#owed === 0) return;
    this.#owed--;
    this.#epochsDone++;
  }

  /** One that stopped early owes nothing any more. */
  end(): void {
    this.#epochsDone += this.#owed;
    this.#owed = 0;
  }

  endTrial(): void {
    this.#trialsDone++;
  }

  /** Says how it stands, beside what the training under way says of itself. */
  tell(inside?: Progress): void {
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
      ...(this.#name === '' ? {} : { detail: `${this.#name}${insideText(inside)}` }),
      ...(inside?.memoryBytes === undefined ? {} : { memoryBytes: inside.memoryBytes }),
    });
  }
}

function insideText(inside: Progress | undefined): string {
  if (!inside) return '';
  const share = inside.total ? ` ${Math.round((100 * inside.done) / inside.total)} %` : '';
  return `: ${inside.detail ?? `${inside.phase.toLowerCase()}${share}`}`;
}
