import type { Finding, LeftOutReason } from '../contract/dataset.ts';
import { GraftError } from '../contract/errors.ts';
import type { InstanceSummary, Label } from '../store/index.ts';
import { dealFindings, type PatientWithFindings } from './deal-findings.ts';
import { dealPatients, type PatientToDeal } from './deal-patients.ts';
import { compareNames, compareText, identity } from './identity.ts';

export interface LabelledImage {
  instance: InstanceSummary;
  label: Label;
}

export interface PlacedImage extends LabelledImage {
  role: string;
}

export interface LeftOut {
  instanceId: number;
  reason: LeftOutReason;
}

/** What of a split depends on whether an image has one class or any number of findings. */
export interface SplitKind {
  /**
   * The classes that these images have, in order.
   *
   * @throws GraftError `split-one-class`
   */
  classesOf(images: readonly LabelledImage[]): string[];
  /** Deals the patients of these images to sides. */
  deal<Side extends string>(
    images: readonly LabelledImage[],
    shares: Readonly<Record<Side, number>>,
    seed: number,
  ): Map<string, Side>;
  /** Whether an image that is kept apart can be judged by these classes. */
  belongs(label: Label, classes: readonly string[]): boolean;
  /** Without images of which nothing is known. */
  knownOf(images: readonly PlacedImage[], classes: readonly string[], leftOut: LeftOut[]): PlacedImage[];
  memberOf(label: Label, classes: readonly string[]): ClassMember;
}

export interface ClassMember {
  /** For the split's hash. */
  className: string;
  classIndex: number;
  findings?: Finding[];
}

export const classesKind: SplitKind = {
  classesOf: distinctClasses,
  deal: (images, shares, seed) => {
    const classes = distinctClasses(images);
    return dealPatients(patientsOf(images, classes), classes, shares, seed);
  },
  belongs: ({ className }, classes) => classes.includes(className),
  knownOf: (images) => [...images],
  memberOf: ({ className }, classes) => ({ className, classIndex: classes.indexOf(className) }),
};

export const findingsKind: SplitKind = {
  classesOf: shownFindings,
  deal: (images, shares, seed) => {
    const classes = shownFindings(images);
    return dealFindings(patientsWithFindings(images, classes), classes.length, shares, seed);
  },
  belongs: () => true,
  knownOf: (images, classes, leftOut) =>
    images.filter(({ instance, label }) => {
      const known = findingsOf(label, classes).some((finding) => finding !== null);
      if (!known) leftOut.push({ instanceId: instance.id, reason: 'nothing-known' });
      return known;
    }),
  memberOf: (label, classes) => {
    const findings = findingsOf(label, classes);
    return { className: findingsName(findings, classes), classIndex: -1, findings };
  },
};

/** Of an image what is known of each class. */
const findingsOf = ({ findings }: Label, classes: readonly string[]): Finding[] =>
  classes.map((name) => findings?.[name] ?? null);

/** What a split's hash is made of: independent of how the project numbers its findings. */
export const findingsName = (findings: readonly Finding[], classes: readonly string[]): string =>
  JSON.stringify(classes.map((name, at) => [name, findings[at]]));

/** A finding that no image shows cannot be learned, nor one that all show. */
function shownFindings(images: readonly LabelledImage[]): string[] {
  const there = (name: string, state: Finding): boolean =>
    images.some(({ label }) => label.findings?.[name] === state);
  const names = new Set(images.flatMap(({ label }) => Object.keys(label.findings ?? {})));
  const shown = [...names].filter((name) => there(name, 1) && there(name, 0)).sort(compareNames);
  if (shown.length > 0) return shown;
  throw new GraftError(
    'split-one-class',
    'Expected a finding that some images show and others do not, found none; check the labels and the filter.',
  );
}

function patientsWithFindings(
  images: readonly LabelledImage[],
  classes: readonly string[],
): PatientWithFindings[] {
  const byPatient = Map.groupBy(images, ({ instance }) => instance.patientKey);
  return [...byPatient].map(([key, own]) => ({
    key,
    identity: own.map(({ instance }) => identity(instance)).sort(compareText)[0],
    findings: classes.flatMap((name, at) =>
      own.some(({ label }) => label.findings?.[name] === 1) ? at : [],
    ),
  }));
}

function distinctClasses(images: readonly LabelledImage[]): string[] {
  const names = [...new Set(images.map(({ label }) => label.className))].sort(compareNames);
  if (names.length >= 2) return names;
  throw new GraftError(
    'split-one-class',
    `Expected labelled images of at least two classes, found ${names.length === 0 ? 'none' : `only “${names[0]}”`}; check the labels and the filter.`,
  );
}

/** Patients with the class that most of their images have; of two equally frequent the first. */
function patientsOf(images: readonly LabelledImage[], classes: readonly string[]): PatientToDeal[] {
  const byPatient = Map.groupBy(images, ({ instance }) => instance.patientKey);
  return [...byPatient].map(([key, own]) => {
    const counts = classes.map((name) => own.filter(({ label }) => label.className === name).length);
    const names = own.map(({ instance }) => identity(instance)).sort(compareText);
    return {
      key,
      identity: names[0],
      classIndex: counts.indexOf(Math.max(...counts)),
      classIndexes: classes.flatMap((_, index) => (counts[index] > 0 ? index : [])),
    };
  });
}
