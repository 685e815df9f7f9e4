import { type DomainFeatures, proxyADistance, rowsAt } from '../distances/index.ts';

/**
 * Proxy A-distance of both domains when the source's classes are as frequent as they are thought to be in the target: images of each class are taken, again and
 * again if need be, until their shares fit. Near 0: differing frequencies are all there is. Near 2: the look has changed.
 *
 * @param labels of the source's images
 * @returns null where there are too few patients
 */
export function unexplainedDistance(
  source: DomainFeatures,
  labels: readonly number[],
  target: DomainFeatures,
  prevalence: ArrayLike<number>,
  seed: number,
): number | null {
  const places = Array.from(prevalence, (share, c) => {
    const own = labels.flatMap((label, at) => (label === c ? [at] : []));
    return Array.from({ length: Math.round(share * labels.length) }, (_, at) => own[at % own.length]);
  }).flat();
  const distance = proxyADistance(rowsAt(source, places), target, seed);
  return Number.isFinite(distance) ? distance : null;
}
