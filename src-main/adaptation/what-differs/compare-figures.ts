import type { FigureDifference } from '../../contract/adaptation-judgement.ts';
import type { ImageFigures } from './image-figures.ts';

/** A figure's deviations below which nobody would see it. */
const VISIBLE = 0.5;
/** Of four intervals that hold together at 95 % (Bonferroni): one figure in twenty would else be named for nothing. */
const Z = 2.497705;

/**
 * Sets the figures of two domains side by side, patients as units: the standardised difference with its interval (Hedges 1981; error by Hedges and Olkin
 * 1985). Named is what lies half a deviation apart, and is sure to lie apart at all.
 */
export function compareFigures(
  source: readonly ImageFigures[],
  sourcePatients: readonly string[],
  target: readonly ImageFigures[],
  targetPatients: readonly string[],
): FigureDifference[] {
  const figures = ['brightness', 'contrast', 'noise', 'smoothness'] as const;
  return figures.map((figure) => {
    const first = byPatient(source, sourcePatients, figure);
    const second = byPatient(target, targetPatients, figure);
    return { figure, ...standardisedDifference(first, second) };
  });
}

function byPatient(
  images: readonly ImageFigures[],
  patients: readonly string[],
  figure: keyof ImageFigures,
): number[] {
  const groups = Map.groupBy(images.keys(), (at) => patients[at]);
  return [...groups.values()].map(
    (places) => places.reduce((sum, at) => sum + images[at][figure], 0) / places.length,
  );
}

/** Hedges' g with its interval; 0 ± ∞ where a domain has one patient only. */
export function standardisedDifference(
  first: readonly number[],
  second: readonly number[],
): Omit<FigureDifference, 'figure'> {
  const [m, n] = [first.length, second.length];
  const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
  const [source, target] = [mean(first), mean(second)];
  if (m < 2 || n < 2) return { source, target, effect: 0, low: -Infinity, high: Infinity, named: false };
  const squares = (values: readonly number[], around: number): number =>
    values.reduce((sum, value) => sum + (value - around) ** 2, 0);
  const pooled = Math.sqrt((squares(first, source) + squares(second, target)) / (m + n - 2));
  const correction = 1 - 3 / (4 * (m + n) - 9);
  const effect = pooled > 0 ? (correction * (target - source)) / pooled : 0;
  const error = Math.sqrt((m + n) / (m * n) + effect ** 2 / (2 * (m + n)));
  const [low, high] = [effect - Z * error, effect + Z * error];
  return { source, target, effect, low, high, named: Math.abs(effect) >= VISIBLE && (low > 0 || high < 0) };
}
