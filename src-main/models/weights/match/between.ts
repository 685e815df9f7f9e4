import type { Naming } from './naming.ts';

/** Arrays of an axis or none are statistics and settings: without them a network is the same. */
const FEWEST_AXES = 2;

interface Named {
  name: string;
  shape: readonly number[];
}

/**
 * Arrays that stand between those of the backbone and that it has no place for: they are of a deeper network of its kind, or of one with more in each block.
 * What comes before and after a backbone (other heads, decoders, a second copy) is not among them.
 *
 * @param used arrays of the file that became weights of the backbone
 * @param left arrays that nothing wants
 */
export function standingBetween(
  separator: Naming['separator'],
  used: readonly string[],
  left: readonly Named[],
): string[] {
  const partOf = separator === '.' ? partIn(used) : kindOfLayer;
  const parts = new Set(used.map(partOf));
  return left
    .filter(({ name, shape }) => shape.length >= FEWEST_AXES && parts.has(partOf(name)))
    .map(({ name }) => name);
}

/** `module.layer3.6.conv1.weight` → `module.layer3`: one step further than what all arrays of the backbone are behind. */
function partIn(used: readonly string[]): (name: string) => string {
  const paths = used.map((name) => name.split('.').slice(0, -1));
  const [first = []] = paths;
  const differs = first.findIndex((step, at) => paths.some((path) => path[at] !== step));
  const depth = 1 + (differs < 0 ? first.length : differs);
  return (name) => name.split('.').slice(0, -1).slice(0, depth).join('.');
}

/**
 * Keras's layers stand side by side: `conv4_block7_1_conv/kernel` → `conv#_block#_#_conv`, as those of the blocks before it. Layers that are only numbered by
 * their class say nothing: a head has such too.
 */
function kindOfLayer(name: string): string {
  const path = name.split('/').slice(0, -1);
  return path.includes('layers') ? name : path.join('/').replaceAll(/\d+[a-z]*\d*/g, '#');
}
