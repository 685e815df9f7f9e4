/** What a sweep of the learning rate has shown. */
export interface RateSweep {
  /** One for each step: its rate, its loss, and the loss smoothed as it is judged. */
  points: { rate: number; loss: number; smoothed: number }[];
  /** Where the loss fell most steeply, a third of the way below where it was lowest at the most; null where it never fell. */
  suggestion: number | null;
  /** The rate at which the loss was lowest: already too high to train with. */
  lowest: number | null;
  /** The rate at which the loss ran away and the sweep ended; null where it came to its highest rate. */
  diverged: number | null;
  /** SHA-256 of all weights before and after: equal, or something was left changed. */
  restored: boolean;
  /** The setting that the rate is for: that of the phase that was tried, the plan's last. */
  setting: 'learningRate' | 'headLearningRate';
}

/** A sweep as the project keeps it. */
export interface StoredRateSweep {
  sweep: RateSweep;
  /** ISO 8601, UTC. */
  sweptAt: string;
  /** SHA-256 of all that the curve depends on: the plan but for its rates and what they do over time, the images' form, the split. */
  fingerprint: string;
}

/** What is known of rates for a plan. */
export interface PlanRates {
  /** The last sweep of exactly this plan. */
  own: StoredRateSweep | null;
  /** When another plan was tried last; null where none was. */
  otherAt: string | null;
}
