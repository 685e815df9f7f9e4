import { GraftError } from '../../contract/errors.ts';
import type { Elements } from '../write/elements.ts';
import {
  classCode,
  type Code,
  codeItem,
  codingSchemes,
  NO_UNITS,
  probabilityCode,
  procedureOf,
} from './codes.ts';
import { codeContent, container, imageContent, numberContent, textContent, uidContent } from './content.ts';
import { type DocumentBase, encodeDocument, evidence } from './document.ts';
import type { InstanceReference } from './subject.ts';
import { derivedUid } from './uid.ts';

/** What a model says of one image. */
export interface ImageResult {
  reference: InstanceReference;
  /** One for each class, in the order of the report's. */
  probabilities: readonly number[];
}

export interface MeasurementReport extends DocumentBase {
  /** Of the images: `MR`, `CT`; null where they do not say. */
  modality: string | null;
  algorithm: {
    name: string;
    version: string;
    /** What else decides its answers, a line each: weights, preprocessing, run. */
    parameters: readonly string[];
    /** Of the model, for Device Observer UID. */
    uid: string;
  };
  classes: readonly string[];
  /**
   * Where images may have several findings: from which probability on each counts as present. Default: one class for each image, the most
   * probable.
   */
  thresholds?: readonly number[];
  /** All of one study, at least one. */
  images: readonly ImageResult[];
}

const COMPREHENSIVE_SR = '1.2.840.10008.5.1.4.1.1.88.33';

const dcm = (value: string, meaning: string): Code => [value, 'DCM', meaning];
const sct = (value: string, meaning: string): Code => [value, 'SCT', meaning];

/**
 * A model's answers on the images of one study as a Structured Report: Comprehensive SR with template TID 1500, one measurement group (TID
 * 1501) for each image. Probabilities are NUM without unit; classes and findings are codes of a private scheme, which the document
 * declares; the model stands as observer (TID 1004) and as algorithm of each group (TID 4019).
 *
 * @throws GraftError `report-empty`
 */
export function writeMeasurementReport(report: MeasurementReport): Promise<Uint8Array> {
  if (report.images.length === 0)
    throw new GraftError('report-empty', 'Expected an image to report on, found none.', { kind: 'bug' });
  return encodeDocument(report, {
    SOPClassUID: COMPREHENSIVE_SR,
    Modality: 'SR',
    SeriesDescription: `Graft: ${report.source.model}`,
    ReferencedPerformedProcedureStepSequence: [],
    PerformedProcedureCodeSequence: [],
    CurrentRequestedProcedureEvidenceSequence: evidence(report.images.map(({ reference }) => reference)),
    CompletionFlag: 'COMPLETE',
    VerificationFlag: 'UNVERIFIED',
    CodingSchemeIdentificationSequence: codingSchemes,
    ValueType: 'CONTAINER',
    ConceptNameCodeSequence: [codeItem(dcm('126000', 'Imaging Measurement Report'))],
    ContinuityOfContent: 'SEPARATE',
    ContentTemplateSequence: [{ MappingResource: 'DCMR', TemplateIdentifier: '1500' }],
    ContentSequence: [
      codeContent('HAS CONCEPT MOD', dcm('121049', 'Language of Content Item and Descendants'), [
        'en',
        'RFC5646',
        'English',
      ]),
      ...observer(report),
      codeContent('HAS CONCEPT MOD', dcm('121058', 'Procedure reported'), procedureOf(report.modality)),
      container(
        'CONTAINS',
        dcm('126010', 'Imaging Measurements'),
        report.images.map((image, at) => measurementGroup(report, image, at)),
      ),
    ],
  });
}

/** TID 1001 with TID 1002 and TID 1004: a device observed, and which. */
function observer({ algorithm, source }: MeasurementReport): Elements[] {
  const context = (code: Code, text: string): Elements => textContent('HAS OBS CONTEXT', code, text);
  return [
    codeContent('HAS OBS CONTEXT', dcm('121005', 'Observer Type'), dcm('121007', 'Device')),
    uidContent('HAS OBS CONTEXT', dcm('121012', 'Device Observer UID'), algorithm.uid),
    context(dcm('121013', 'Device Observer Name'), algorithm.name),
    context(dcm('121014', 'Device Observer Manufacturer'), 'Graft'),
    context(dcm('121015', 'Device Observer Model Name'), source.model),
    context(dcm('121016', 'Device Observer Serial Number'), algorithm.version),
  ];
}

/** TID 1501. */
function measurementGroup(
  report: MeasurementReport,
  { reference, probabilities }: ImageResult,
  at: number,
): Elements {
  const { algorithm, classes, thresholds } = report;
  const identification = [
    textContent('HAS CONCEPT MOD', dcm('111001', 'Algorithm Name'), algorithm.name),
    textContent('HAS CONCEPT MOD', dcm('111003', 'Algorithm Version'), algorithm.version),
    ...algorithm.parameters.map((text) =>
      textContent('HAS CONCEPT MOD', dcm('111002', 'Algorithm Parameters'), text),
    ),
  ];
  const most = probabilities.indexOf(Math.max(...probabilities));
  const findings = thresholds
    ? []
    : [codeContent('CONTAINS', dcm('121071', 'Finding'), classCode(classes[most]))];
  const judged = (thresholds ?? []).map((threshold, index) =>
    codeContent(
      'CONTAINS',
      classCode(classes[index]),
      probabilities[index] >= threshold ? sct('52101004', 'Present') : sct('2667000', 'Absent'),
    ),
  );
  return container('CONTAINS', dcm('125007', 'Measurement Group'), [
    textContent('HAS OBS CONTEXT', dcm('112039', 'Tracking Identifier'), `Image ${at + 1}`),
    uidContent(
      'HAS OBS CONTEXT',
      dcm('112040', 'Tracking Unique Identifier'),
      derivedUid('tracking', report.SOPInstanceUID, String(at)),
    ),
    ...findings,
    ...identification,
    imageContent('CONTAINS', sct('260753009', 'Source'), reference),
    ...classes.map((name, index) =>
      numberContent('CONTAINS', probabilityCode(name), probabilities[index], NO_UNITS),
    ),
    ...judged,
  ]);
}
