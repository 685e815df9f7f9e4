import type { NearDuplicate } from '../contract/checks.ts';
import type { Features } from './frozen-features.ts';
import { hammingDistance } from './perceptual-hash.ts';

/** An image that may be like another. */
export interface Lookalike {
  instanceId: number;
  frameIndex: number;
  /** train, validation, test, or the name of an evaluation set. */
  set: string;
  patientKey: string;
  /** Class, or findings, as text: equal where labels are. */
  label: string;
  hash: bigint;
  /** SHA-256 of the prepared pixels. */
  pixels: string;
}

/** Hashes that differ in no more bits are those of one picture (Zauner 2010 finds different pictures about half of all bits apart). */
const MOST_BITS = 5;
/** And a network that sees the same in both. */
const LEAST_COSINE = 0.95;
export const MOST_LISTED = 200;

/**
 * Pairs of images that are nearly the same and should not be: of different patients, or one learned from and the other judged. Slices of one patient in one
 * set are alike by nature, and are left out.
 *
 * @param judged the set that results are about: at least one of a pair is in it
 * @returns the most alike first, at most 200
 */
export function nearDuplicates(
  images: readonly Lookalike[],
  features: Features,
  judged: string,
): NearDuplicate[] {
  const { values, size } = features;
  const lengths = images.map((_, row) => Math.sqrt(dot(values, size, row, row)));
  const found: NearDuplicate[] = [];
  images.forEach((first, i) => {
    if (first.set !== judged) return;
    images.forEach((second, j) => {
      if (i === j || (second.set === judged && j < i)) return;
      const samePatient = first.patientKey === second.patientKey;
      if (samePatient && second.set === judged) return;
      const same = first.pixels === second.pixels;
      const distance = same ? 0 : hammingDistance(first.hash, second.hash);
      if (distance > MOST_BITS) return;
      const product = lengths[i] * lengths[j];
      const cosine = same ? 1 : product > 0 ? dot(values, size, i, j) / product : 0;
      if (cosine < LEAST_COSINE) return;
      const place = ({ instanceId, frameIndex, set }: Lookalike): NearDuplicate['first'] => ({
        instanceId,
        frameIndex,
        set,
      });
      found.push({
        first: place(first),
        second: place(second),
        kind: same ? 'pixels' : 'near',
        distance,
        cosine,
        samePatient,
        sameLabel: first.label === second.label,
      });
    });
  });
  return found.sort((a, b) => a.distance - b.distance || b.cosine - a.cosine).slice(0, MOST_LISTED);
}

function dot(values: Float32Array, size: number, i: number, j: number): number {
  let sum = 0;
  for (let f = 0; f < size; f++) sum += values[i * size + f] * values[j * size + f];
  return sum;
}
