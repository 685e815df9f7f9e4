import type { Run } from '../../contract/run.ts';
import { table, type Cell } from './table.ts';

const HEADER = ['run', 'approach', 'state', 'model', 'epochs', 'best', 'val F1', 'val accuracy', 'seconds'];

/** Runs as rows: what they are, where they stand, and the validation figures of their best epoch. */
export function runTable(rows: readonly { run: Run; epochsSoFar?: number }[]): string {
  return table(
    HEADER,
    rows.map(({ run, epochsSoFar }): Cell[] => {
      const best = run.result?.epochs.find(({ epoch }) => epoch === run.result?.bestEpoch);
      return [
        run.id,
        run.approach,
        run.state,
        run.approach === 'majority' ? null : run.config.modelName,
        (run.result?.epochs.length ?? epochsSoFar) || null,
        best?.epoch,
        best?.validationF1?.toFixed(3),
        best?.validationAccuracy?.toFixed(3),
        run.result && Number(run.result.seconds.toFixed(1)),
      ];
    }),
  );
}
