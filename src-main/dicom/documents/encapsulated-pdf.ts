import { GraftError } from '../../contract/errors.ts';
import { codeItem } from './codes.ts';
import { type DocumentBase, encodeDocument, instanceItem } from './document.ts';
import { type DocumentSubject, type InstanceReference } from './subject.ts';

export interface EncapsulatedPdf extends DocumentBase {
  title: string;
  /** Images that the document was made from; default none. */
  references?: readonly InstanceReference[];
}

const ENCAPSULATED_PDF = '1.2.840.10008.5.1.4.1.1.104.1';

/**
 * A PDF as a DICOM file, as archives keep reports.
 *
 * @throws GraftError `not-a-pdf`
 */
export function encapsulatePdf(bytes: Uint8Array, document: EncapsulatedPdf): Promise<Uint8Array> {
  if (Buffer.from(bytes.subarray(0, 5)).toString('latin1') !== '%PDF-')
    throw new GraftError(
      'not-a-pdf',
      'Expected a PDF to put into DICOM, found a file that does not start as one.',
    );
  const { title, references = [] } = document;
  return encodeDocument(document, {
    SOPClassUID: ENCAPSULATED_PDF,
    Modality: 'DOC',
    SeriesDescription: `Graft: ${title}`,
    ConversionType: 'WSD',
    AcquisitionDateTime: '',
    // What the pages say is not looked at: they may name the patient whose document it is.
    BurnedInAnnotation: 'YES',
    ...(references.length > 0 ? { SourceInstanceSequence: references.map(instanceItem) } : {}),
    DocumentTitle: title,
    ConceptNameCodeSequence: [codeItem(['18782-3', 'LN', 'Study report'])],
    MIMETypeOfEncapsulatedDocument: 'application/pdf',
    EncapsulatedDocument: bytes,
    EncapsulatedDocumentLength: bytes.length,
  });
}

/** A report on many patients is no one's: it stands under a name that nobody takes for a patient's. */
export const cohortSubject = (
  studyInstanceUID: string,
  title: string,
  createdAt: string,
): DocumentSubject => ({
  PatientName: 'Graft^Cohort report',
  PatientID: 'GRAFT-COHORT',
  PatientBirthDate: '',
  PatientSex: '',
  StudyInstanceUID: studyInstanceUID,
  StudyDate: createdAt.slice(0, 10).replaceAll('-', ''),
  StudyTime: '',
  StudyID: '',
  AccessionNumber: '',
  ReferringPhysicianName: '',
  StudyDescription: title.slice(0, 64),
});
