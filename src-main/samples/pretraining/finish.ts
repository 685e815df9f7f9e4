import type { RandomStream } from '../../platform/random.ts';
import { blur, type Field, type Pattern, valueNoise } from '../drawing-field.ts';

/** What every picture goes through last: a scanner of its own, which says nothing of the class. */
export function finish(field: Field, random: RandomStream): void {
  if (random.uniform() < 0.4) fade(field, random);
  if (random.uniform() < 0.6) blur(field, 1);
  if (random.uniform() < 0.25) blur(field, 2);
  addNoise(field, random);
  rescale(field, random);
}

/** A ground that is never empty: a slope and some smooth noise. */
export function scenery(r: RandomStream): Pattern {
  const slope = [r.uniform(-0.2, 0.2), r.uniform(-0.2, 0.2)];
  const noise = valueNoise(r, 2 + r.integer(8), 1 + r.integer(3), r.uniform(0.4, 0.8));
  const strength = r.uniform(0, 0.18);
  return (x, y) => 0.5 + slope[0] * x + slope[1] * y + strength * noise(x, y);
}

/** The bias field of a coil: brighter on one side. */
function fade({ size, pixels }: Field, r: RandomStream): void {
  const [a, b, c] = [r.uniform(-0.4, 0.4), r.uniform(-0.4, 0.4), r.uniform(-0.4, 0.2)];
  for (let row = 0, at = 0; row < size; row++) {
    const y = (2 * row) / size - 1;
    for (let column = 0; column < size; column++, at++) {
      const x = (2 * column) / size - 1;
      pixels[at] *= Math.exp(a * x + b * y + c * (x * x + y * y));
    }
  }
}

/** Gaussian noise, or Rician as in magnitude MR, or multiplicative as in ultrasound, or rising with the signal as in X-rays. */
function addNoise({ pixels }: Field, r: RandomStream): void {
  const strength = r.uniform(0.01, 0.12);
  const kind = r.integer(4);
  for (let i = 0; i < pixels.length; i++) {
    // The sum of three uniform numbers is near enough to normal, and quick.
    const noise = strength * (r.uniform(-1, 1) + r.uniform(-1, 1) + r.uniform(-1, 1));
    if (kind === 0) pixels[i] += noise;
    else if (kind === 1) pixels[i] = Math.hypot(pixels[i] + noise, strength * r.uniform(-1, 1));
    else if (kind === 2) pixels[i] *= 1 + 2 * noise;
    else pixels[i] += noise * Math.sqrt(Math.max(0, pixels[i]));
  }
}

/** Into [0, 1], with a gamma and a margin of its own. */
function rescale({ pixels }: Field, r: RandomStream): void {
  let low = Infinity;
  let high = -Infinity;
  for (const value of pixels) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const gamma = r.uniform(0.7, 1.4);
  const floor = r.uniform(0, 0.15);
  const ceiling = r.uniform(0.8, 1);
  for (let i = 0; i < pixels.length; i++) {
    pixels[i] = floor + (ceiling - floor) * ((pixels[i] - low) / (high - low || 1)) ** gamma;
  }
}
