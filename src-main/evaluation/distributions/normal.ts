const DENSITY = 1 / Math.sqrt(2 * Math.PI);

/** Density of the standard normal distribution. */
export const normalDensity = (x: number): number => DENSITY * Math.exp((-x * x) / 2);

/**
 * Φ(x), the share of the standard normal distribution below x: its series near zero (Marsaglia 2004), Laplace's continued fraction
 * in the tails, so that small p-values keep their relative precision.
 */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (x <= -2) return tail(-x);
  if (x >= 2) return 1 - tail(x);
  let term = x;
  let sum = x;
  for (let i = 3; Math.abs(term) > 1e-18 * Math.abs(sum); i += 2) {
    term *= (x * x) / i;
    sum += term;
  }
  return 0.5 + sum * normalDensity(x);
}

/** 1 − Φ(x) for x ≥ 2. */
function tail(x: number): number {
  if (x > 40) return 0;
  let fraction = x;
  for (let i = 200; i >= 1; i--) fraction = x + i / fraction;
  return normalDensity(x) / fraction;
}

/**
 * Φ⁻¹(p): a rational start (Abramowitz and Stegun 26.2.23), then Halley's steps to the last digits. −∞ at 0, ∞ at 1, NaN outside.
 */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return NaN;
  if (p === 0) return -Infinity;
  if (p === 1) return Infinity;
  // The upper half by symmetry: only small p keep all their digits.
  if (p > 0.5) return -normalQuantile(1 - p);
  const t = Math.sqrt(-2 * Math.log(p));
  let x = -(
    t -
    (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
  );
  for (let step = 0; step < 4; step++) {
    const error = (normalCdf(x) - p) / normalDensity(x);
    x -= error / (1 + (x * error) / 2);
  }
  return x;
}

/** The z that leaves out (1 − level) in both tails together: 1.96 for 0.95. */
export const twoSidedZ = (level: number): number => -normalQuantile((1 - level) / 2);

/** The chance of a standard normal at least as far from zero as z. */
export const twoSidedP = (z: number): number => Math.min(1, 2 * normalCdf(-Math.abs(z)));
