import type { CrossValidationResult } from '../contract/cross-validation.ts';
import { foldsOfApproaches, type JudgedFold } from '../evaluation/cross-validation/index.ts';
import { analyse, type AnalysisInput } from '../evaluation/analysis/index.ts';
import { evaluateModels, type EvaluationOptions } from '../evaluation/index.ts';
import type { WorkerContext } from './protocol.ts';
import { serveWorker } from './serve-worker.ts';

/** The folds of a cross-validation, and all their images together. */
export interface CrossValidationTask {
  folds: JudgedFold[];
  pooled: EvaluationOptions;
  analysis: Omit<AnalysisInput, 'table'>;
}

export type CrossValidationStatistics = Omit<CrossValidationResult, 'computedAt'>;

async function computeFolds(
  { folds, pooled, analysis }: CrossValidationTask,
  { signal }: WorkerContext<never>,
): Promise<CrossValidationStatistics> {
  const { classes, multiLabel = false } = pooled;
  const byFold = foldsOfApproaches(folds, classes, multiLabel);
  await new Promise(setImmediate);
  signal.throwIfAborted();
  const table = evaluateModels(pooled);
  return { ...byFold, pooled: table, analysis: analyse({ ...analysis, table }).analysis };
}

serveWorker(computeFolds);
