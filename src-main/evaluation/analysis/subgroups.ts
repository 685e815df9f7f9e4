import type { SubgroupAttribute } from '../../contract/analysis-settings.ts';
import type { SubgroupMetricName, SubgroupResult } from '../../contract/analysis.ts';
import { predictedClass } from '../classification.ts';
import type { BootstrapOptions } from '../resampling/index.ts';
import {
  areaByGroup,
  compareSubgroups,
  meanOf,
  sharesByGroup,
  type SubgroupInput,
} from '../subgroups/index.ts';
import { type Cases, type Target, targetsOf } from './cases.ts';

/** Groups of images by one attribute. */
export interface Grouping {
  attribute: SubgroupAttribute;
  /** Of each image; null where it is not known. */
  groups: readonly (string | null)[];
}

/** More groups than these say nothing of each: the smaller ones are taken together. */
const MOST_GROUPS = 8;
export const OTHER_GROUPS = 'others';

/**
 * The main model in each group, and whether one is served otherwise than the rest. Attributes that have one value, or none, are left out.
 *
 * @param thresholds that validation data chose, by class or finding; null without such
 */
export function subgroupResults(
  cases: Cases,
  classes: readonly string[],
  multiLabel: boolean,
  groupings: readonly Grouping[],
  thresholds: readonly (number | null)[] | null,
  options: BootstrapOptions & { margin: number },
): SubgroupResult[] {
  const targets = targetsOf(cases, classes);
  return groupings.flatMap(({ attribute, groups: ofImages }) => {
    const groups = gathered(cases.members.map((images) => groupOf(images, ofImages)));
    if (new Set(groups.filter((group) => group !== null)).size < 2) return [];
    return metricsFor(cases, targets, multiLabel, thresholds).map(([name, metric]): SubgroupResult => ({
      attribute,
      metric: name,
      unknown: groups.filter((group) => group === null).length,
      rows: compareSubgroups({ groups, patientOf: cases.patients.of, metric }, options).map(
        ({ images, interval, differenceInterval, ...row }) => ({
          ...row,
          cases: images,
          range: interval,
          differenceRange: differenceInterval,
        }),
      ),
    }));
  });
}

/** What all images of a case share. */
function groupOf(images: readonly number[], groups: readonly (string | null)[]): string | null {
  const [first] = images;
  return images.every((i) => groups[i] === groups[first]) ? groups[first] : null;
}

function gathered(groups: readonly (string | null)[]): (string | null)[] {
  const counts = new Map<string, number>();
  for (const group of groups) if (group !== null) counts.set(group, (counts.get(group) ?? 0) + 1);
  if (counts.size <= MOST_GROUPS) return [...groups];
  const largest = [...counts].sort((a, b) => b[1] - a[1]).slice(0, MOST_GROUPS - 1);
  const kept = new Set(largest.map(([group]) => group));
  return groups.map((group) => (group === null || kept.has(group) ? group : OTHER_GROUPS));
}

type Metric = SubgroupInput['metric'];

function metricsFor(
  cases: Cases,
  targets: readonly Target[],
  multiLabel: boolean,
  thresholds: readonly (number | null)[] | null,
): [SubgroupMetricName, Metric][] {
  const half = targets.map(() => 0.5);
  // Of two classes the second is what is looked for.
  const looked = multiLabel ? targets : targets.length === 2 ? [targets[1]] : [];
  const chosen = multiLabel ? thresholds : (thresholds?.slice(1, 2) ?? null);
  const withThreshold = looked.flatMap((target, at) => {
    const threshold = chosen?.[at];
    return threshold === null || threshold === undefined ? [] : [{ target, threshold }];
  });
  const sides: [SubgroupMetricName, Metric][] =
    withThreshold.length === 0
      ? []
      : (['sensitivity', 'specificity'] as const).map((side): [SubgroupMetricName, Metric] => [
          side,
          shareOfSide(
            withThreshold.map(({ target }) => target),
            withThreshold.map(({ threshold }) => threshold),
            (hits, rejections) => (side === 'sensitivity' ? hits : rejections),
          ),
        ]);
  return [
    [
      'balancedAccuracy',
      multiLabel
        ? shareOfSide(targets, half, (a, b) => (a + b) / 2)
        : balancedAccuracy(cases, targets.length),
    ],
    ['auc', meanArea(multiLabel || targets.length > 2 ? targets : [targets[1]])],
    ...sides,
  ];
}

/** The mean recall of the classes that occur. */
const balancedAccuracy =
  ({ predictions, patients }: Cases, classes: number): Metric =>
  (groupOf, groups) =>
    sharesByGroup(
      {
        // Of each class those that are wrong, then those that are right.
        cellOf: predictions.map(
          ({ label, probabilities }) => 2 * label + Number(predictedClass(probabilities) === label),
        ),
        cells: 2 * classes,
      },
      patients.of,
      groupOf,
      groups,
      (cells) => {
        let [sum, seen] = [0, 0];
        for (let k = 0; k < classes; k++) {
          const support = cells[2 * k] + cells[2 * k + 1];
          if (support === 0) continue;
          sum += cells[2 * k + 1] / support;
          seen++;
        }
        return seen === 0 ? NaN : sum / seen;
      },
    );

/** Groups of the cases of which a target is known. */
const among = ({ places }: Target, groupOf: Int32Array): Int32Array =>
  Int32Array.from(places, (i) => groupOf[i]);

/** The mean over targets of a number made of sensitivity and specificity; NaN as soon as one is not defined. */
const shareOfSide =
  (
    targets: readonly Target[],
    thresholds: readonly number[],
    of: (sensitivity: number, specificity: number) => number,
  ): Metric =>
  (groupOf, groups) =>
    meanOf(
      targets.map((target, k) =>
        sharesByGroup(
          {
            // 0 true negative, 1 false positive, 2 false negative, 3 true positive.
            cellOf: target.scores.map(
              (score, i) => 2 * Number(target.positive[i]) + Number(score >= thresholds[k]),
            ),
            cells: 4,
          },
          target.patientOf,
          among(target, groupOf),
          groups,
          (cells) => of(cells[3] / (cells[2] + cells[3]), cells[0] / (cells[0] + cells[1])),
        ),
      ),
      2 * groups,
    );

/** NaN as soon as one class is absent. */
const meanArea =
  (targets: readonly Target[]): Metric =>
  (groupOf, groups) =>
    meanOf(
      targets.map((target) =>
        areaByGroup(target.scores, target.positive, target.patientOf, among(target, groupOf), groups),
      ),
      2 * groups,
    );
