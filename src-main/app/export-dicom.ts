import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { GraftError } from '../contract/errors.ts';
import type { Prediction, Run } from '../contract/run.ts';
import {
  cohortSubject,
  derivedUid,
  encapsulatePdf,
  type MeasurementReport,
  type SourceInstance,
  writeMeasurementReport,
} from '../dicom/index.ts';
import type { JobHandle } from '../jobs/job-runner.ts';
import { sha256 } from '../platform/files.ts';
import { ProgressMeter } from '../platform/progress-meter.ts';
import { listEvaluations, type StoredEvaluation } from '../store/evaluations.ts';
import { appendAudit, getAttributes, getInstances, getSplit } from '../store/index.ts';
import { listPredictions } from '../store/predictions.ts';
import { getComparison } from '../store/runs.ts';
import type { ExplanationMethod } from '../contract/explanation.ts';
import { heatmapDocuments } from './heatmap-documents.ts';
import { chooseModelRun } from './choose-run.ts';
import { writeDocuments } from './document-folder.ts';
import { thresholdsOf } from './chosen-thresholds.ts';
import { subjectOf, type Unwritten } from './document-subjects.ts';
import { graftVersion } from './environment.ts';
import type { Reporting } from './reporting.ts';
import type { Session } from './session.ts';

export interface ExportDicomOptions {
  /** Default: the fine-tuned run of the comparison made last, or what there is of it. */
  runId?: number;
  /** Which set's predictions; it has to be evaluated. Default `test`. */
  setName?: string;
  /** Where the files go. Default: `reports/dicom-<run>` in the project. */
  folder?: string;
  /**
   * Whether the documents belong to the patient, as read from the image at this moment. Default true; false puts keyed hashes in place
   * of patients and UIDs, and leaves out dates.
   */
  identified?: boolean;
  /** Also a picture of each image with a map over it of what spoke for the answer, as Secondary Capture. Default: none. */
  heatmaps?: ExplanationMethod;
  /** A report as PDF that becomes a DICOM file beside them. */
  pdf?: string;
}

export interface ExportedDocuments {
  folder: string;
  /** Names of the files in it. */
  files: string[];
  /** Images that the documents speak of. */
  images: number;
  /** Images that have no heatmap, where heatmaps were asked for: text is burned into them, and the documents are to name nobody. */
  withoutMap: number;
  /** Images that have no document, by reason. */
  unwritten: Partial<Record<Unwritten, number>>;
}

/** So that a PACS shows them behind the images. */
const SERIES_NUMBER = 9001;

/**
 * Writes what a run predicted for a set as DICOM: one Structured Report (TID 1500) for each study, on request with a heatmap of each image. Files are written, nothing is sent. It
 * opens no held-out set: what was not evaluated has no predictions.
 *
 * @throws GraftError `run-missing`, `run-not-exportable`, `not-evaluated`, `no-documents`, `not-a-pdf`, `cancelled`
 */
export async function exportDicom(
  session: Session,
  options: ExportDicomOptions = {},
  reporting: Reporting = {},
): Promise<ExportedDocuments> {
  const { project, jobs } = session;
  const run = chooseModelRun(session, options.runId);
  const evaluation = evaluationOf(session, run, options.setName ?? 'test');
  const { pdf, identified = true } = options;
  const pages = pdf === undefined ? null : readPdf(pdf);
  const folder = resolve(options.folder ?? join(project.paths.reports, `dicom-${run.id}`));
  const title = `DICOM documents of run ${run.id}`;
  const counting = listPredictions(project.db, evaluation.id).filter(({ excluded }) => excluded === null);
  const maps = options.heatmaps
    ? await heatmapDocuments(session, run, counting, options.heatmaps, reporting)
    : null;
  const write = async (handle: JobHandle): Promise<ExportedDocuments> => {
    const { studies, unwritten } = await studiesOf(session, counting, identified, handle);
    if (studies.length === 0) throw noDocuments(unwritten);
    const documents = new Map<string, Uint8Array>();
    let withoutMap = 0;
    const report = reportBase(session, run, evaluation);
    for (const [at, images] of studies.entries()) {
      if (handle.signal.aborted) throw GraftError.cancelled('The export');
      const name = `report-${String(at + 1).padStart(4, '0')}.dcm`;
      documents.set(name, await writeMeasurementReport(report(images)));
      for (const [place, { prediction, ...source }] of images.entries()) {
        const map = maps?.of(prediction, source, evaluation.evaluatedAt, place + 1);
        if (map) documents.set(name.replace('report', `map-${place + 1}-of-report`), await map);
        else if (maps) withoutMap++;
      }
    }
    if (pages) documents.set('report.dcm', await pdfDocument(session, run, pages));
    writeDocuments(folder, documents);
    appendAudit(project.db, 'export', {
      what: 'dicom',
      run: run.id,
      set: evaluation.setName,
      files: documents.size,
      identified,
      sha256: sha256([...documents.values()].map((bytes) => sha256(bytes)).join('\n')),
    });
    const images = studies.reduce((sum, study) => sum + study.length, 0);
    return { folder, files: [...documents.keys()], images, withoutMap, unwritten };
  };
  return jobs.run({ kind: 'export', title, ...reporting }, write).finally(() => maps?.close());
}

function evaluationOf({ project }: Session, run: Run, setName: string): StoredEvaluation {
  const found = listEvaluations(project.db, run.id);
  const evaluation = found.find((one) => one.setName === setName);
  if (evaluation) return evaluation;
  throw new GraftError(
    'not-evaluated',
    `Expected predictions of run ${run.id} for the set ${setName}, found ${found.map((one) => one.setName).join(', ') || 'none'}. Evaluate it first (graft evaluate).`,
  );
}

