import type { TrainingConfig } from '../contract/training.ts';
import type { TrainingDataset } from './data.ts';
import { type FindingFeatures, fitFindings, lossOfFindings } from './finding-regression.ts';
import { headKind } from './head-kind.ts';
import {
  fitLogisticRegression,
  type LabelledFeatures,
  type LinearClassifier,
  lossOf,
} from './logistic-regression.ts';
import { classWeights } from './metrics.ts';
import { positiveWeights } from './objective.ts';

type Features = LabelledFeatures & FindingFeatures;

/** How a linear probe is fitted and judged, by the kind of the head. */
export interface ProbeFit {
  fit(training: Features, l2: number): LinearClassifier;
  /** Mean loss, in nats. */
  loss(classifier: LinearClassifier, data: Features): number;
  /** What is written into the head. */
  forHead(classifier: LinearClassifier): LinearClassifier;
}

/** @throws GraftError `head-output` */
export function probeFor(
  config: Pick<TrainingConfig, 'head' | 'classWeights'>,
  dataset: TrainingDataset,
): ProbeFit {
  const classes = dataset.classes.length;
  const kind = headKind(config, dataset.classes, dataset.multiLabel);
  if (kind === 'findings') {
    return {
      fit: (training, l2) => {
        const weights = config.classWeights ? positiveWeights(training.findings, classes) : null;
        return fitFindings(training, classes, l2, weights);
      },
      loss: lossOfFindings,
      forHead: (classifier) => classifier,
    };
  }
  return {
    fit: (training, l2) => {
      const weights = config.classWeights
        ? classWeights(training.labels, classes)
        : dataset.classes.map(() => 1);
      return fitLogisticRegression(training, classes, l2, weights);
    },
    loss: lossOf,
    forHead: kind === 'binary' ? asOneOutput : (classifier) => classifier,
  };
}

/** A softmax of two logits says what the sigmoid of their difference says. */
function asOneOutput({ kernel, bias }: LinearClassifier): LinearClassifier {
  return {
    kernel: Float32Array.from({ length: kernel.length / 2 }, (_, f) => kernel[2 * f + 1] - kernel[2 * f]),
    bias: Float32Array.of(bias[1] - bias[0]),
  };
}
