import {
  betaCdf,
  betaQuantile,
  binomialCdf,
  logGamma,
  twoSidedT,
} from '../../../src-main/evaluation/distributions/beta.ts';
import { normalCdf, normalQuantile } from '../../../src-main/evaluation/distributions/normal.ts';
import {
  aucCovariance,
  aucInterval,
  benjaminiHochberg,
  clopperPearsonInterval,
  compareAucs,
  holm,
  mcnemarCounts,
  pairedPermutationTest,
  wilsonInterval,
} from '../../../src-main/evaluation/inference/index.ts';
import { type Comparison, readReference } from './comparison.ts';

interface Area {
  models: number[][];
  positive: boolean[];
  patient: number[] | null;
  aucs: number[];
  covariance: number[][];
  z: number;
  pValue: number;
  logit: [number, number];
  plain: [number, number];
}

interface Reference {
  distributions: Record<'normalCdf' | 'normalQuantile' | 'logGamma', [number, number][]> &
    Record<'betaCdf' | 'betaQuantile' | 'binomialCdf', [[number, number, number], number][]> & {
      twoSidedT: [[number, number], number][];
    };
  areas: Area[];
  proportions: {
    successes: number;
    total: number;
    level: number;
    wilson: [number, number];
    clopperPearson: [number, number];
  }[];
  mcnemar: { onlyFirst: number; onlySecond: number; exact: number; midP: number }[];
  adjusted: { pValues: number[]; holm: number[]; benjaminiHochberg: number[] }[];
  permutations: { differences: number[]; patient: number[]; difference: number; pValue: number }[];
}

const reference = readReference<Reference>('inference');
const { distributions, areas } = reference;
type Pair = readonly [number, number];

const covarianceOf = ({ models, positive, patient }: Area) =>
  aucCovariance(models, positive, patient ?? undefined)!;

const areaPairs = (clustered: boolean, of: (area: Area) => Pair[]) => (): Pair[] =>
  areas.filter(({ patient }) => (patient !== null) === clustered).flatMap(of);

const covariances = (area: Area): Pair[] => {
  const found = covarianceOf(area);
  return [
    ...area.aucs.map((auc, i): Pair => [found.aucs[i], auc]),
    ...area.covariance.flat().map((value, i): Pair => [found.covariance.flat()[i], value]),
  ];
};

export const inferenceComparisons: Comparison[] = [
  {
    name: 'normalCdf',
    reference: 'scipy.stats.norm.cdf',
    pairs: () => distributions.normalCdf.map(([x, p]) => [normalCdf(x), p]),
  },
  {
    name: 'normalQuantile',
    reference: 'scipy.stats.norm.ppf',
    pairs: () => distributions.normalQuantile.map(([p, x]) => [normalQuantile(p), x]),
  },
  {
    name: 'logGamma',
    reference: 'scipy.special.gammaln',
    pairs: () => distributions.logGamma.map(([x, value]) => [logGamma(x), value]),
  },
  {
    name: 'betaCdf',
    reference: 'scipy.stats.beta.cdf',
    pairs: () => distributions.betaCdf.map(([of, p]) => [betaCdf(...of), p]),
  },
  {
    name: 'betaQuantile',
    reference: 'scipy.stats.beta.ppf',
    pairs: () => distributions.betaQuantile.map(([of, x]) => [betaQuantile(...of), x]),
  },
  {
    name: 'binomialCdf',
    reference: 'scipy.stats.binom.cdf',
    pairs: () => distributions.binomialCdf.map(([of, p]) => [binomialCdf(...of), p]),
  },
  {
    name: 'twoSidedT',
    reference: 'scipy.stats.t.ppf',
    pairs: () => distributions.twoSidedT.map(([of, t]) => [twoSidedT(...of), t]),
  },
  {
    name: 'aucCovariance',
    reference: 'DeLong 1988 in numpy, every pair compared',
    pairs: areaPairs(false, covariances),
  },
  {
    name: 'aucCovariance of patients',
    reference: 'Obuchowski 1997 in numpy, every pair compared',
    pairs: areaPairs(true, covariances),
  },
  {
    name: 'aucInterval',
    reference: 'numpy and scipy.stats.norm',
    pairs: () =>
      areas.flatMap((area) => {
        const { aucs, covariance } = covarianceOf(area);
        return (['logit', 'plain'] as const).flatMap((scale): Pair[] => {
          const found = aucInterval(aucs[0], covariance[0][0], { scale })!;
          return [
            [found.low, area[scale][0]],
            [found.high, area[scale][1]],
          ];
        });
      }),
  },
  {
    name: 'compareAucs',
    reference: 'numpy and scipy.stats.norm',
    pairs: () =>
      areas.flatMap((area): Pair[] => {
        const found = compareAucs(covarianceOf(area))!;
        return [
          [found.z, area.z],
          [found.pValue, area.pValue],
        ];
      }),
  },
  {
    name: 'wilsonInterval',
    reference: "statsmodels proportion_confint(method='wilson')",
    pairs: () =>
      reference.proportions.flatMap(({ successes, total, level, wilson }): Pair[] => {
        const { low, high } = wilsonInterval(successes, total, level)!;
        return [
          [low, wilson[0]],
          [high, wilson[1]],
        ];
      }),
  },
  {
    name: 'clopperPearsonInterval',
    reference: "statsmodels proportion_confint(method='beta')",
    pairs: () =>
      reference.proportions.flatMap(({ successes, total, level, clopperPearson }): Pair[] => {
        const { low, high } = clopperPearsonInterval(successes, total, level)!;
        return [
          [low, clopperPearson[0]],
          [high, clopperPearson[1]],
        ];
      }),
  },
  {
    name: 'mcnemarTest',
    reference: 'statsmodels mcnemar(exact=True); mid-p by scipy.stats.binom',
    pairs: () =>
      reference.mcnemar.flatMap(({ onlyFirst, onlySecond, exact, midP }): Pair[] => {
        const found = mcnemarCounts(onlyFirst, onlySecond);
        return [
          [found.exact, exact],
          [found.midP, midP],
        ];
      }),
  },
  {
    name: 'holm',
    reference: "statsmodels multipletests(method='holm')",
    pairs: () => reference.adjusted.flatMap((one) => holm(one.pValues).map((p, i): Pair => [p, one.holm[i]])),
  },
  {
    name: 'benjaminiHochberg',
    reference: "statsmodels multipletests(method='fdr_bh')",
    pairs: () =>
      reference.adjusted.flatMap((one) =>
        benjaminiHochberg(one.pValues).map((p, i): Pair => [p, one.benjaminiHochberg[i]]),
      ),
  },
  {
    name: 'pairedPermutationTest',
    reference: "scipy.stats.permutation_test(permutation_type='samples') on patients' sums, all assignments",
    pairs: () =>
      reference.permutations.flatMap((one): Pair[] => {
        const found = pairedPermutationTest(one.differences, one.patient)!;
        return [
          [found.difference, one.difference],
          [found.pValue, one.pValue],
        ];
      }),
  },
];
