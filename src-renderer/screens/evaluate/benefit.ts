import { type Operating, sensitivity, specificity } from './operating.ts';

/** Net benefit by threshold probability, where this share of people has the condition (Vickers and Elkin 2006). */
export interface Benefit {
  model: [number, number][];
  treatAll: [number, number][];
}

const STEPS = 99;

/** @param at counts at a threshold */
export function netBenefit(at: (threshold: number) => Operating, prevalence: number): Benefit {
  const thresholds = Array.from({ length: STEPS }, (_, step) => (step + 1) / (STEPS + 1));
  const odds = (threshold: number): number => threshold / (1 - threshold);
  return {
    model: thresholds.flatMap((threshold): [number, number][] => {
      const one = at(threshold);
      const [hits, rejections] = [sensitivity(one), specificity(one)];
      if (hits === null || rejections === null) return [];
      return [[threshold, prevalence * hits - (1 - prevalence) * (1 - rejections) * odds(threshold)]];
    }),
    treatAll: thresholds.map((threshold) => [threshold, prevalence - (1 - prevalence) * odds(threshold)]),
  };
}

/** What a call means where this share of people has the condition, by Bayes' theorem; null where nobody is called so. */
export function predictiveValues(
  one: Operating,
  prevalence: number,
): { positive: number | null; negative: number | null } {
  const [hits, rejections] = [sensitivity(one), specificity(one)];
  if (hits === null || rejections === null) return { positive: null, negative: null };
  const called = hits * prevalence + (1 - rejections) * (1 - prevalence);
  const cleared = rejections * (1 - prevalence) + (1 - hits) * prevalence;
  return {
    positive: called === 0 ? null : (hits * prevalence) / called,
    negative: cleared === 0 ? null : (rejections * (1 - prevalence)) / cleared,
  };
}
