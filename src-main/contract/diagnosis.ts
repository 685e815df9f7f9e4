/** What a run's epochs show, the most important first. */
export const runFindings = [
  'diverged',
  'rate-too-high',
  'unstable-batch-norm',
  'class-collapse',
  'rate-too-low',
  'overfitting',
  'underfitting',
  'no-gain',
  'past-its-best',
  'still-improving',
  'healthy',
] as const;
export type RunFindingKind = (typeof runFindings)[number];

/** One thing that a run shows, by a stated rule, and what to change. */
export interface RunFinding {
  kind: RunFindingKind;
  /** `note` asks for nothing. */
  tone: 'problem' | 'note';
  /** What is seen, with its figures. */
  text: string;
  /** What to do about it; empty where nothing has to be done. */
  advice: string;
}
