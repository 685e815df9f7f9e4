import type { PairedTest, PilotPlan } from '../../contract/analysis.ts';
import type { ScoredPrediction } from '../../contract/evaluation.ts';
import { predictedClass } from '../classification.ts';
import { compareAucs, holm, mcnemarTest, pairedPermutationTest } from '../inference/index.ts';
import { detectableDifference, pairedSampleSize } from '../planning/index.ts';
import { pairOf, type TargetAreas } from './areas.ts';
import type { Cases } from './cases.ts';

/** One model with its cases of the unit that is looked at, and patient by patient. */
export interface Contender {
  name: string;
  cases: Cases;
  byPatient: Cases;
}

/** Of a class 1 or 0; of findings the share of known answers that are right at a probability of 0.5. */
export function rightness({ label, findings, probabilities }: ScoredPrediction): number {
  if (!findings) return Number(predictedClass(probabilities) === label);
  const known = findings.flatMap((truth, k) =>
    truth === null ? [] : [probabilities[k] >= 0.5 === (truth === 1)],
  );
  return known.length === 0 ? 1 : known.filter(Boolean).length / known.length;
}

const DIFFERENCES = [0.02, 0.05, 0.1];

/** What two models' patients say for a later study: none without patients of whom there is one result. */
export function pilotPlan(first: Contender, second: Contender): PilotPlan[] {
  const patients = first.byPatient.predictions.length;
  if (patients === 0) return [];
  const { onlyFirst, onlySecond } = patientsRight(first, second);
  const discordant = (onlyFirst + onlySecond) / patients;
  return [
    {
      first: first.name,
      second: second.name,
      patients,
      discordant,
      detectable: discordant === 0 ? null : detectableDifference(patients, discordant),
      needed: DIFFERENCES.map((difference) => ({
        difference,
        patients: discordant < difference ? null : pairedSampleSize(difference, discordant),
      })),
    },
  ];
}

const patientsRight = (first: Contender, second: Contender): ReturnType<typeof mcnemarTest> =>
  mcnemarTest(
    first.byPatient.predictions.map((one) => rightness(one) === 1),
    second.byPatient.predictions.map((one) => rightness(one) === 1),
  );

/**
 * Tests of each pair on the same cases: accuracy, models exchanged within patients; patients right (McNemar); areas (DeLong). Adjusted by Holm
 * over all of them.
 *
 * @param pairs places among the contenders
 */
export function pairedTests(
  contenders: readonly Contender[],
  pairs: readonly (readonly [number, number])[],
  areas: readonly TargetAreas[],
  seed: number,
): PairedTest[] {
  const tests = pairs.flatMap(([a, b]): Omit<PairedTest, 'adjusted'>[] => {
    const [first, second] = [contenders[a], contenders[b]];
    const names = { first: first.name, second: second.name };
    return [
      ...permutation(first, second, seed).map((test) => ({ ...names, ...test })),
      ...mcnemar(first, second).map((test) => ({ ...names, ...test })),
      ...areas.flatMap(({ name, covariance }) => {
        const compared = covariance && compareAucs(pairOf(covariance, a, b));
        if (!compared) return [];
        const { difference, low, high, pValue } = compared;
        return [
          { ...names, kind: 'delong' as const, target: name, difference, range: { low, high }, pValue },
        ];
      }),
    ];
  });
  const adjusted = holm(tests.map(({ pValue }) => pValue));
  return tests.map((test, at) => ({ ...test, adjusted: adjusted[at] }));
}

type Found = Omit<PairedTest, 'adjusted' | 'first' | 'second'>;

function permutation(first: Contender, second: Contender, seed: number): Found[] {
  const other = second.cases.predictions;
  const differences = first.cases.predictions.map((one, i) => rightness(one) - rightness(other[i]));
  const test = pairedPermutationTest(differences, first.cases.patients.of, { seed });
  if (!test) return [];
  const { difference, pValue } = test;
  return [{ kind: 'permutation', target: null, difference, range: null, pValue }];
}

function mcnemar(first: Contender, second: Contender): Found[] {
  const patients = first.byPatient.predictions.length;
  if (patients === 0) return [];
  const { onlyFirst, onlySecond, exact, midP } = patientsRight(first, second);
  return [
    {
      kind: 'mcnemar',
      target: null,
      difference: (onlyFirst - onlySecond) / patients,
      range: null,
      pValue: midP,
      discordant: { onlyFirst, onlySecond, exact },
    },
  ];
}
