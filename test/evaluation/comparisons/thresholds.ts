import {
  cheapestPoint,
  decisionCurve,
  expectedCost,
  type OperatingPoint,
  operatingPoints,
  pointAtSensitivity,
  pointAtSpecificity,
  predictiveValues,
  youdenPoint,
} from '../../../src-main/evaluation/thresholds/index.ts';
import { type Comparison, readReference } from './comparison.ts';

interface Point {
  /** Null where nobody is called. */
  threshold: number | null;
  sensitivity: number;
  specificity: number;
}

type NetBenefit = Record<'model' | 'treatAll' | 'treatNone', number[]>;

interface Case {
  positive: boolean[];
  probabilities: number[];
  points: Point[];
  youden: Point;
  sensitivity: Point;
  specificity: Point;
  cheapest: Point;
  cheapestElsewhere: Point;
  leastCost: number;
  predictive: {
    sensitivity: number;
    specificity: number;
    prevalence: number;
    positive: number;
    negative: number;
  }[];
  netBenefit: NetBenefit;
  netBenefitElsewhere: NetBenefit;
}

const { cases, thresholds } = readReference<{ cases: Case[]; thresholds: number[] }>('thresholds');
type Pair = readonly [number | null, number | null];

const pointPairs = (found: OperatingPoint | null | undefined, expected: Point): Pair[] => [
  [found && found.threshold < Infinity ? found.threshold : null, expected.threshold],
  [found?.sensitivity ?? null, expected.sensitivity],
  [found?.specificity ?? null, expected.specificity],
];

const chosen =
  (of: (points: OperatingPoint[], one: Case) => (readonly [OperatingPoint | null, Point])[]) => (): Pair[] =>
    cases.flatMap((one) =>
      of(operatingPoints(one.probabilities, one.positive), one).flatMap((pair) => pointPairs(...pair)),
    );

const elsewhere = { falseNegative: 10, falsePositive: 1, prevalence: 0.05 };

export const thresholdComparisons: Comparison[] = [
  {
    name: 'operatingPoints',
    reference: 'scikit-learn roc_curve',
    pairs: chosen((points, one) =>
      one.points.map((expected, at): [OperatingPoint | null, Point] => [points[at] ?? null, expected]),
    ),
  },
  {
    name: 'youdenPoint',
    reference: 'numpy on scikit-learn roc_curve',
    pairs: chosen((points, { youden }) => [[youdenPoint(points), youden]]),
  },
  {
    name: 'pointAtSensitivity',
    reference: 'numpy on scikit-learn roc_curve',
    pairs: chosen((points, { sensitivity }) => [[pointAtSensitivity(points, 0.9), sensitivity]]),
  },
  {
    name: 'pointAtSpecificity',
    reference: 'numpy on scikit-learn roc_curve',
    pairs: chosen((points, { specificity }) => [[pointAtSpecificity(points, 0.8), specificity]]),
  },
  {
    name: 'cheapestPoint',
    reference: 'numpy on scikit-learn roc_curve',
    pairs: chosen((points, one) => [
      [cheapestPoint(points, { falseNegative: 5, falsePositive: 1 }), one.cheapest],
      [cheapestPoint(points, elsewhere), one.cheapestElsewhere],
    ]),
  },
  {
    name: 'expectedCost',
    reference: 'numpy on scikit-learn roc_curve',
    pairs: () =>
      cases.map(({ probabilities, positive, leastCost }): Pair => [
        Math.min(...operatingPoints(probabilities, positive).map((point) => expectedCost(point, elsewhere))),
        leastCost,
      ]),
  },
  {
    name: 'predictiveValues',
    reference: "numpy, by Bayes' theorem",
    pairs: () =>
      cases.flatMap(({ predictive }) =>
        predictive.flatMap((one): Pair[] => {
          const found = predictiveValues(one, one.prevalence);
          return [
            [found.positive, one.positive],
            [found.negative, one.negative],
          ];
        }),
      ),
  },
  {
    name: 'decisionCurve',
    reference: 'dcurves dca, with and without another prevalence',
    pairs: () =>
      cases.flatMap(({ positive, probabilities, netBenefit, netBenefitElsewhere }) =>
        (
          [
            [netBenefit, undefined],
            [netBenefitElsewhere, 0.1],
          ] as const
        ).flatMap(([expected, prevalence]) =>
          decisionCurve(positive, probabilities, { thresholds, prevalence }).flatMap((point, at) =>
            (['model', 'treatAll', 'treatNone'] as const).map((name): Pair => [
              point[name],
              expected[name][at],
            ]),
          ),
        ),
      ),
  },
];
