import { lineChart, type Scene } from '../../charts/index.ts';
import type { RocCurve } from '../../contract/evaluation.ts';

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

/** Precision at each recall. */
export const precisionRecallChart = (
  curves: readonly { name: string; points: readonly (readonly [number, number])[] }[],
  label: string,
): Scene =>
  lineChart({
    label,
    series: curves.map((curve) => ({ ...curve, markers: 'none' as const })),
    x: { name: 'recall (sensitivity)', domain: [0, 1] },
    y: { name: 'precision (positive predictive value)', domain: [0, 1] },
    legend: true,
  });
