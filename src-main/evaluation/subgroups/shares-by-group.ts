import { PatientSums } from '../resampling/patient-sums.ts';
import type { WeightedStatistic } from '../resampling/bootstrap.ts';

/**
 * A number that is made of how many cases are in each of some cells (of a confusion matrix, say), in each group and in all other groups together, of any
 * resample of patients.
 *
 * @param cellOf for each case its cell, from 0; −1 counts nowhere
 * @param groupOf for each case its group, from 0; −1 counts nowhere
 * @param value the number, from how many cases are in each cell
 * @returns of each group its value and that of the rest
 */
export function sharesByGroup(
  { cellOf, cells }: { cellOf: ArrayLike<number>; cells: number },
  patientOf: ArrayLike<number>,
  groupOf: ArrayLike<number>,
  groups: number,
  value: (cells: Float64Array) => number,
): WeightedStatistic {
  const places = Int32Array.from(cellOf, (cell, i) =>
    cell < 0 || groupOf[i] < 0 ? -1 : groupOf[i] * cells + cell,
  );
  const sums = new PatientSums(places, patientOf, groups * cells);
  const [all, own, rest] = [0, 1, 2].map(() => new Float64Array(cells));
  const values = new Float64Array(2 * groups);
  return (counts) => {
    const found = sums.of(counts);
    all.fill(0);
    for (let at = 0; at < found.length; at++) all[at % cells] += found[at];
    for (let g = 0; g < groups; g++) {
      for (let cell = 0; cell < cells; cell++) {
        own[cell] = found[g * cells + cell];
        rest[cell] = all[cell] - own[cell];
      }
      values[2 * g] = value(own);
      values[2 * g + 1] = value(rest);
    }
    return values;
  };
}

/** The mean of several of them, NaN as soon as one is not defined. */
export function meanOf(statistics: readonly WeightedStatistic[], width: number): WeightedStatistic {
  const values = new Float64Array(width);
  return (counts) => {
    values.fill(0);
    for (const statistic of statistics) {
      const of = statistic(counts);
      for (let at = 0; at < width; at++) values[at] += of[at];
    }
    return values.map((sum) => sum / Math.max(1, statistics.length));
  };
}
