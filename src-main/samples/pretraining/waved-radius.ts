import type { RandomStream } from '../../platform/random.ts';

/**
 * The radius at an angle of what is round but for a few waves.
 *
 * @param frequencies whole waves around, each of a depth and phase of its own
 * @param depth of each at the most, as a share of the radius
 */
export function wavedRadius(
  r: RandomStream,
  frequencies: readonly number[],
  depth: number,
): (angle: number) => number {
  const waves = frequencies.map((frequency) => ({
    frequency,
    depth: r.uniform(0, depth),
    phase: r.uniform(0, 6),
  }));
  return (angle) =>
    waves.reduce((sum, wave) => sum + wave.depth * Math.sin(wave.frequency * angle + wave.phase), 1);
}
