import { countOf, type DomainFeatures } from './domain-features.ts';

/**
 * CORAL distance (Sun and Saenko 2016): ‖C_S − C_T‖²_F / 4d², C the covariances of the features. By products of images rather than of features, of which
 * there are more: tr(C_S C_T) = ‖X_S X_Tᵀ‖² / (n_S − 1)(n_T − 1) for centred X.
 */
export function coralDistance(source: DomainFeatures, target: DomainFeatures): number {
  const { size } = source;
  const [first, second] = [centred(source), centred(target)];
  const [m, n] = [countOf(source), countOf(target)];
  if (m < 2 || n < 2) return NaN;
  const squared =
    products(first, first, size) / (m - 1) ** 2 +
    products(second, second, size) / (n - 1) ** 2 -
    (2 * products(first, second, size)) / ((m - 1) * (n - 1));
  return Math.max(0, squared) / (4 * size * size);
}

function centred({ features, size, patients }: DomainFeatures): Float64Array {
  const mean = new Float64Array(size);
  features.forEach((value, at) => {
    mean[at % size] += value / patients.length;
  });
  return Float64Array.from(features, (value, at) => value - mean[at % size]);
}

/** Sum of the squared inner products of all rows of one with all rows of the other. */
function products(first: Float64Array, second: Float64Array, size: number): number {
  let sum = 0;
  for (let i = 0; i < first.length; i += size) {
    for (let j = 0; j < second.length; j += size) {
      let product = 0;
      for (let f = 0; f < size; f++) product += first[i + f] * second[j + f];
      sum += product * product;
    }
  }
  return sum;
}
