import type { EvaluationTable } from '../contract/evaluation.ts';
import { evaluateModels, type EvaluationOptions } from '../evaluation/index.ts';
import type { WorkerContext } from './protocol.ts';
import { serveWorker } from './serve-worker.ts';

/** Tables to be computed, one after the other: a thousand replicates each would block whoever asks. */
export interface StatisticsTask {
  tables: EvaluationOptions[];
}

async function computeTables(
  { tables }: StatisticsTask,
  { signal }: WorkerContext<never>,
): Promise<EvaluationTable[]> {
  const computed: EvaluationTable[] = [];
  for (const options of tables) {
    await new Promise(setImmediate);
    signal.throwIfAborted();
    computed.push(evaluateModels(options));
  }
  return computed;
}

serveWorker(computeTables);
