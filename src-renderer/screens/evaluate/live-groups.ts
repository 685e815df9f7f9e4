import type { ScoredAttribute } from '../../../src-main/contract/calls/evaluations.ts';
import type { ScoredImage } from './evaluation.svelte.ts';

/** A share with the range that holds it with 95 % confidence, images counting as independent (Wilson 1927). */
export interface LiveShare {
  value: number | null;
  low: number;
  high: number;
}

export interface LiveGroup {
  group: string;
  images: number;
  patients: number;
  sensitivity: LiveShare;
  specificity: LiveShare;
  /** Of the class or finding against the rest; null where a side is absent. */
  auc: number | null;
}

const Z = 1.959963984540054;

/** Wilson's interval of a share. */
export function share(part: number, whole: number): LiveShare {
  if (whole === 0) return { value: null, low: 0, high: 1 };
  const p = part / whole;
  const scale = 1 + (Z * Z) / whole;
  const centre = (p + (Z * Z) / (2 * whole)) / scale;
  const half = (Z / scale) * Math.sqrt((p * (1 - p)) / whole + (Z * Z) / (4 * whole * whole));
  return { value: p, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/** One group's images, sorted once: any threshold is then two searches. */
interface Sorted {
  positives: Float64Array;
  negatives: Float64Array;
  patients: number;
}

/**
 * One class against the rest, or one finding, in the groups of one attribute, at any threshold, in less than a frame for ten thousand images.
 */
export class LiveGroups {
  readonly #names: readonly string[];
  readonly #groups: Sorted[];
  readonly #areas: (number | null)[];

  /** @param positive index of the class or finding */
  constructor(images: readonly ScoredImage[], attribute: ScoredAttribute, positive: number) {
    this.#names = attribute.values;
    const found = attribute.values.map(() => ({
      positives: [] as number[],
      negatives: [] as number[],
      patients: new Set<string>(),
    }));
    for (const { at, label, findings, probabilities, pseudonym } of images) {
      const group = found[attribute.codes[at]];
      // What nobody knows counts neither way.
      if (!group || findings?.[positive] === null) continue;
      const there = findings ? findings[positive] === 1 : label === positive;
      (there ? group.positives : group.negatives).push(probabilities[positive]);
      group.patients.add(pseudonym);
    }
    this.#groups = found.map(({ positives, negatives, patients }) => ({
      positives: Float64Array.from(positives).sort(),
      negatives: Float64Array.from(negatives).sort(),
      patients: patients.size,
    }));
    this.#areas = this.#groups.map(area);
  }

  /** Groups that have an image, in the order of their names. */
  at(threshold: number): LiveGroup[] {
    return this.#groups.flatMap(({ positives, negatives, patients }, g): LiveGroup[] => {
      const images = positives.length + negatives.length;
      if (images === 0) return [];
      return [
        {
          group: this.#names[g],
          images,
          patients,
          sensitivity: share(positives.length - below(positives, threshold), positives.length),
          specificity: share(below(negatives, threshold), negatives.length),
          auc: this.#areas[g],
        },
      ];
    });
  }
}

/** How many of the ascending values are less than a threshold. */
function below(ascending: Float64Array, threshold: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] < threshold) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The chance that a positive scores higher than a negative, ties counting one half. */
function area({ positives, negatives }: Sorted): number | null {
  if (positives.length === 0 || negatives.length === 0) return null;
  let less = 0;
  let most = 0;
  let won = 0;
  for (const score of positives) {
    while (less < negatives.length && negatives[less] < score) less++;
    while (most < negatives.length && negatives[most] <= score) most++;
    won += less + (most - less) / 2;
  }
  return won / (positives.length * negatives.length);
}
