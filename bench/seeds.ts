import { RandomStream } from '../src-main/platform/random.ts';

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The middle 95 % of means of differences when seeds are drawn 10,000 times. */
export function drawnSeeds(differences: readonly number[]): [low: number, high: number] {
  const stream = new RandomStream(7, 'seeds');
  const draws = Array.from({ length: 10_000 }, () =>
    mean(differences.map(() => stream.pick(differences))),
  ).sort((a, b) => a - b);
  return [draws[250], draws[9749]];
}
