import type {
  AttributeProbe,
  BorderProbe,
  ProbeOutcome,
  ProbeVerdict,
  ShortcutReport,
} from '../contract/checks.ts';
import type { Finding } from '../contract/dataset.ts';
import { GraftError } from '../contract/errors.ts';
import { holm } from '../evaluation/inference/index.ts';
import { association } from './association.ts';
import { MARGIN } from './border.ts';
import { principalComponents } from './components.ts';
import type { Features } from './frozen-features.ts';
import { exchangesFor, probe } from './probe.ts';
import { shortcutSentence } from './shortcut-sentence.ts';

/** An attribute with its value for each image; null where it is not stated. */
export interface AttributeValues {
  attribute: string;
  values: readonly (string | number | null)[];
}

export interface ShortcutQuestion {
  /** Of whole images, and with their middle covered, by the model that is checked. */
  whole: Features;
  border: Features;
  patients: readonly string[];
  classes: readonly string[];
  /** −1 where images show findings. */
  labels: readonly number[];
  findings: readonly (readonly Finding[])[] | null;
  attributes: readonly AttributeValues[];
  seed: number;
}

const COMPONENTS = 24;
/** A value that fewer patients have is left out. */
const FEWEST_PATIENTS = 5;
const MOST_VALUES = 12;
const SIGNIFICANT = 0.05;
/** A weak association (Cohen 1988): below it an attribute tells next to nothing of the label. */
const ASSOCIATED = 0.1;
/** Of what whole images bring beyond guessing: what a border keeps that does not just show a bit of everything. */
const KEPT = 0.5;

/** @throws GraftError `patients-too-few` */
export function probeShortcuts(
  question: ShortcutQuestion,
  onProbe: (name: string) => void = () => {},
): ShortcutReport {
  const { patients, seed } = question;
  const count = new Set(patients).size;
  if (count < 2 * FEWEST_PATIENTS) {
    throw new GraftError(
      'patients-too-few',
      `Expected images of at least ${2 * FEWEST_PATIENTS} patients to look for shortcuts in, found ${count}. Label images of more patients.`,
    );
  }
  const [whole, border] = [question.whole, question.border].map((one) =>
    principalComponents(one, COMPONENTS, seed),
  );
  const skipped: ShortcutReport['skipped'] = [];
  const asked = question.attributes.flatMap(({ attribute, values }) => {
    const codes = codesOf({ attribute, values }, patients);
    if (typeof codes !== 'string') return [{ attribute, ...codes }];
    skipped.push({ attribute, reason: codes });
    return [];
  });
  const targets = targetsOf(question);
  const exchanges = exchangesFor(asked.length + 2 * targets.length);
  const attributes = asked.map(({ attribute, labels, names }): AttributeProbe => {
    onProbe(attribute);
    const outcome = probe({ components: whole, labels, classes: names.length, patients, seed }, exchanges);
    const values = names.map((name, code) => {
      const rows = [...labels.keys()].filter((row) => labels[row] === code);
      return { name, images: rows.length, patients: new Set(rows.map((row) => patients[row])).size };
    });
    return { attribute, values, ...outcome, ...associated(question, labels), verdict: 'clear' };
  });
  const borders = targets.map(({ finding, labels, classes }): BorderProbe => {
    onProbe('border');
    const told = (components: Features): ProbeOutcome =>
      probe({ components, labels, classes, patients, seed }, exchanges);
    return { finding, border: told(border), whole: told(whole), verdict: 'clear' };
  });
  const judged = withVerdicts(attributes, borders);
  const verdict = worst([...judged.attributes, ...judged.border].map((one) => one.verdict));
  const report = { ...judged, margin: MARGIN, skipped, images: patients.length, patients: count, verdict };
  return { ...report, sentence: shortcutSentence(report) };
}

