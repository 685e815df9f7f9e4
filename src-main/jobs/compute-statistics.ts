import { availableParallelism } from 'node:os';
import { runInWorker } from './run-in-worker.ts';
import type { SetStatistics, StatisticsSet, StatisticsTask } from './statistics-worker.ts';

/**
 * The statistics of several sets, in the order given: as many workers as there are cores share them out, each computing its own one after the
 * other. A set comes to the same numbers wherever it is computed.
 *
 * @param cores default what the machine has
 * @throws GraftError `cancelled`, and what the statistics of a set throw
 */
export async function computeStatistics(
  sets: readonly StatisticsSet[],
  { signal }: { signal?: AbortSignal } = {},
  cores = availableParallelism(),
): Promise<SetStatistics[]> {
  const failure = new AbortController();
  const either = signal ? AbortSignal.any([signal, failure.signal]) : failure.signal;
  const found = await Promise.all(
    dealt(sets, cores).map(async (lane) => {
      try {
        const computed = await runInWorker<StatisticsTask, never, SetStatistics[]>(
          new URL('./statistics-worker.ts', import.meta.url),
          { sets: lane.map((at) => sets[at]) },
          { what: 'The statistics', signal: either },
        );
        return lane.map((at, place) => [at, computed[place]] as const);
      } catch (thrown) {
        // What the others would still compute is of no use.
        failure.abort();
        throw thrown;
      }
    }),
  );
  const byPlace = new Map(found.flat());
  return sets.map((_, at) => byPlace.get(at)!);
}

/** Places of the sets by worker, the largest first, each to the worker that has least to do. */
export function dealt(sets: readonly StatisticsSet[], workers: number): number[][] {
  const work = sets.map(
    ({ table, withCopies }) =>
      table.models.length * (table.models[0]?.predictions.length ?? 0) * (withCopies ? 1.5 : 1),
  );
  const lanes = Array.from({ length: Math.max(1, Math.min(workers, sets.length)) }, () => ({
    places: [] as number[],
    load: 0,
  }));
  for (const at of [...sets.keys()].sort((a, b) => work[b] - work[a])) {
    const lane = lanes.reduce((least, one) => (one.load < least.load ? one : least));
    lane.places.push(at);
    lane.load += work[at];
  }
  return lanes.map(({ places }) => places);
}
