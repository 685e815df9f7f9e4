import type { ConformalResult, FittedModel } from '../../contract/analysis.ts';
import { adaptive, evaluateSets, leastAmbiguous } from '../conformal/index.ts';
import type { BootstrapOptions } from '../resampling/index.ts';
import type { Cases } from './cases.ts';
import { shareRanges } from './shares.ts';

/** Sets by thresholds that validation data fitted, and how often they hold the true class. */
export function predictionSets(
  cases: Cases,
  classes: readonly string[],
  fitted: FittedModel,
  miss: number,
  options: BootstrapOptions,
): ConformalResult[] {
  const labels = cases.predictions.map(({ label }) => label);
  const found = fitted.conformal.flatMap(({ method, byClass, calibratedOn, thresholds }) => {
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
    const result: ConformalResult = {
      method,
      byClass,
      miss,
      calibratedOn,
      thresholds,
      coverage,
      coverageRange: null,
      coverageOfClass: coverageOfClass.map((share, k) => ({ class: classes[k], coverage: share })),
      meanSize,
      empty,
      single,
      bySize,
    };
    return [{ result, covered }];
  });
  const ranges = shareRanges(
    found.map(({ covered }) => covered),
    cases,
    options,
  );
  return found.map(({ result }, at) => ({ ...result, coverageRange: ranges[at] }));
}
