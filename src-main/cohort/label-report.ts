import type { LabelProblem, LabelProblemKind, LabelReport } from '../contract/instances.ts';
import { splitRoles } from '../contract/dataset.ts';
import type { FindingsToStore, LabelToStore, ReadableDatabase } from '../store/index.ts';
import { listInstances, listLabels } from '../store/index.ts';
import { compareNames, counted } from './identity.ts';

const problemSentences: Record<LabelProblemKind, (count: number) => string> = {
  'no-key': (count) => `${counted(count, 'row names', 'rows name')} neither image nor patient.`,
  'no-label': (count) => `${counted(count, 'row has', 'rows have')} no label.`,
  'no-such-image': (count) => `${counted(count, 'row fits', 'rows fit')} no imported image.`,
  'ambiguous-path': (count) => `${counted(count, 'row has', 'rows have')} a path that fits several images.`,
  'unknown-split': (count) =>
    `${counted(count, 'row names', 'rows name')} a split other than train, validation or test.`,
  'label-conflict': (count) =>
    `${counted(count, 'image is', 'images are')} given different labels and ${count === 1 ? 'gets' : 'get'} none.`,
  'split-conflict': (count) =>
    `${counted(count, 'image is', 'images are')} given different splits and ${count === 1 ? 'gets' : 'get'} none.`,
};

/** The same of findings, an image having any number of them. */
export function findingReport(
  db: ReadableDatabase,
  labelSetId: number,
  done: {
    labels: readonly FindingsToStore[];
    names: readonly string[];
    rows: number;
    matchedRows: number;
    problems: LabelProblem[];
  },
): LabelReport {
  const { labels, names } = done;
  const carried = labels.flatMap(({ instanceId, findings, role }) =>
    names.flatMap((className) => (findings[className] === 1 ? [{ instanceId, className, role }] : [])),
  );
  const report = labelReport(db, labelSetId, { ...done, labels: carried });
  const byName = new Map(report.classes.map((one) => [one.name, one]));
  const predefined: LabelReport['predefined'] = {};
  for (const role of splitRoles) {
    const count = labels.filter((label) => label.role === role).length;
    if (count > 0) predefined[role] = count;
  }
  const complete = {
    ...report,
    classes: names.map((name) => byName.get(name) ?? { name, images: 0, patients: 0 }),
    labelledImages: labels.length,
    predefined,
    findings: {
      none: labels.filter(({ findings }) => !Object.values(findings).includes(1)).length,
      unknown: labels.reduce(
        (sum, { findings }) => sum + names.filter((name) => (findings[name] ?? null) === null).length,
        0,
      ),
    },
  };
  return { ...complete, sentences: sentencesOf(complete) };
}

/** Puts together what came of labelling: counts, and the same in sentences. */
export function labelReport(
  db: ReadableDatabase,
  labelSetId: number,
  done: { labels: readonly LabelToStore[]; rows: number; matchedRows: number; problems: LabelProblem[] },
): LabelReport {
  const { labels, rows, matchedRows, problems } = done;
  const instances = listInstances(db);
  const patientOf = new Map(instances.map(({ id, patientKey }) => [id, patientKey]));
  const labelled = new Set(listLabels(db, labelSetId).map(({ instanceId }) => instanceId));
  const classes = [...Map.groupBy(labels, ({ className }) => className)]
    .sort(([one], [other]) => compareNames(one, other))
    .map(([name, own]) => ({
      name,
      images: own.length,
      patients: new Set(own.map(({ instanceId }) => patientOf.get(instanceId))).size,
    }));
  const predefined: LabelReport['predefined'] = {};
  for (const role of splitRoles) {
    const count = labels.filter((label) => label.role === role).length;
    if (count > 0) predefined[role] = count;
  }
  const unlabelledImages = instances.filter(
    ({ id, duplicateOf }) => duplicateOf === null && !labelled.has(id),
  ).length;
  const report = {
    labelSetId,
    classes,
    rows,
    matchedRows,
    unmatchedRows: rows - matchedRows,
    labelledImages: labels.length,
    unlabelledImages,
    predefined,
    problems,
  };
  return { ...report, sentences: sentencesOf(report) };
}

function sentencesOf(report: Omit<LabelReport, 'sentences'>): string[] {
  const { classes, rows, matchedRows, labelledImages, unlabelledImages, predefined, problems, findings } =
    report;
  const perClass = classes.map(({ name, images }) => `${name} ${images.toLocaleString('en')}`).join(', ');
  const places = Object.entries(predefined).map(([role, count]) => `${role} ${count.toLocaleString('en')}`);
  const byKind = [...Map.groupBy(problems, ({ kind }) => kind)];
  return [
    findings
      ? `${counted(labelledImages, 'image')} labelled with ${counted(classes.length, 'finding')}, any number for each: ${perClass}; ${findings.none.toLocaleString('en')} without any.`
      : `${counted(labelledImages, 'image')} labelled in ${counted(classes.length, 'class', 'classes')}: ${perClass}.`,
    ...(findings && findings.unknown > 0
      ? [
          `${counted(findings.unknown, 'answer is', 'answers are')} in doubt (−1) or not given (an empty cell): kept as unknown, and left out of the loss and of the evaluation.`,
        ]
      : []),
    ...(rows > 0 ? [`${matchedRows.toLocaleString('en')} of ${counted(rows, 'row')} matched.`] : []),
    ...(places.length > 0 ? [`Predefined split: ${places.join(', ')}.`] : []),
    ...byKind.map(([kind, own]) => problemSentences[kind](own.length)),
    ...(unlabelledImages > 0
      ? [
          `${counted(unlabelledImages, 'image has', 'images have')} no label and ${unlabelledImages === 1 ? 'takes' : 'take'} no part.`,
        ]
      : []),
  ];
}
