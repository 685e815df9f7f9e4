import { RandomStream } from '../platform/random.ts';
import { apportion } from './deal-patients.ts';
import { compareText } from './identity.ts';

/** One patient with the findings that its images show. */
export interface PatientWithFindings {
  key: string;
  /** The smallest identity of its images: patients are ordered by it, in any project. */
  identity: string;
  /** Indexes of findings that at least one image shows. */
  findings: readonly number[];
}

/**
 * Deals patients to sides so that each side has its share of the patients of every finding: iterative stratification (Sechidis et al.
 * 2011), whole patients in place of single examples. The finding that fewest of the remaining patients have is dealt first, each of its
 * patients to the side that wants most of it; of equals to the side that wants most patients, then by lot. Patients without findings come
 * last. Of a finding that as many patients have as there are sides, each side wants one at least. The order of the patients given does not
 * matter.
 *
 * @param shares of the sides, adding up to 1; a side with 0 gets nobody
 * @returns the side of every patient, by key
 */
export function dealFindings<Side extends string>(
  patients: readonly PatientWithFindings[],
  findings: number,
  shares: Readonly<Record<Side, number>>,
  seed: number,
): Map<string, Side> {
  const sides = (Object.keys(shares) as Side[]).filter((side) => shares[side] > 0);
  const stream = new RandomStream(seed, 'split findings');
  const ordered = [...patients].sort((one, other) => compareText(one.identity, other.identity));
  const waiting = new Set(stream.shuffle(ordered));
  const havers = Array.from(
    { length: findings },
    (_, at) => ordered.filter((one) => one.findings.includes(at)).length,
  );
  const share = sides.map((side) => shares[side]);
  // Whole patients, at least one for each side: rounding must not leave a side without a finding that there are patients for.
  const counts = havers.map((count) =>
    count < sides.length ? share.map((part) => part * count) : apportion(count, share),
  );
  const wanted = sides.map((side, at) => ({
    side,
    patients: shares[side] * patients.length,
    findings: counts.map((count) => count[at]),
  }));
  const dealt = new Map<string, Side>();
  const deal = (patient: PatientWithFindings, finding: number | null): void => {
    const need = (one: (typeof wanted)[number]): number =>
      finding === null ? one.patients : one.findings[finding];
    const chosen = mostOf(mostOf(wanted, need), ({ patients: left }) => left);
    const side = chosen.length === 1 ? chosen[0] : stream.pick(chosen);
    dealt.set(patient.key, side.side);
    side.patients--;
    for (const at of patient.findings) {
      side.findings[at]--;
      havers[at]--;
    }
    waiting.delete(patient);
  };
  for (;;) {
    const rarest = havers.reduce<number | null>(
      (least, count, at) => (count > 0 && (least === null || count < havers[least]) ? at : least),
      null,
    );
    if (rarest === null) break;
    for (const patient of [...waiting]) if (patient.findings.includes(rarest)) deal(patient, rarest);
  }
  for (const patient of [...waiting]) deal(patient, null);
  return dealt;
}

/** Those with the largest value; sums of shares are equal to within rounding. */
function mostOf<Item>(items: readonly Item[], value: (item: Item) => number): Item[] {
  const most = Math.max(...items.map(value));
  return items.filter((item) => value(item) > most - 1e-9);
}
