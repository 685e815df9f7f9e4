import type { ReportRun } from '../contract/report.ts';

/** The rates that a run learned at: of its head alone, then of all that was fine-tuned. Without epochs of its own by its plan. */
export function ratesText({ config, epochs }: Pick<ReportRun, 'config' | 'epochs'>): string {
  const phases = new Set(epochs.map(({ phase }) => phase));
  const head = epochs.length === 0 ? onlyHeadLearns(config) : phases.has('feature-extraction');
  const tuned = epochs.length === 0 ? !head : phases.has('fine-tuning') || phases.has('from-scratch');
  if (head && tuned) return `${config.headLearningRate} (head alone), then ${config.learningRate}`;
  return String(head ? config.headLearningRate : config.learningRate);
}

const onlyHeadLearns = ({
  freezePreset,
  freezeUntil,
  trainableLayers,
  unfreeze,
}: ReportRun['config']): boolean =>
  freezePreset === 'feature-extraction' && !freezeUntil && !trainableLayers && !unfreeze;
