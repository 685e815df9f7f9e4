import { GraftError } from '../../contract/errors.ts';
import { normalCdf, twoSidedZ } from '../distributions/normal.ts';
import { atUnit, smallestCount } from './solve.ts';

export interface TestLevels {
  /** How often a difference is found where there is none, two-sided; default 0.05. */
  alpha?: number;
  /** How often the difference is found; default 0.8. */
  power?: number;
}

/**
 * The share of cases on which exactly one of two models is right, if they err independently: p₁(1 − p₂) + p₂(1 − p₁). Models that learned from the
 * same images err together and disagree less: take it from a pilot where there is one.
 */
export const independentDiscordance = (first: number, second: number): number =>
  first * (1 - second) + second * (1 - first);

/**
 * The power of McNemar's test for two accuracies on the same patients (Connor 1987): Φ((|δ|√n − z√ψ) / √(ψ − δ²)), one result for each patient.
 *
 * @param difference δ of the two accuracies
 * @param discordant ψ, the share of patients on whom exactly one model is right; at least |δ|
 * @throws GraftError `planning-discordance`
 */
export function pairedPower(
  patients: number,
  difference: number,
  discordant: number,
  { alpha = 0.05 }: Pick<TestLevels, 'alpha'> = {},
): number {
  checkDiscordance(difference, discordant);
  // Nothing is left to vary only where everybody differs, and all the same way.
  const spread = Math.sqrt(Math.max(discordant - difference ** 2, 1e-12));
  const shift = Math.abs(difference) * Math.sqrt(patients) - twoSidedZ(1 - alpha) * Math.sqrt(discordant);
  return normalCdf(shift / spread);
}

/**
 * How many patients it takes to find a difference of two accuracies (Connor 1987): n = (z√ψ + z_β√(ψ − δ²))² / δ², rounded up.
 *
 * @throws GraftError `planning-discordance`, `planning-difference` for a difference of nothing
 */
export function pairedSampleSize(
  difference: number,
  discordant: number,
  { alpha = 0.05, power = 0.8 }: TestLevels = {},
): number {
  checkDiscordance(difference, discordant);
  checkDifference(difference);
  return smallestCount((patients) => pairedPower(patients, difference, discordant, { alpha }) >= power);
}

/** The smallest difference that is found with the power asked for. Null where not even ψ itself would be. */
export function detectableDifference(
  patients: number,
  discordant: number,
  { alpha = 0.05, power = 0.8 }: TestLevels = {},
): number | null {
  return atUnit(
    (share) => pairedPower(patients, share * discordant, discordant, { alpha }) - power,
    discordant,
  );
}

/**
 * By how much more images it takes where each patient has several: 1 + (k − 1)ρ (Kish 1965), ρ how alike results are within a patient, 0 to 1.
 */
export const designEffect = (imagesPerPatient: number, alike: number): number =>
  1 + (imagesPerPatient - 1) * alike;

export function checkDifference(difference: number): void {
  if (difference === 0 || !Number.isFinite(difference)) {
    throw new GraftError(
      'planning-difference',
      `Expected the difference that should be found, found ${difference}. Say one other than 0, such as 0.05.`,
    );
  }
}

function checkDiscordance(difference: number, discordant: number): void {
  if (!(discordant > 0 && discordant <= 1 && discordant >= Math.abs(difference))) {
    throw new GraftError(
      'planning-discordance',
      `Expected the share of patients on whom exactly one model is right, from the difference ${Math.abs(difference)} to 1, found ${discordant}. Two models differ by no more than that share.`,
    );
  }
}
