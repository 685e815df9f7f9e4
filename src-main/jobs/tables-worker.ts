import type { EvaluationTable } from '../contract/evaluation.ts';
import { evaluateModels, type EvaluationOptions } from '../evaluation/index.ts';
import type { WorkerContext } from './protocol.ts';
import { serveWorker } from './serve-worker.ts';

export interface TablesTask {
  tables: EvaluationOptions[];
}

/** Tables alone, without what else can be said of a set: what a capsule compares. */
async function computeTables(
  { tables }: TablesTask,
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
