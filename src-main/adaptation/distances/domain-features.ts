/** Feature vectors of one domain's images, and whose images they are. */
export interface DomainFeatures {
  /** `[images, size]` */
  features: Float32Array | Float64Array;
  size: number;
  /** Whose image each is: patients are dealt and drawn as a whole. */
  patients: readonly string[];
}

export const countOf = ({ patients }: Pick<DomainFeatures, 'patients'>): number => patients.length;

/** The rows at some places, in that order. */
export function rowsAt(
  { features, size, patients }: DomainFeatures,
  places: readonly number[],
): DomainFeatures {
  const chosen = new Float64Array(places.length * size);
  places.forEach((place, at) => chosen.set(features.subarray(place * size, (place + 1) * size), at * size));
  return { features: chosen, size, patients: places.map((place) => patients[place]) };
}

/**
 * Both domains with each feature at mean 0 and deviation 1 over the images of the two together, each domain counting for half: distances of networks
 * whose features differ in scale can then be set beside one another. A feature that never changes becomes 0.
 */
export function standardisedTogether(
  source: DomainFeatures,
  target: DomainFeatures,
): [DomainFeatures, DomainFeatures] {
  const { size } = source;
  const mean = new Float64Array(size);
  const square = new Float64Array(size);
  for (const domain of [source, target]) {
    const share = 1 / (2 * countOf(domain));
    domain.features.forEach((value, at) => {
      mean[at % size] += value * share;
    });
  }
  for (const domain of [source, target]) {
    const share = 1 / (2 * countOf(domain));
    domain.features.forEach((value, at) => {
      square[at % size] += (value - mean[at % size]) ** 2 * share;
    });
  }
  const scale = square.map((value) => (value < 1e-12 ? 0 : 1 / Math.sqrt(value)));
  const standard = (domain: DomainFeatures): DomainFeatures => ({
    ...domain,
    features: Float64Array.from(domain.features, (value, at) => (value - mean[at % size]) * scale[at % size]),
  });
  return [standard(source), standard(target)];
}

/** Squared Euclidean distance of two rows. */
export function squaredDistance(
  first: ArrayLike<number>,
  firstAt: number,
  second: ArrayLike<number>,
  secondAt: number,
  size: number,
): number {
  let sum = 0;
  for (let f = 0; f < size; f++) {
    const difference = first[firstAt * size + f] - second[secondAt * size + f];
    sum += difference * difference;
  }
  return sum;
}
