import type { Progress, ProgressListener } from '../../contract/progress.ts';

/**
 * Trainings done, their rate and the time left over all folds. Each piece of work counts by the epochs that it may come to, since a search of
 * forty trials and a probe are both one piece; what was found finished says nothing of how fast this session is.
 */
export class CrossValidationProgress {
  readonly #trainings: number;
  readonly #epochs: number;
  readonly #listener: ProgressListener;
  readonly #start = performance.now();
  #trainingsDone = 0;
  #epochsDone = 0;
  #epochsFound = 0;
  #current: { name: string; trainings: number; epochs: number; share: number } | null = null;

  /**
   * @param trainings of all folds, those of searches among them
   * @param epochs that all of them come to, at most
   */
  constructor(trainings: number, epochs: number, listener: ProgressListener) {
    this.#trainings = trainings;
    this.#epochs = Math.max(1, epochs);
    this.#listener = listener;
  }

  /** Work that was finished before. */
  find(trainings: number, epochs: number): void {
    this.#trainingsDone += trainings;
    this.#epochsDone += epochs;
    this.#epochsFound += epochs;
  }

  /** @param name for people: "Fold 2 of 5, tuning" */
  begin(name: string, trainings: number, epochs: number): void {
    this.#current = { name, trainings, epochs, share: 0 };
    this.tell();
  }

  /** How much of the work under way is done, from 0 to 1. */
  reach(share: number): void {
    if (this.#current) this.#current.share = Math.max(this.#current.share, Math.min(1, share));
  }

  end(): void {
    const { trainings = 0, epochs = 0 } = this.#current ?? {};
    this.#trainingsDone += trainings;
    this.#epochsDone += epochs;
    this.#current = null;
    this.tell();
  }

  /** Says how it stands, beside what the work under way says of itself. */
  tell(inside?: Progress): void {
    const now = this.#current;
    const done = this.#epochsDone + (now ? now.share * now.epochs : 0);
    const seconds = (performance.now() - this.#start) / 1000;
    const rate = seconds > 0 ? (done - this.#epochsFound) / seconds : 0;
    const left = this.#epochs - done;
    this.#listener({
      phase: now?.name ?? 'Cross-validation',
      done: this.#trainingsDone + Math.floor(now ? now.share * now.trainings : 0),
      total: this.#trainings,
      unit: 'trainings',
      rate: (rate * this.#trainings) / this.#epochs,
      secondsLeft: left <= 0 ? 0 : rate > 0 ? left / rate : null,
      ...(inside === undefined ? {} : { detail: insideText(inside) }),
      ...(inside?.memoryBytes === undefined ? {} : { memoryBytes: inside.memoryBytes }),
    });
  }
}

function insideText({ phase, done, total, detail }: Progress): string {
  const share = total ? ` ${Math.round((100 * done) / total)} %` : '';
  return [`${phase}${share}`, ...(detail ? [detail] : [])].join(', ');
}
