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
  const [first, second] = standardisedTogether(thinned(source, MAPPED), thinned(target, MAPPED));
  const { size } = first;
  const count = countOf(first) + countOf(second);
  const rows = new Float64Array(count * size);
  rows.set(first.features);
  rows.set(second.features, first.features.length);
  const distances = new Float64Array(count * count);
  for (let i = 0; i < count; i++)
    for (let j = 0; j < i; j++)
      distances[i * count + j] = distances[j * count + i] = squaredDistance(rows, i, rows, j, size);
  return tsne(distances, principalPlane(rows, size), options);
}
