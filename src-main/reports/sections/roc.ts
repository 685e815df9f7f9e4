import { lineChart, type Scene, seriesOf } from '../../charts/index.ts';
import type { RocCurve } from '../../contract/evaluation.ts';
import { share } from '../format.ts';

/** ROC curves over the unit square, the diagonal being guessing. */
export const rocChart = (roc: readonly RocCurve[], label: string): Scene =>
  lineChart({
    label,
    series: roc.map((curve) => ({ name: curve.class, points: curve.points, markers: 'none' })),
    x: { name: 'false positive rate (1 − specificity)', domain: [0, 1] },
    y: { name: 'true positive rate (sensitivity)', domain: [0, 1] },
    diagonal: true,
    legend: true,
  });

/** Precision at each recall; the fine line of the same colour is what guessing has: how frequent it is. */
export const precisionRecallChart = (
  curves: readonly {
    name: string;
    points: readonly (readonly [number, number])[];
    averagePrecision: number | null;
    prevalence: number;
  }[],
  label: string,
): Scene =>
  lineChart({
    label,
    series: curves.flatMap(({ name, points, averagePrecision, prevalence }, at) => [
      {
        name: '',
        points: [[0, prevalence] as const, [1, prevalence] as const],
        series: seriesOf(at),
        markers: 'none' as const,
        faint: true,
        unnamed: true,
      },
      {
        name: `${name} (${share(averagePrecision)})`,
        points,
        series: seriesOf(at),
        markers: 'none' as const,
      },
    ]),
    x: { name: 'recall (sensitivity)', domain: [0, 1] },
    y: { name: 'precision (positive predictive value)', domain: [0, 1] },
    legend: true,
  });