interface Predicted extends SourceInstance {
  prediction: Prediction;
}

/** What counts of a set, by study, whose images are still there and still their patient's. */
async function studiesOf(
  { project }: Session,
  counting: readonly Prediction[],
  identified: boolean,
  { signal, onProgress }: JobHandle,
): Promise<{ studies: Predicted[][]; unwritten: ExportedDocuments['unwritten'] }> {
  const meter = new ProgressMeter('Reading whose images they are', 'images', counting.length, onProgress);
  const unwritten: ExportedDocuments['unwritten'] = {};
  const found: Predicted[] = [];
  for (const prediction of counting) {
    // Files may lie on a slow share: whoever waits for this process gets a turn after each.
    await setImmediate();
    if (signal.aborted) throw GraftError.cancelled('The export');
    const { instanceId, frameIndex } = prediction;
    const [instance] = instanceId === null ? [] : getInstances(project.db, [instanceId]);
    const source = instance ? subjectOf(project, instance, identified) : 'missing';
    if (typeof source === 'string') unwritten[source] = (unwritten[source] ?? 0) + 1;
    else {
      const several = getAttributes(project.db, instance.id)!.NumberOfFrames > 1;
      const reference = { ...source.reference, ...(several ? { frame: frameIndex + 1 } : {}) };
      found.push({ ...source, reference, prediction });
    }
    meter.advance(1);
  }
  meter.finish();
  const studies = Map.groupBy(found, ({ subject }) => `${subject.PatientID}\0${subject.StudyInstanceUID}`);
  return { studies: [...studies.values()], unwritten };
}

/** Everything of a report but its images. */
function reportBase(
  { project }: Session,
  run: Run,
  evaluation: StoredEvaluation,
): (images: readonly Predicted[]) => MeasurementReport {
  const { classes, multiLabel = false } = getSplit(
    project.db,
    getComparison(project.db, run.comparisonId)!.splitId,
  )!;
  const version = graftVersion();
  const model = run.config.modelName;
  const { graft } = run.environment;
  const weights = run.result?.frozen.after ?? '';
  const thresholds = multiLabel ? thresholdsOf(project.db, run, classes.length) : undefined;
  return (images) => {
    const [{ subject, modality }] = images;
    const told = images.map(({ reference, prediction: { probabilities } }) => ({
      reference,
      probabilities: Array.from(probabilities),
    }));
    const id = [project.id, String(run.id), evaluation.setName, subject.StudyInstanceUID, subject.PatientID];
    return {
      subject,
      modality,
      source: { version, model },
      // The same answers make the same document: a PACS that has it keeps one.
      SOPInstanceUID: derivedUid('report', ...id, sha256(JSON.stringify(told)), evaluation.evaluatedAt),
      SeriesInstanceUID: derivedUid('series', ...id),
      SeriesNumber: SERIES_NUMBER,
      InstanceNumber: 1,
      createdAt: evaluation.evaluatedAt,
      algorithm: {
        name: `${model} (${run.approach}), run ${run.id}`,
        version: graft,
        parameters: [`Trained with Graft ${graft}, seed ${run.config.seed}`, 'Research use only'],
        uid: derivedUid('model', project.id, String(run.id), weights),
      },
      classes,
      ...(thresholds ? { thresholds } : {}),
      images: told,
    };
  };
}

function readPdf(path: string): Uint8Array {
  if (existsSync(path)) return readFileSync(path);
  throw new GraftError('not-a-pdf', `Expected a report as PDF at ${path}, found no file. Name another one.`);
}

function pdfDocument({ project }: Session, run: Run, bytes: Uint8Array): Promise<Uint8Array> {
  const createdAt = new Date().toISOString();
  const id = [project.id, String(run.comparisonId), sha256(bytes)];
  const title = `Evaluation of ${run.config.modelName}`;
  return encapsulatePdf(bytes, {
    subject: cohortSubject(derivedUid('pdf study', ...id), title, createdAt),
    source: { version: graftVersion(), model: run.config.modelName },
    SOPInstanceUID: derivedUid('pdf', ...id, createdAt),
    SeriesInstanceUID: derivedUid('pdf series', ...id),
    SeriesNumber: SERIES_NUMBER,
    InstanceNumber: 1,
    createdAt,
    title,
  });
}

const REASONS: Record<Unwritten, string> = {
  missing: 'whose file is gone',
  'another-patient': 'whose file now names another patient',
  'another-image': 'whose file now holds another image',
  'no-study': 'without the UIDs of study and series',
  unreadable: 'that cannot be read any more',
};

/** Images without a document, in words. */
const unwrittenText = (unwritten: ExportedDocuments['unwritten']): string =>
  Object.entries(unwritten)
    .map(([reason, count]) => `${count} ${REASONS[reason as Unwritten]}`)
    .join(', ');

/** Images without a document and without a heatmap, in sentences. */
export function leftOutSentences({ unwritten, withoutMap }: ExportedDocuments): string[] {
  const left = unwrittenText(unwritten);
  return [
    ...(left ? [`Without a document: ${left}.`] : []),
    ...(withoutMap > 0
      ? [
          `Without a heatmap: ${withoutMap} whose header says that text is burned in, which may name the patient.`,
        ]
      : []),
  ];
}

const noDocuments = (unwritten: ExportedDocuments['unwritten']): GraftError =>
  new GraftError(
    'no-documents',
    `Expected images whose files can be read, to write documents of; found ${unwrittenText(unwritten) || 'none'}. Put the files back where they were imported from.`,
  );
