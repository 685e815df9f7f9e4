import type { AggregationRule } from '../../../src-main/contract/analysis-settings.ts';
import { aggregate } from '../../../src-main/evaluation/aggregation/index.ts';
import {
  areaByGroup,
  compareSubgroups,
  sharesByGroup,
} from '../../../src-main/evaluation/subgroups/index.ts';
import { type Comparison, readReference } from './comparison.ts';

interface Result {
  group: string;
  images: number;
  patients: number;
  value: number | null;
  difference: number | null;
  interval: [number, number] | null;
  differenceInterval: [number, number] | null;
  pValue: number | null;
  adjusted: number | null;
}

interface Reference {
  cases: {
    metric: 'accuracy' | 'auc';
    /** A letter for each image; a dot where it is not known. */
    groups: string;
    patient: number[];
    labels: number[];
    probabilities: number[];
    draws: number[][];
    results: Result[];
  }[];
  aggregated: {
    keys: string[];
    probabilities: number[][];
    expected: Record<string, number[][]>;
  };
}

const { cases, aggregated } = readReference<Reference>('subgroups');
type Pair = readonly [number | null, number | null];

export const subgroupComparisons: Comparison[] = [
  {
    name: 'compareSubgroups',
    reference: 'numpy and scikit-learn on the same draws of patients, statsmodels multipletests',
    pairs: () =>
      cases.flatMap(({ metric, groups, patient, labels, probabilities, draws, results }) => {
        const found = compareSubgroups(
          {
            groups: [...groups].map((group) => (group === '.' ? null : group)),
            patientOf: Int32Array.from(patient),
            metric: (groupOf, count) =>
              metric === 'auc'
                ? areaByGroup(
                    probabilities,
                    labels.map((label) => label === 1),
                    patient,
                    groupOf,
                    count,
                  )
                : sharesByGroup(
                    {
                      cellOf: labels.map((label, i) => Number(probabilities[i] > 0.5 === (label === 1))),
                      cells: 2,
                    },
                    patient,
                    groupOf,
                    count,
                    ([wrong, right]) => right / (wrong + right),
                  ),
          },
          { draws },
        );
        return results.flatMap((expected, g): Pair[] => [
          ...(['images', 'patients', 'value', 'difference', 'pValue', 'adjusted'] as const).map(
            (name): Pair => [found[g][name], expected[name]],
          ),
          ...(['interval', 'differenceInterval'] as const).flatMap((name): Pair[] => [
            [found[g][name]?.low ?? null, expected[name]?.[0] ?? null],
            [found[g][name]?.high ?? null, expected[name]?.[1] ?? null],
          ]),
        ]);
      }),
  },
  {
    name: 'aggregate',
    reference: 'numpy, from the formulas',
    pairs: () =>
      Object.entries(aggregated.expected).flatMap(([name, rows]) => {
        const [rule, kind] = name.split(' ');
        const found = aggregate(
          aggregated.probabilities,
          aggregated.keys,
          rule as AggregationRule,
          kind === 'exclusive',
        );
        return rows.flatMap((row, i) => row.map((value, k): Pair => [found.probabilities[i][k], value]));
      }),
  },
];
