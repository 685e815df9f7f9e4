import type { AdaptationVerdict, AuditResult, HeapEvidence } from '../../contract/adaptation-judgement.ts';
import { canBeTrusted } from './heap-evidence.ts';

/** One-sided: as often an adaptation that changes nothing is called worse. */
const LEVEL = 0.05;
/** A smaller loss is within the errors of what is said without labels. */
const SMALLEST = 0.05;

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
const points = (value: number): string => `${(100 * value).toFixed(1)}`;

/**
 * Whether an adaptation is to be undone. Labels of the target decide where there are any: worse by McNemar's test at 5 %, one-sided, rings; better by the same
 * test silences what answers alone say, and so does any audit on which the adapted model is not behind. Without that, answers ring where their heaps
 * are clear (mean membership of 0.8 or more), differing frequencies explain most of the distance of the domains (a proxy A-distance of
 * 1.3 is left at the most), and at least 5 points were lost, with 95 % of the replicates below zero.
 *
 * @param causes what may lie behind it, told only where something is worse
 * @param sourceAway whether the source's images are in another project, and so no heaps could be looked for
 */
export function adaptationVerdict(
  audit: AuditResult | null,
  heaps: HeapEvidence | null,
  causes: readonly string[],
  sourceAway = false,
): AdaptationVerdict {
  const byAudit = audit && judgeAudit(audit);
  if (byAudit && byAudit !== 'no-difference') return told(byAudit, 'audit', auditWords(audit), causes);
  const byHeaps = heaps ? judgeHeaps(heaps) : 'unknown';
  if (byHeaps === 'worse' && (!audit || audit.difference < 0)) {
    const found = audit ? `${auditWords(audit)} ${heapWords(heaps!)}` : heapWords(heaps!);
    return told('worse', 'answers', found, causes);
  }
  if (audit) return told('no-difference', 'audit', auditWords(audit), []);
  if (byHeaps === 'unknown') {
    const why = `Without labels it cannot be told whether adapting helped: ${sourceAway ? AWAY : whyUnknown(heaps)}.`;
    return told('unknown', null, why, []);
  }
  return told(byHeaps, 'answers', heapWords(heaps!), []);
}

function judgeAudit({ difference, p }: AuditResult): 'worse' | 'better' | 'no-difference' {
  // Half of a two-sided mid-p is the one-sided one, on the side that was seen.
  if (p / 2 >= LEVEL || difference === 0) return 'no-difference';
  return difference < 0 ? 'worse' : 'better';
}

const AWAY =
  'the images that the model learned from stayed in another project, and what its answers mean here cannot be held against them';

function whyUnknown(heaps: HeapEvidence | null): string {
  if (!heaps)
    return 'the source has too few validation images (20 are asked for), or the model that was not adapted is wrong on too many of them';
  const { unexplained } = heaps;
  if (unexplained !== null && unexplained > 1)
    return `the target looks so different to the model that was not adapted (a proxy A-distance of ${unexplained.toFixed(1)} is left when frequencies are made equal) that its answers there may mean anything`;
  return 'the answers of the model that was not adapted do not fall into clear groups';
}

function judgeHeaps(heaps: HeapEvidence): AdaptationVerdict['state'] {
  const { difference, low, high } = heaps;
  if (!canBeTrusted(heaps)) return 'unknown';
  if (high < 0 && difference <= -SMALLEST) return 'worse';
  return low > 0 && difference >= SMALLEST ? 'better' : 'no-difference';
}

const auditWords = ({ patients, before, after, difference, low, high, p }: AuditResult): string =>
  `On ${patients} labelled patients of the target the adapted model is right in ${percent(after)}, the one that was not adapted in ${percent(before)} (difference ${points(difference)} points, 95 % interval ${points(low)} to ${points(high)}, McNemar p = ${p.toFixed(3)}).`;

const heapWords = ({ before, after, low, high }: HeapEvidence): string =>
  `Without labels the adapted model is estimated to be right in ${percent(after)} of the target, the one that was not adapted in ${percent(before)} (difference ${points(low)} to ${points(high)} points).`;

const ADVICE: Record<AdaptationVerdict['state'], string> = {
  worse:
    'Keep the model that was not adapted. Methods that work on the images (histogram, fourier) or on single predictions suit differing frequencies better than those that make distributions alike.',
  better: 'Keep the adapted model, and judge it once on the locked test set.',
  'no-difference': 'Nothing speaks against the adapted model; a larger audit would find smaller differences.',
  unknown: 'Label some patients of the target as an audit before you rely on the adapted model.',
};

const told = (
  state: AdaptationVerdict['state'],
  by: AdaptationVerdict['by'],
  reason: string,
  causes: readonly string[],
): AdaptationVerdict => ({
  alarm: state === 'worse',
  state,
  by,
  reason,
  causes: state === 'worse' ? [...causes] : [],
  advice: ADVICE[state],
});
