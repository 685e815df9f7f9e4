import type { DomainDistances } from '../../contract/adaptation-judgement.ts';
import { coralDistance } from './coral-distance.ts';
import { countOf, type DomainFeatures, rowsAt, standardisedTogether } from './domain-features.ts';
import { meanDiscrepancy } from './mmd.ts';
import { proxyADistance } from './proxy-a-distance.ts';

export { coralDistance } from './coral-distance.ts';
export { fitDomainClassifier, targetLogOdds } from './domain-classifier.ts';
export { countOf, type DomainFeatures, rowsAt, standardisedTogether } from './domain-features.ts';
export { kernelMatrix, type MeanDiscrepancy, meanDiscrepancy } from './mmd.ts';
export { type Halves, proxyADistance, proxyADistanceOf } from './proxy-a-distance.ts';

/**
 * All three on features that were standardised over both domains, so that two networks can be compared. Pairs are all looked at: `most` images of a
 * domain at the most, whole rows at equal steps.
 */
export function domainDistances(
  source: DomainFeatures,
  target: DomainFeatures,
  seed: number,
  most = 600,
): DomainDistances {
  const [first, second] = standardisedTogether(thinned(source, most), thinned(target, most));
  const { squared, p } = meanDiscrepancy(first, second, seed);
  const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null);
  return {
    proxyA: orNull(proxyADistance(first, second, seed)),
    mmd: squared,
    mmdP: p,
    coral: orNull(coralDistance(first, second)),
  };
}

/** Every so many-th image, so that no more than `most` are left. */
export const thinned = (domain: DomainFeatures, most: number): DomainFeatures =>
  countOf(domain) <= most ? domain : rowsAt(domain, placesOf(countOf(domain), most));

/** Which places of so many are kept. */
export const placesOf = (count: number, most: number): number[] =>
  Array.from({ length: Math.min(count, most) }, (_, at) => Math.floor((at * count) / Math.min(count, most)));
