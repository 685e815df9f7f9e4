import { metricNames, type MetricName } from '../../../src-main/contract/evaluation.ts';
import { correctedT, foldsOfApproaches } from '../../../src-main/evaluation/cross-validation/index.ts';
import { type Comparison, readReference } from './comparison.ts';

type Approach = 'probe' | 'fine-tuned';
type Corrected = Record<'mean' | 'low' | 'high' | 'pValue', number>;
interface Reference {
  group: number[];
  truth: number[];
  fold: number[];
  answers: Record<Approach, number[][]>;
  sides: { learned: number; judged: number }[];
  folds: Record<Approach, Record<MetricName, number>>[];
  spread: Record<Approach, Record<MetricName, { mean: number; standardDeviation: number }>>;
  tests: (Corrected & { differences: number[]; ratio: number })[];
}

const reference = readReference<Reference>('../../cross-validation/reference/cross-validation');
const approaches: Approach[] = ['probe', 'fine-tuned'];
type Pair = readonly [number | null, number | null];

/** Of one fold, as scikit-learn was given it. */
const predictions = (approach: Approach, fold: number) =>
  reference.truth.flatMap((label, i) => {
    if (reference.fold[i] !== fold) return [];
    const raw = reference.answers[approach][i];
    const sum = raw.reduce((total, one) => total + one, 0);
    return [{ patientKey: `p${reference.group[i]}`, label, probabilities: raw.map((one) => one / sum) }];
  });

const found = () =>
  foldsOfApproaches(
    reference.sides.map((sides, fold) => ({
      ...sides,
      models: approaches.map((approach) => ({ approach, predictions: predictions(approach, fold) })),
    })),
    ['a', 'b', 'c'],
    false,
  );

export const crossValidationComparisons: Comparison[] = [
  {
    name: 'foldsOfApproaches',
    reference: 'scikit-learn on the same answers, fold by fold',
    pairs: () =>
      found().folds.flatMap((of, fold) =>
        of.flatMap(({ approach, metrics }) =>
          metricNames.map((name): Pair => [metrics[name], reference.folds[fold][approach as Approach][name]]),
        ),
      ),
  },
  {
    name: 'foldsOfApproaches, spread',
    reference: 'numpy.mean, numpy.std(ddof=1)',
    pairs: () =>
      found().spread.flatMap(({ approach, metric, mean, standardDeviation }): Pair[] => {
        const expected = reference.spread[approach as Approach][metric];
        return [
          [mean, expected.mean],
          [standardDeviation, expected.standardDeviation],
        ];
      }),
  },
  {
    name: 'correctedT',
    reference: 'Nadeau and Bengio 2003 with scipy.stats.t, as an example of scikit-learn writes it',
    pairs: () =>
      reference.tests.flatMap(({ differences, ratio, ...expected }) => {
        const test = correctedT(differences, ratio);
        return (['mean', 'low', 'high', 'pValue'] as const).map((name): Pair => [test[name], expected[name]]);
      }),
  },
];
