import type { EvaluationTable } from '../contract/evaluation.ts';
import type { FittedModel, SetAnalysis } from '../contract/analysis.ts';
import { analyse, type AnalysisInput } from '../evaluation/analysis/index.ts';
import { evaluateModels, type EvaluationOptions } from '../evaluation/index.ts';
import type { WorkerContext } from './protocol.ts';
import { serveWorker } from './serve-worker.ts';

/** One set: its table, that with copies, and everything else about it. */
export interface StatisticsSet {
  table: EvaluationOptions;
  withCopies: EvaluationOptions | null;
  analysis: Omit<AnalysisInput, 'table'>;
}

/** Sets to be computed, one after the other: thousands of replicates each would block whoever asks. */
export interface StatisticsTask {
  sets: StatisticsSet[];
}

export interface SetStatistics {
  table: EvaluationTable;
  withCopies: EvaluationTable | null;
  analysis: SetAnalysis;
  /** Of each model; null without validation data. */
  fitted: FittedModel[] | null;
}

async function computeSets(
  { sets }: StatisticsTask,
  { signal }: WorkerContext<never>,
): Promise<SetStatistics[]> {
  const computed: SetStatistics[] = [];
  for (const { table: options, withCopies, analysis } of sets) {
    await new Promise(setImmediate);
    signal.throwIfAborted();
    const table = evaluateModels(options);
    computed.push({
      table,
      withCopies: withCopies && evaluateModels(withCopies),
      ...analyse({ ...analysis, table }),
    });
  }
  return computed;
}

serveWorker(computeSets);
