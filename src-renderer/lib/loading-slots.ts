/** Takes a place back: the load has ended, or nobody wants it any more. */
export type Release = () => void;

/**
 * Lets so many pictures load at once, of those that wait the one asked for last first. A browser has six connections to
 * one place: pictures that took them all would keep every call of the page waiting behind them.
 */
export class LoadingSlots {
  readonly #atOnce: number;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /** @returns gives the place back, or leaves the queue; calling it twice does nothing */
  take(start: () => void): Release {
    let state: 'waiting' | 'loading' | 'over' = 'waiting';
    const begin = (): void => {
      state = 'loading';
      this.#taken++;
      start();
    };
    this.#waiting.push(begin);
    this.#next();
    return () => {
      if (state === 'waiting') this.#waiting.splice(this.#waiting.indexOf(begin), 1);
      if (state === 'loading') this.#taken--;
      state = 'over';
      this.#next();
    };
  }

  #next(): void {
    while (this.#taken < this.#atOnce) {
      const newest = this.#waiting.pop();
      if (!newest) return;
      newest();
    }
  }
}