/** All p-values of a check are adjusted together: the more is asked, the more has to be there. */
function withVerdicts(
  attributes: readonly AttributeProbe[],
  borders: readonly BorderProbe[],
): Pick<ShortcutReport, 'attributes' | 'border'> {
  const adjusted = holm([
    ...attributes.map(({ pValue }) => pValue),
    ...borders.flatMap(({ border, whole }) => [border.pValue, whole.pValue]),
  ]);
  const of = adjusted.slice(attributes.length);
  return {
    attributes: attributes.map((one, at): AttributeProbe => {
      const pValue = adjusted[at];
      const told = tells({ ...one, pValue });
      return { ...one, pValue, verdict: !told ? 'clear' : goesWithLabel(one) ? 'alarm' : 'encoded' };
    }),
    border: borders.map((one, at): BorderProbe => {
      const border = { ...one.border, pValue: of[2 * at] };
      const whole = { ...one.whole, pValue: of[2 * at + 1] };
      const gain = (outcome: BorderProbe['border']): number =>
        outcome.balancedAccuracy.value! - outcome.chance;
      const kept = gain(border) >= KEPT * Math.max(0, gain(whole));
      return { ...one, border, whole, verdict: !tells(border) ? 'clear' : kept ? 'alarm' : 'encoded' };
    }),
  };
}

const tells = ({ pValue, balancedAccuracy, chance }: BorderProbe['border']): boolean =>
  pValue < SIGNIFICANT && balancedAccuracy.value! > chance;

const goesWithLabel = ({ association: { cramersV, pValue } }: Pick<AttributeProbe, 'association'>): boolean =>
  cramersV >= ASSOCIATED && pValue < SIGNIFICANT;

const worst = (verdicts: readonly ProbeVerdict[]): ProbeVerdict =>
  verdicts.includes('alarm') ? 'alarm' : verdicts.includes('encoded') ? 'encoded' : 'clear';

/** What is asked of images: the class, or each finding by itself that is there in one image and not in another. */
function targetsOf({ classes, labels, findings }: ShortcutQuestion): {
  finding: string | null;
  labels: readonly number[];
  classes: number;
}[] {
  if (!findings) return [{ finding: null, labels, classes: classes.length }];
  return classes
    .map((finding, at) => ({ finding, labels: findings.map((known) => known[at] ?? -1), classes: 2 }))
    .filter(({ labels: known }) => known.includes(0) && known.includes(1));
}

/** The values as numbers, −1 for rows without one or with a rare one; or why the attribute cannot be asked about. */
function codesOf(
  { values }: AttributeValues,
  patients: readonly string[],
): { labels: number[]; names: string[] } | string {
  const of = new Map<string, Set<string>>();
  values.forEach((value, row) => {
    if (value === null || value === '') return;
    const name = String(value);
    of.set(name, (of.get(name) ?? new Set()).add(patients[row]));
  });
  if (of.size === 0) return 'no image states it';
  if (of.size === 1) return `all images that state it have the same value, ${[...of.keys()][0]}`;
  const names = [...of]
    .filter(([, having]) => having.size >= FEWEST_PATIENTS)
    .sort((a, b) => b[1].size - a[1].size)
    .slice(0, MOST_VALUES)
    .map(([name]) => name);
  if (names.length < 2) return `fewer than two values are those of at least ${FEWEST_PATIENTS} patients`;
  return { names, labels: values.map((value) => (value === null ? -1 : names.indexOf(String(value)))) };
}

/** How far an attribute goes with the label, each patient counting once by what most of their images have. */
function associated(
  question: ShortcutQuestion,
  labels: readonly number[],
): Pick<AttributeProbe, 'association'> {
  const { patients, seed } = question;
  const rows = Map.groupBy(
    [...labels.keys()].filter((row) => labels[row] >= 0),
    (row) => patients[row],
  );
  const found = targetsOf(question).map(({ finding, labels: target }) => {
    const pairs = [...rows.values()].flatMap((own) => {
      const known = own.filter((row) => target[row] >= 0);
      return known.length === 0
        ? []
        : [[mostOf(known.map((row) => labels[row])), mostOf(known.map((row) => target[row]))]];
    });
    const both = association(
      pairs.map(([value]) => value),
      pairs.map(([, label]) => label),
      seed,
    );
    return { ...both, with: finding };
  });
  if (found.length === 0) return { association: { cramersV: 0, pValue: 1, with: null } };
  // A rare finding goes far with anything by chance: what is sure comes before what is large.
  const adjusted = holm(found.map(({ pValue }) => pValue));
  const all = found.map((one, at) => ({ ...one, pValue: adjusted[at] }));
  const sure = all.filter((association) => goesWithLabel({ association }));
  return {
    association: (sure.length > 0 ? sure : all).reduce((a, b) => (b.cramersV > a.cramersV ? b : a)),
  };
}

function mostOf(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0][0];
}
