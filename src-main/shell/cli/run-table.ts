import { nameOfStart, startOfRun } from '../../app/index.ts';
import type { Run } from '../../contract/run.ts';
import { table, type Cell } from './table.ts';

const HEADER = ['run', 'approach', 'state', 'model', 'epochs', 'best', 'val F1', 'val accuracy', 'seconds'];

interface Row {
  run: Run;
  epochsSoFar?: number;
  /** Where it is a part of a sweep; fold 0: the split's own validation images judge. */
  place?: { trial: number; fold: number };
}

/** Runs as rows: what they are, where they stand, and the validation figures of their best epoch. */
export function runTable(rows: readonly Row[]): string {
  const [, ...rest] = HEADER;
  const placed = rows.some(({ place }) => place !== undefined);
  return table(
    placed ? ['run', 'trial', 'fold', ...rest] : HEADER,
    rows.map(({ run, epochsSoFar, place }): Cell[] => {
      const best = run.result?.epochs.find(({ epoch }) => epoch === run.result?.bestEpoch);
      return [
        run.id,
        ...(placed ? [place?.trial, place?.fold || null] : []),
        run.approach,
        run.state,
        run.approach === 'majority' ? null : nameOfStart(startOfRun(run)),
        (run.result?.epochs.length ?? epochsSoFar) || null,
        best?.epoch,
        best?.validationF1?.toFixed(3),
        best?.validationAccuracy?.toFixed(3),
        run.result && Number(run.result.seconds.toFixed(1)),
      ];
    }),
  );
}
