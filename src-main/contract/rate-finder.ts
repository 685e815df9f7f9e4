/** What a sweep of the learning rate has shown. */
export interface RateSweep {
  /** Rate and loss of each step, the loss smoothed as it is judged. */
  points: { rate: number; loss: number }[];
  /** Where the loss fell most steeply, a third of the way below where it was lowest at the most; null where it never fell. */
  suggestion: number | null;
  /** The rate at which the loss was lowest: already too high to train with. */
  lowest: number | null;
  /** SHA-256 of all weights before and after: equal, or something was left changed. */
  restored: boolean;
}
