/** How the learning rate changes over the steps of a phase. */
export interface Schedule {
  kind: 'constant' | 'cosine';
  /** Share of the steps over which the rate rises to its full height. */
  warmup: number;
  steps: number;
}

/** Factor of the learning rate at a step (from 0): a linear rise, then constant or down a half cosine to 0. */
export function scheduleFactor({ kind, warmup, steps }: Schedule, step: number): number {
  const rising = Math.floor(warmup * steps);
  if (step < rising) return (step + 1) / (rising + 1);
  if (kind === 'constant') return 1;
  return 0.5 * (1 + Math.cos((Math.PI * (step - rising)) / Math.max(1, steps - rising)));
}
