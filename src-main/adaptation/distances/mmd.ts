import { RandomStream } from '../../platform/random.ts';
import { countOf, type DomainFeatures, squaredDistance } from './domain-features.ts';

/** Widths of the kernels, as factors of the median squared distance. */
const WIDTHS = [0.25, 0.5, 1, 2, 4];

export interface MeanDiscrepancy {
  /** MMD², unbiased: around 0 where the domains are alike, and then below it as often as above. */
  squared: number;
  /** Share of random assignments of patients to the domains with at least this value. */
  p: number;
}

/**
 * Maximum mean discrepancy (Gretton et al. 2012, the unbiased estimator of lemma 6) with the mean of five Gaussian kernels exp(−d² / 2wσ²), σ² the
 * median squared distance of all pairs, w ¼ to 4. Its p-value comes from dealing each patient's images of a domain anew, as a whole.
 *
 * @param permutations default 199
 */
export function meanDiscrepancy(
  source: DomainFeatures,
  target: DomainFeatures,
  seed: number,
  permutations = 199,
): MeanDiscrepancy {
  const kernel = kernelMatrix(source, target);
  const groups = groupsOf(source, target);
  const sums = groupSums(kernel, groups.of, groups.size.length);
  const from = groups.isSource;
  const squared = estimate(sums, groups.size, from);
  const random = new RandomStream(seed, 'adaptation', 'mmd');
  let asFar = 1;
  for (let round = 0; round < permutations; round++) {
    if (estimate(sums, groups.size, random.shuffle(from)) >= squared) asFar++;
  }
  return { squared, p: asFar / (permutations + 1) };
}

/** Kernel values of all pairs, the source's images first, `[n, n]`. */
export function kernelMatrix(source: DomainFeatures, target: DomainFeatures): Float64Array {
  const { size } = source;
  const all = new Float64Array((countOf(source) + countOf(target)) * size);
  all.set(source.features);
  all.set(target.features, countOf(source) * size);
  const count = countOf(source) + countOf(target);
  const distances = new Float64Array(count * count);
  const pairs: number[] = [];
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < i; j++) {
      const distance = squaredDistance(all, i, all, j, size);
      distances[i * count + j] = distances[j * count + i] = distance;
      pairs.push(distance);
    }
  }
  const width = median(pairs) || 1;
  return distances.map(
    (distance) =>
      WIDTHS.reduce((sum, factor) => sum + Math.exp(-distance / (2 * factor * width)), 0) / WIDTHS.length,
  );
}

function median(values: number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** A patient's images of one domain: what is dealt together. */
function groupsOf(
  source: DomainFeatures,
  target: DomainFeatures,
): { of: number[]; size: number[]; isSource: boolean[] } {
  const numbers = new Map<string, number>();
  const size: number[] = [];
  const isSource: boolean[] = [];
  const of: number[] = [];
  for (const domain of [source, target]) {
    for (const patient of domain.patients) {
      const name = `${domain === source ? 's' : 't'}${patient}`;
      const group = numbers.get(name) ?? size.length;
      if (!numbers.has(name)) {
        numbers.set(name, group);
        size.push(0);
        isSource.push(domain === source);
      }
      size[group]++;
      of.push(group);
    }
  }
  return { of, size, isSource };
}

/** Sums of the kernel between groups, an image with itself left out: whatever is dealt afterwards costs no more than groups squared. */
function groupSums(kernel: Float64Array, groupOf: readonly number[], groups: number): Float64Array {
  const count = groupOf.length;
  const sums = new Float64Array(groups * groups);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      if (i !== j) sums[groupOf[i] * groups + groupOf[j]] += kernel[i * count + j];
    }
  }
  return sums;
}

function estimate(sums: Float64Array, size: readonly number[], isSource: readonly boolean[]): number {
  const groups = size.length;
  let [within, other, between] = [0, 0, 0];
  let [sources, targets] = [0, 0];
  for (let a = 0; a < groups; a++) {
    if (isSource[a]) sources += size[a];
    else targets += size[a];
    for (let b = 0; b < groups; b++) {
      const sum = sums[a * groups + b];
      if (isSource[a] && isSource[b]) within += sum;
      else if (!isSource[a] && !isSource[b]) other += sum;
      else between += sum;
    }
  }
  const pairs = (count: number): number => Math.max(1, count * (count - 1));
  // The sum between the domains holds each pair twice.
  return within / pairs(sources) + other / pairs(targets) - between / (sources * targets);
}
