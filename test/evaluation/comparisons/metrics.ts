import { confusionMatrix, predictedClass } from '../../../src-main/evaluation/index.ts';
import {
  adaptiveCalibrationError,
  averagedMetrics,
  binaryBrierScore,
  brierScore,
  calibrationSlope,
  expectedCalibrationError,
  logLoss,
  matthewsCorrelation,
  meanAveragePrecision,
  oneVersusOneAuc,
  oneVersusRestAuc,
  reliabilityCurve,
  spiegelhalterZ,
  weightedKappa,
} from '../../../src-main/evaluation/metrics/index.ts';
import { type Comparison, readReference } from './comparison.ts';

interface Input {
  name: string;
  labels: number[];
  probabilities: number[][];
}

type ByAverage<T> = Record<'macro' | 'weighted', T>;
type ByBinning<T> = Record<'uniform' | 'quantile', T>;
interface Bin {
  confidence: number;
  accuracy: number;
  count: number;
}

interface Expected {
  averages: Record<
    'macro' | 'micro' | 'weighted',
    Record<'precision' | 'recall' | 'specificity' | 'f1', number>
  >;
  matthews: number | null;
  kappa: Record<'none' | 'linear' | 'quadratic', number | null>;
  ovr: ByAverage<number | null>;
  ovo: ByAverage<number | null>;
  averagePrecision: ByAverage<number | null>;
  brier: number;
  binaryBrier: number;
  logLoss: number;
  curves: ByBinning<Bin[]>;
  ece: ByBinning<number>;
  ace: number;
}

const slopeNames = [
  'slope',
  'intercept',
  'slopeError',
  'interceptError',
  'inTheLarge',
  'observedToExpected',
] as const;
type Slope = { positive: boolean[]; probabilities: number[]; z: number } & Record<
  (typeof slopeNames)[number],
  number
>;
const { slopes } = readReference<{ slopes: Slope[] }>('calibration');
const inputs = readReference<{ cases: Input[] }>('reference').cases;
const expected = readReference<{ cases: Expected[] }>('metrics').cases;

type Pair = readonly [number | null, number | null];

/** Over all cases. */
const each =
  (of: (input: Input & { classes: number; confusion: number[][] }, expected: Expected) => Pair[]) =>
  (): Pair[] =>
    inputs.flatMap((input, i) => {
      const classes = input.probabilities[0].length;
      const predicted = input.probabilities.map(predictedClass);
      return of(
        { ...input, classes, confusion: confusionMatrix(input.labels, predicted, classes) },
        expected[i],
      );
    });

const averages = ['macro', 'weighted'] as const;
const binnings = [
  ['width', 'uniform'],
  ['mass', 'quantile'],
] as const;

export const metricComparisons: Comparison[] = [
  {
    name: 'averagedMetrics',
    reference: 'scikit-learn precision_recall_fscore_support, multilabel_confusion_matrix',
    pairs: each(({ confusion }, { averages: of }) =>
      (['macro', 'micro', 'weighted'] as const).flatMap((average) => {
        const found = averagedMetrics(confusion, average);
        return (['precision', 'recall', 'specificity', 'f1'] as const).map((name): Pair => [
          found[name],
          of[average][name],
        ]);
      }),
    ),
  },
  {
    name: 'matthewsCorrelation',
    reference: 'scikit-learn matthews_corrcoef',
    pairs: each(({ confusion }, { matthews }) => [[matthewsCorrelation(confusion), matthews]]),
  },
  {
    name: 'weightedKappa',
    reference: 'scikit-learn cohen_kappa_score',
    pairs: each(({ confusion }, { kappa }) =>
      (['none', 'linear', 'quadratic'] as const).map((weights): Pair => [
        weightedKappa(confusion, weights),
        kappa[weights],
      ]),
    ),
  },
  {
    name: 'oneVersusRestAuc',
    reference: "scikit-learn roc_auc_score(multi_class='ovr')",
    pairs: each(({ labels, probabilities, classes }, { ovr }) =>
      classes === 2
        ? []
        : averages.map((average): Pair => [
            oneVersusRestAuc(labels, probabilities, classes, average),
            ovr[average],
          ]),
    ),
  },
  {
    name: 'oneVersusOneAuc',
    reference: "scikit-learn roc_auc_score(multi_class='ovo')",
    pairs: each(({ labels, probabilities, classes }, { ovo }) =>
      averages.map((average): Pair => [
        oneVersusOneAuc(labels, probabilities, classes, average),
        ovo[average],
      ]),
    ),
  },
  {
    name: 'meanAveragePrecision',
    reference: 'scikit-learn average_precision_score',
    pairs: each(({ labels, probabilities, classes }, { averagePrecision }) =>
      averages.map((average): Pair => [
        meanAveragePrecision(labels, probabilities, classes, average),
        averagePrecision[average],
      ]),
    ),
  },
  {
    name: 'brierScore',
    reference: 'numpy, from the formula',
    pairs: each(({ labels, probabilities }, { brier }) => [[brierScore(labels, probabilities), brier]]),
  },
  {
    name: 'binaryBrierScore',
    reference: 'scikit-learn brier_score_loss',
    pairs: each(({ labels, probabilities }, { binaryBrier }) => [
      [
        binaryBrierScore(
          labels.map((label) => label === 1),
          probabilities.map((row) => row[1]),
        ),
        binaryBrier,
      ],
    ]),
  },
  {
    name: 'logLoss',
    reference: 'scikit-learn log_loss',
    pairs: each(({ labels, probabilities }, expectedOf) => [
      [logLoss(labels, probabilities, Number.EPSILON), expectedOf.logLoss],
    ]),
  },
  {
    name: 'reliabilityCurve',
    reference: 'scikit-learn calibration_curve',
    pairs: each(({ labels, probabilities }, { curves }) =>
      binnings.flatMap(([binning, strategy]) => {
        const found = reliabilityCurve(
          probabilities.map((row) => Math.max(...row)),
          probabilities.map((row, i) => predictedClass(row) === labels[i]),
          { bins: 5, binning },
        );
        return [
          [found.length, curves[strategy].length] as const,
          ...curves[strategy].flatMap((bin, at) =>
            (['confidence', 'accuracy', 'count'] as const).map((name): Pair => [found[at][name], bin[name]]),
          ),
        ];
      }),
    ),
  },
  {
    name: 'expectedCalibrationError',
    reference: 'scikit-learn calibration_curve, weighted by cases in numpy',
    pairs: each(({ labels, probabilities }, { ece }) =>
      binnings.map(([binning, strategy]): Pair => [
        expectedCalibrationError(labels, probabilities, { bins: 5, binning }),
        ece[strategy],
      ]),
    ),
  },
  {
    name: 'adaptiveCalibrationError',
    reference: 'scikit-learn calibration_curve of each class, averaged in numpy',
    pairs: each(({ labels, probabilities, classes }, { ace }) => [
      [adaptiveCalibrationError(labels, probabilities, classes, { bins: 5 }), ace],
    ]),
  },
  {
    name: 'calibrationSlope',
    reference: 'statsmodels Logit, GLM with an offset',
    pairs: () =>
      slopes.flatMap((one) => {
        const found = calibrationSlope(one.positive, one.probabilities)!;
        return slopeNames.map((name): Pair => [found[name], one[name]]);
      }),
  },
  {
    name: 'spiegelhalterZ',
    reference: 'numpy, from the formula',
    pairs: () =>
      slopes.map(({ positive, probabilities, z }): Pair => [spiegelhalterZ(positive, probabilities), z]),
  },
];
