import type { Split } from '../contract/dataset.ts';
import type { RunFinding } from '../contract/diagnosis.ts';
import { methodOf, type Run } from '../contract/run.ts';
import type { EpochMetrics } from '../contract/training.ts';
import { diagnoseRun } from '../evaluation/index.ts';

/**
 * What a run's epochs show so far; nothing of runs without any, of adapted ones, for which the rules were not made, and of models that learned
 * elsewhere.
 *
 * @param readOn see `DiagnosedRun`
 */
export function diagnose(
  run: Pick<Run, 'approach' | 'config' | 'error' | 'result'>,
  epochs: readonly EpochMetrics[],
  { classes, counts, multiLabel = false }: Pick<Split, 'classes' | 'counts' | 'multiLabel'>,
  readOn?: 'page' | 'terminal',
): RunFinding[] {
  if (methodOf(run.approach) || counts.train === undefined) return [];
  // From scratch other settings count than those of the plan.
  const config = run.result?.config ?? run.config;
  return diagnoseRun({
    ...{ epochs, config, error: run.error, classes, training: counts.train, multiLabel },
    baseline: run.approach === 'scratch',
    ...(readOn ? { readOn } : {}),
  });
}
