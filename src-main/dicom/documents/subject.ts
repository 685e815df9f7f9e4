import { GraftError } from '../../contract/errors.ts';
import { openFile } from '../byte-source.ts';
import { parseFile } from '../part10.ts';
import type { Elements } from '../write/elements.ts';
import { implementationClassUID } from '../write/writer.ts';

/** Whose a document is, and which study it belongs to: what every document of one study repeats (PS3.3 C.7.1, C.7.2). */
export interface DocumentSubject {
  PatientName: string;
  PatientID: string;
  IssuerOfPatientID?: string;
  PatientBirthDate: string;
  PatientSex: string;
  StudyInstanceUID: string;
  StudyDate: string;
  StudyTime: string;
  StudyID: string;
  AccessionNumber: string;
  ReferringPhysicianName: string;
  StudyDescription?: string;
  /** How who the patient is was taken out; default: it was not. */
  deidentification?: string;
}

/** An image that a document speaks of. */
export interface InstanceReference {
  SOPClassUID: string;
  SOPInstanceUID: string;
  SeriesInstanceUID: string;
  StudyInstanceUID: string;
  /** From 1; of images with several frames. */
  frame?: number;
}

/** A file as a document needs it: its reference, whose it is, and what made it. */
export interface SourceInstance {
  subject: DocumentSubject;
  reference: InstanceReference;
  modality: string | null;
}

const afterStudy = 0x00200011;

/**
 * Reads who a file's patient is, for a document that belongs to that patient. What comes back names a person: it goes into a file that
 * somebody asked for, and nowhere else.
 *
 * @throws what is refused of a file, and `no-study` where it has no study, series or instance UID
 */
export function readSourceInstance(path: string): SourceInstance {
  const file = openFile(path);
  try {
    const { dataSet, start } = parseFile(file, afterStudy, 'header');
    const text = (keyword: Parameters<typeof dataSet.text>[0]): string => dataSet.text(keyword) ?? '';
    const reference: InstanceReference = {
      SOPClassUID: text('SOPClassUID') || (start.meta?.text('MediaStorageSOPClassUID') ?? ''),
      SOPInstanceUID: text('SOPInstanceUID') || (start.meta?.text('MediaStorageSOPInstanceUID') ?? ''),
      SeriesInstanceUID: text('SeriesInstanceUID'),
      StudyInstanceUID: text('StudyInstanceUID'),
    };
    if (Object.values(reference).includes(''))
      throw new GraftError(
        'no-study',
        'Expected UIDs of class, instance, series and study, which a document refers to; one is missing.',
      );
    const issuer = text('IssuerOfPatientID');
    const description = text('StudyDescription');
    return {
      reference,
      modality: dataSet.text('Modality'),
      subject: {
        PatientName: text('PatientName'),
        PatientID: text('PatientID'),
        ...(issuer ? { IssuerOfPatientID: issuer } : {}),
        PatientBirthDate: text('PatientBirthDate'),
        PatientSex: text('PatientSex'),
        StudyInstanceUID: reference.StudyInstanceUID,
        StudyDate: text('StudyDate'),
        StudyTime: text('StudyTime'),
        StudyID: text('StudyID'),
        AccessionNumber: text('AccessionNumber'),
        ReferringPhysicianName: text('ReferringPhysicianName'),
        ...(description ? { StudyDescription: description } : {}),
      },
    };
  } finally {
    file.close();
  }
}

/** Whether a file is DICOM that Graft wrote. */
export function isWrittenByGraft(path: string): boolean {
  try {
    const file = openFile(path);
    try {
      const { start } = parseFile(file, 0x00080000, 'header');
      return start.meta?.text('ImplementationClassUID') === implementationClassUID;
    } finally {
      file.close();
    }
  } catch {
    return false;
  }
}

/** The patient and study of a document as elements. */
export function subjectElements({ deidentification, ...subject }: DocumentSubject): Elements {
  return {
    ...subject,
    ...(deidentification === undefined
      ? {}
      : { PatientIdentityRemoved: 'YES', DeidentificationMethod: deidentification }),
  };
}
