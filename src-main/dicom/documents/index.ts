export { derivedUid } from './uid.ts';
export type { DocumentBase, DocumentSource } from './document.ts';
export {
  isWrittenByGraft,
  readSourceInstance,
  type DocumentSubject,
  type InstanceReference,
  type SourceInstance,
} from './subject.ts';
export { writeMeasurementReport, type ImageResult, type MeasurementReport } from './measurement-report.ts';
export { writeSecondaryCapture, type SecondaryCapture } from './secondary-capture.ts';
export { cohortSubject, encapsulatePdf, type EncapsulatedPdf } from './encapsulated-pdf.ts';
