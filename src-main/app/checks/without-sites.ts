import type { ShortcutReport, StoredCheck } from '../../contract/checks.ts';

/** Whose values say in which house an image was made. */
const SITES: ReadonlySet<string> = new Set(['InstitutionName', 'StationName']);

/** Where all images are of one house the reason why nothing was asked names it. */
const SAME_VALUE = /^(all images that state it have the same value), .*$/s;

/** A check as a report may print it: houses and their machines are told apart by number, not by name. */
export function withoutSites(check: StoredCheck): StoredCheck {
  if (check.kind !== 'shortcuts') return check;
  const report = check.report as ShortcutReport;
  const attributes = report.attributes.map((probe) =>
    SITES.has(probe.attribute)
      ? { ...probe, values: probe.values.map((value, at) => ({ ...value, name: `value ${at + 1}` })) }
      : probe,
  );
  const skipped = report.skipped.map((one) =>
    SITES.has(one.attribute) ? { ...one, reason: one.reason.replace(SAME_VALUE, '$1') } : one,
  );
  return { ...check, report: { ...report, attributes, skipped } };
}
