import {
  applyIsotonic,
  applyPlatt,
  applyTemperature,
  calibrateOneVersusRest,
  fitIsotonic,
  fitPlatt,
  fitTemperature,
} from '../../../src-main/evaluation/recalibration/index.ts';
import { type Comparison, readReference } from './comparison.ts';

interface Fitted {
  scores: number[];
  positive: boolean[];
  query: number[];
  probabilities: number[];
}

interface Reference {
  temperature: { logits: number[][]; labels: number[]; temperature: number; probabilities: number[][] }[];
  platt: (Omit<Fitted, 'probabilities'> & { slope: number; offset: number; scikitLearn: number[] })[];
  isotonic: Fitted[];
  oneVersusRest: { labels: number[]; probabilities: number[][]; rows: number[][]; calibrated: number[][] };
}

const reference = readReference<Reference>('calibration');
type Pair = readonly [number, number];
const along = (found: ArrayLike<number>, expected: readonly number[]): Pair[] =>
  expected.map((value, i): Pair => [found[i], value]);

export const calibrationComparisons: Comparison[] = [
  {
    name: 'fitTemperature',
    reference: 'scipy.optimize.brentq on the slope of the loss',
    pairs: () =>
      reference.temperature.map(({ logits, labels, temperature }): Pair => [
        fitTemperature(logits, labels),
        temperature,
      ]),
  },
  {
    name: 'applyTemperature',
    reference: 'scipy.special.softmax',
    pairs: () =>
      reference.temperature.flatMap(({ logits, temperature, probabilities }) =>
        along(
          applyTemperature(logits.slice(0, 3), temperature).flatMap((row) => [...row]),
          probabilities.flat(),
        ),
      ),
  },
  {
    name: 'fitPlatt',
    reference: 'scipy.optimize.minimize on the loss that scikit-learn minimises, to 1e-12',
    pairs: () =>
      reference.platt.flatMap(({ scores, positive, slope, offset }): Pair[] => {
        const found = fitPlatt(scores, positive);
        return [
          [found.slope, slope],
          [found.offset, offset],
        ];
      }),
  },
  {
    name: 'applyPlatt',
    reference: 'scikit-learn _sigmoid_calibration',
    pairs: () =>
      reference.platt.flatMap(({ scores, positive, query, scikitLearn }) =>
        along(applyPlatt(fitPlatt(scores, positive), query), scikitLearn),
      ),
  },
  {
    name: 'fitIsotonic, applyIsotonic',
    reference: "scikit-learn IsotonicRegression(out_of_bounds='clip')",
    pairs: () =>
      reference.isotonic.flatMap(({ scores, positive, query, probabilities }) =>
        along(applyIsotonic(fitIsotonic(scores, positive), query), probabilities),
      ),
  },
  {
    name: 'calibrateOneVersusRest',
    reference: 'scikit-learn IsotonicRegression of each class, normalised in numpy',
    pairs: () => {
      const { labels, probabilities, rows, calibrated } = reference.oneVersusRest;
      const fit = (scores: ArrayLike<number>, positive: ArrayLike<boolean>) => {
        const curve = fitIsotonic(scores, positive);
        return (other: ArrayLike<number>) => applyIsotonic(curve, other);
      };
      const found = calibrateOneVersusRest(fit, labels, probabilities, 3)(rows);
      return along(
        found.flatMap((row) => [...row]),
        calibrated.flat(),
      );
    },
  },
];
