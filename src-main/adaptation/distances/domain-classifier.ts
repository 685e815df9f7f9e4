import { fitLogisticRegression, type LinearClassifier } from '../../training/index.ts';
import type { DomainFeatures } from './domain-features.ts';
import { countOf } from './domain-features.ts';

/** Strength of the penalty: with a few hundred images and as many features, less lets the classifier tell any two halves apart by heart. */
const L2 = 0.01;

/**
 * Logistic regression that tells images of the source (0) from images of the target (1); both domains weigh the same, however many
 * images each has. Features are standardised by what is given.
 */
export function fitDomainClassifier(
  source: DomainFeatures,
  target: DomainFeatures,
  l2 = L2,
): LinearClassifier {
  const [sources, targets] = [countOf(source), countOf(target)];
  const features = new Float32Array((sources + targets) * source.size);
  features.set(source.features);
  features.set(target.features, sources * source.size);
  const labels = Array.from({ length: sources + targets }, (_, at) => (at < sources ? 0 : 1));
  return fitLogisticRegression({ features, size: source.size, labels }, 2, l2, [1 / sources, 1 / targets]);
}

/** How much more an image looks like the target than like the source, in log odds, for each row. */
export function targetLogOdds({ kernel, bias }: LinearClassifier, domain: DomainFeatures): Float64Array {
  const { features, size } = domain;
  return Float64Array.from({ length: countOf(domain) }, (_, row) => {
    let sum = bias[1] - bias[0];
    for (let f = 0; f < size; f++) sum += features[row * size + f] * (kernel[2 * f + 1] - kernel[2 * f]);
    return sum;
  });
}
