import type { ConformalResult, FittedModel } from '../../contract/analysis.ts';
import { adaptive, evaluateSets, leastAmbiguous } from '../conformal/index.ts';
import type { BootstrapOptions } from '../resampling/index.ts';
import type { Cases } from './cases.ts';
import { shareRange } from './shares.ts';

/** Sets by thresholds that validation data fitted, and how often they hold the true class. */
export function predictionSets(
  cases: Cases,
  classes: readonly string[],
  fitted: FittedModel,
  miss: number,
  options: BootstrapOptions,
): ConformalResult[] {
  const labels = cases.predictions.map(({ label }) => label);
  return fitted.conformal.flatMap(({ method, byClass, calibratedOn, thresholds }): ConformalResult[] => {
    const score = method === 'adaptive' ? adaptive : leastAmbiguous;
    const sets = cases.predictions.map(({ probabilities }) =>
      // Sums in another order may miss a threshold by rounding.
      thresholds.flatMap((limit, k) =>
        limit === null || score(probabilities, k, 1) <= limit + 1e-12 ? [k] : [],
      ),
    );
    const quality = evaluateSets(sets, labels, classes.length);
    if (!quality) return [];
    const { coverage, coverageOfClass, meanSize, empty, single, bySize } = quality;
    const covered = sets.map((set, i) => set.includes(labels[i]));
    return [
      {
        method,
        byClass,
        miss,
        calibratedOn,
        thresholds,
        coverage,
        coverageRange: shareRange(covered, cases, options),
        coverageOfClass: coverageOfClass.map((share, k) => ({ class: classes[k], coverage: share })),
        meanSize,
        empty,
        single,
        bySize,
      },
    ];
  });
}
