import type { FigureDifference } from '../../contract/adaptation-judgement.ts';
import type { FigureSummary } from '../../contract/model-origin.ts';
import type { ImageFigures } from './image-figures.ts';

/** A figure's deviations below which nobody would see it. */
const VISIBLE = 0.5;
/** Of four intervals that hold together at 95 % (Bonferroni): one figure in twenty would else be named for nothing. */
const Z = 2.497705;

const FIGURES = ['brightness', 'contrast', 'noise', 'smoothness'] as const;

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
  return FIGURES.map((figure) => {
    const first = byPatient(source, sourcePatients, figure);
    const second = byPatient(target, targetPatients, figure);
    return { figure, ...standardisedDifference(first, second) };
  });
}

/** The same where of the source only summaries are at hand; a figure that they lack is left out. */
export function compareWithSummaries(
  source: readonly FigureSummary[],
  target: readonly ImageFigures[],
  targetPatients: readonly string[],
): FigureDifference[] {
  return source.map(({ figure, patients, mean, deviation }) => {
    const first = { count: patients, mean, squares: deviation ** 2 * Math.max(0, patients - 1) };
    const second = momentsOf(byPatient(target, targetPatients, figure));
    return { figure, ...differenceOfMoments(first, second) };
  });
}

/** Means and standard deviations over patients: what may leave a hospital of its images' look. */
export const summariseFigures = (
  images: readonly ImageFigures[],
  patients: readonly string[],
): FigureSummary[] =>
  FIGURES.map((figure) => {
    const { count, mean, squares } = momentsOf(byPatient(images, patients, figure));
    return { figure, patients: count, mean, deviation: count < 2 ? 0 : Math.sqrt(squares / (count - 1)) };
  });

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
export const standardisedDifference = (
  first: readonly number[],
  second: readonly number[],
): Omit<FigureDifference, 'figure'> => differenceOfMoments(momentsOf(first), momentsOf(second));

interface MomentsOfValues {
  count: number;
  mean: number;
  /** Sum of squared distances from the mean. */
  squares: number;
}

function momentsOf(values: readonly number[]): MomentsOfValues {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { count: values.length, mean, squares };
}

function differenceOfMoments(
  first: MomentsOfValues,
  second: MomentsOfValues,
): Omit<FigureDifference, 'figure'> {
  const [m, n] = [first.count, second.count];
  const [source, target] = [first.mean, second.mean];
  if (m < 2 || n < 2) return { source, target, effect: 0, low: -Infinity, high: Infinity, named: false };
  const pooled = Math.sqrt((first.squares + second.squares) / (m + n - 2));
  const correction = 1 - 3 / (4 * (m + n) - 9);
  const effect = pooled > 0 ? (correction * (target - source)) / pooled : 0;
  const error = Math.sqrt((m + n) / (m * n) + effect ** 2 / (2 * (m + n)));
  const [low, high] = [effect - Z * error, effect + Z * error];
  return { source, target, effect, low, high, named: Math.abs(effect) >= VISIBLE && (low > 0 || high < 0) };
}
