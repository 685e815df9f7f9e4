import { RandomStream } from '../../src-main/platform/random.ts';
import { drawSmear, type Nucleus, plain, soft } from './smear.ts';

const around = (count: number, reach: number): [number, number][] =>
  Array.from({ length: count }, (_, i) => {
    const angle = (2 * Math.PI * i) / count;
    return [reach * Math.cos(angle), reach * Math.sin(angle)];
  });

const spots = (u: number, v: number, places: readonly [number, number][], radius: number): number =>
  Math.max(...places.map(([x, y]) => soft(radius - Math.hypot(u - x, v - y), 12)));

/** Signs that another laboratory files its smears by; none of them is a class of the cells that are learned afterwards. */
const signs: Readonly<Record<string, (random: RandomStream) => Nucleus>> = {
  ring: () => (u, v) => plain(u, v) * (1 - soft(0.42 - Math.hypot(u, v), 12)),
  'three lobes': () => (u, v) => spots(u, v, around(3, 0.5), 0.42),
  elongated: () => (u, v) => soft(0.85 - Math.hypot(u / 1.5, v * 1.5), 10),
  angular: () => (u, v) => soft(0.7 - Math.max(Math.abs(u), Math.abs(v)), 12),
  'off centre': () => (u, v) => soft(0.6 - Math.hypot(u - 0.75, v), 10),
  'bright spots': (random) => {
    const places = around(4, 0.45).map(([x, y]): [number, number] => [
      x + random.uniform(-0.1, 0.1),
      y + random.uniform(-0.1, 0.1),
    ]);
    return (u, v) => plain(u, v) * (1 - spots(u, v, places, 0.18));
  },
  fragments: (random) => {
    const places = around(6, 0.7).map(([x, y]): [number, number] => [
      x * random.uniform(0.5, 1.1),
      y * random.uniform(0.5, 1.1),
    ]);
    return (u, v) => spots(u, v, places, 0.24);
  },
  pale: () => (u, v) => 0.45 * soft(1.05 - Math.hypot(u, v), 10),
};

export const otherCellClasses: readonly string[] = Object.keys(signs);

/** A smear of the other laboratory; the same seed and index always give the same. */
export function drawOtherCells(
  seed: number,
  index: number,
  size: number,
): { pixels: Float32Array; label: number } {
  const random = new RandomStream(seed, 'other cells', index);
  const label = random.integer(otherCellClasses.length);
  return {
    pixels: drawSmear(random, { special: signs[otherCellClasses[label]] }, size),
    label,
  };
}
