import { RandomStream } from '../platform/random.ts';
import type { Features } from './frozen-features.ts';

const ROUNDS = 50;
const STARTS = 5;

/**
 * Groups of rows that lie together: k-means (Lloyd 1982) from starts drawn far apart (k-means++, Arthur and Vassilvitskii 2007), the best of five.
 *
 * @returns the group of each row, from 0
 */
export function kMeans(features: Features, groups: number, seed: number): number[] {
  let best: { groupOf: number[]; spread: number } | null = null;
  for (let start = 0; start < STARTS; start++) {
    const found = once(features, groups, new RandomStream(seed, 'clusters', start));
    if (!best || found.spread < best.spread) best = found;
  }
  return best!.groupOf;
}

function once(
  { values, size }: Features,
  groups: number,
  random: RandomStream,
): { groupOf: number[]; spread: number } {
  const count = values.length / size;
  const distance = (row: number, centre: Float64Array): number => {
    let sum = 0;
    for (let f = 0; f < size; f++) sum += (values[row * size + f] - centre[f]) ** 2;
    return sum;
  };
  const rowAt = (row: number): Float64Array =>
    Float64Array.from(values.subarray(row * size, (row + 1) * size));
  const centres = [rowAt(random.integer(count))];
  while (centres.length < Math.min(groups, count)) {
    const nearest = Array.from({ length: count }, (_, row) =>
      Math.min(...centres.map((one) => distance(row, one))),
    );
    let left = random.uniform(
      0,
      nearest.reduce((sum, one) => sum + one, 0),
    );
    const drawn = nearest.findIndex((one) => (left -= one) <= 0);
    centres.push(rowAt(Math.max(0, drawn)));
  }
  let groupOf: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = groupOf;
    groupOf = Array.from({ length: count }, (_, row) => {
      const distances = centres.map((one) => distance(row, one));
      return distances.indexOf(Math.min(...distances));
    });
    if (groupOf.every((group, row) => group === before[row])) break;
    centres.forEach((centre, group) => {
      const members = [...groupOf.keys()].filter((row) => groupOf[row] === group);
      if (members.length === 0) return;
      centre.fill(0);
      for (const row of members)
        for (let f = 0; f < size; f++) centre[f] += values[row * size + f] / members.length;
    });
  }
  return { groupOf, spread: groupOf.reduce((sum, group, row) => sum + distance(row, centres[group]), 0) };
}
