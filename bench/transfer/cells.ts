import { RandomStream } from '../../src-main/platform/random.ts';
import { drawSmear, type Look, type Nucleus, plain, soft } from './smear.ts';

const dividing: Nucleus = (u, v) =>
  soft(0.5 - Math.min(Math.hypot((u - 0.5) * 1.3, v), Math.hypot((u + 0.5) * 1.3, v)), 10);
const notched: Nucleus = (u, v) => plain(u, v) * (1 - soft(0.5 - Math.hypot(u - 0.75, v), 10));

const looks: Readonly<Record<string, Look>> = {
  'even nuclei': {},
  'mixed sizes': { size: (random) => random.uniform(0.55, 1.7) },
  dividing: { special: () => dividing },
  notched: { special: () => notched },
};

/** What a drawn smear shows: how its nuclei look, not how many there are. */
export const cellClasses: readonly string[] = Object.keys(looks);

/** A smear of one class: a task that nothing in the starter's pre-training resembles. size² grey values in [0, 1], rows first. */
export function drawCells(seed: number, index: number, label: number, size: number): Float32Array {
  return drawSmear(new RandomStream(seed, 'cells', label, index), looks[cellClasses[label]], size);
}
