import { countOf, type DomainFeatures, placesOf, standardisedTogether, thinned } from '../distances/index.ts';
import { squaredDistance } from '../distances/domain-features.ts';
import { principalPlane } from './principal-plane.ts';
import { type MapOptions, tsne } from './t-sne.ts';

export { principalPlane } from './principal-plane.ts';
export { type MapOptions, tsne } from './t-sne.ts';

/** Images of each domain at the most: more would hide one another. */
const MAPPED = 300;

/** Which images of each domain stand on the map, in order. */
export const placesOnMap = (source: number, target: number): [number[], number[]] => [
  placesOf(source, MAPPED),
  placesOf(target, MAPPED),
];

/**
 * A map of both domains' images by a network's features, standardised over both.
 *
 * @returns coordinates `[n, 2]` of the source's images, then of the target's; of larger domains every so many-th image
 */
export async function mapDomains(
  source: DomainFeatures,
  target: DomainFeatures,
  options: MapOptions = {},
): Promise<Float64Array> {
  return mapped(standardisedTogether(thinned(source, MAPPED), thinned(target, MAPPED)), options);
}

/**
 * The same of one domain alone.
 *
 * @returns coordinates `[n, 2]`; of a larger domain every so many-th image
 */
export async function mapDomain(domain: DomainFeatures, options: MapOptions = {}): Promise<Float64Array> {
  const shown = thinned(domain, MAPPED);
  return mapped(standardisedTogether(shown, shown).slice(0, 1), options);
}

function mapped(domains: readonly DomainFeatures[], options: MapOptions): Promise<Float64Array> {
  const [{ size }] = domains;
  const count = domains.reduce((sum, one) => sum + countOf(one), 0);
  const rows = new Float64Array(count * size);
  let filled = 0;
  for (const { features } of domains) {
    rows.set(features, filled);
    filled += features.length;
  }
  const distances = new Float64Array(count * count);
  for (let i = 0; i < count; i++)
    for (let j = 0; j < i; j++)
      distances[i * count + j] = distances[j * count + i] = squaredDistance(rows, i, rows, j, size);
  return tsne(distances, principalPlane(rows, size), options);
}
