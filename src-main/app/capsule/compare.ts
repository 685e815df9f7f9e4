import type { Agreement, CapsuleMetrics, CapsulePrediction, VerifiedRow } from '../../contract/capsule.ts';
import type { Prediction } from '../../contract/run.ts';

/** To what two numbers may differ that were computed on different machines. */
export const CLOSELY = 1e-5;

const agreement = (difference: number, most: number): Agreement =>
  difference === 0 ? 'exactly' : difference <= most ? 'closely' : 'no';

const differenceText = (difference: number): string =>
  difference === 0 ? 'bit by bit' : `largest difference ${difference.toExponential(1)}`;

/**
 * What a model says now beside what it said then, image by image.
 *
 * @param imageOf hash of an instance as the capsule has it
 * @param most up to which difference of a probability they agree closely
 */
export function comparePredictions(
  what: string,
  then: readonly CapsulePrediction[],
  now: readonly Prediction[],
  imageOf: (instanceId: number) => string | undefined,
  most = CLOSELY,
): VerifiedRow {
  const found = new Map(
    now.map((one) => [`${one.instanceId === null ? '' : imageOf(one.instanceId)} ${one.frameIndex}`, one]),
  );
  let largest = 0;
  let compared = 0;
  let relabelled = 0;
  for (const { image, frame, probabilities, label, findings, excluded } of then) {
    const one = found.get(`${image} ${frame}`);
    if (!one) continue;
    compared++;
    const same = JSON.stringify(one.findings ?? null) === JSON.stringify(findings ?? null);
    if (one.label !== label || !same || one.excluded !== excluded) relabelled++;
    probabilities.forEach((value, at) => {
      const gap = Math.abs(value - one.probabilities[at]);
      // What is no number agrees with nothing.
      largest = Number.isNaN(gap) ? Infinity : Math.max(largest, gap);
    });
  }
  if (compared === 0)
    return { what, agrees: 'unknown', detail: `none of its ${then.length} images is in this project` };
  const detail = `${compared} of ${then.length} images, ${differenceText(largest)}`;
  if (relabelled > 0)
    return { what, agrees: 'no', detail: `${detail}; ${relabelled} with another label or exclusion` };
  const whole = compared === then.length ? agreement(largest, most) : 'no';
  return { what, agrees: whole, detail };
}

/** Metrics of one set, value and interval of each. */
export function compareMetrics(
  setName: string,
  then: CapsuleMetrics[string],
  now: CapsuleMetrics[string] | undefined,
  most = CLOSELY,
): VerifiedRow[] {
  return Object.entries(then).map(([approach, metrics]): VerifiedRow => {
    const what = `Metrics of ${approach} on ${setName}`;
    const own = now?.[approach];
    if (!own) return { what, agrees: 'unknown', detail: 'not computed again' };
    const gaps = Object.entries(metrics).map(([name, value]): [string, number] => {
      const other = own[name] ?? null;
      if (value === null || other === null) return [name, value === other ? 0 : Infinity];
      return [name, Math.abs(value - other)];
    });
    const [name, largest] = gaps.reduce((one, other) => (other[1] > one[1] ? other : one), ['', 0]);
    const count = `${gaps.length / 3} metrics with their intervals`;
    const detail = largest === 0 ? `${count}, all digits` : `${count}, ${differenceText(largest)} (${name})`;
    return { what, agrees: agreement(largest, most), detail };
  });
}
