import { existsSync } from 'node:fs';
import { GraftError } from '../contract/errors.ts';
import { derivedUid, readSourceInstance, type SourceInstance } from '../dicom/index.ts';
import type { InstanceSummary, Project } from '../store/index.ts';

/**
 * Why an image cannot have a document: its file is gone; the file names another patient than it did when it was imported, or holds another
 * image; it lacks the UIDs that a document refers to; or it cannot be read any more.
 */
export type Unwritten = 'missing' | 'another-patient' | 'another-image' | 'no-study' | 'unreadable';

/**
 * Reads live who an image's patient is, and makes sure that it is still the one whose image was imported, and still that image: a document
 * must never end up with somebody else, nor say of one image what was said of another.
 *
 * @param identified false puts keyed hashes in the place of everything that says who it is
 */
export function subjectOf(
  project: Project,
  { absolutePath, patientKey, SOPInstanceUID }: InstanceSummary,
  identified: boolean,
): SourceInstance | Unwritten {
  if (!existsSync(absolutePath)) return 'missing';
  let source: SourceInstance;
  try {
    source = readSourceInstance(absolutePath);
  } catch (error) {
    return error instanceof GraftError && error.code === 'no-study' ? 'no-study' : 'unreadable';
  }
  const { PatientID, StudyInstanceUID } = source.subject;
  const key =
    PatientID === '' ? project.hashStandIn('study', StudyInstanceUID) : project.hashPatientId(PatientID);
  if (key !== patientKey) return 'another-patient';
  if (source.reference.SOPInstanceUID !== SOPInstanceUID) return 'another-image';
  return identified ? source : deidentified(project, source, patientKey);
}

/** The same image under names that only this project's key leads back from. */
function deidentified(project: Project, source: SourceInstance, patientKey: string): SourceInstance {
  const replaced = (uid: string): string => derivedUid(project.hashStandIn('file', `uid ${uid}`));
  const pseudonym = `GRAFT-${patientKey.slice(0, 12).toUpperCase()}`;
  const { reference, modality } = source;
  return {
    modality,
    reference: {
      SOPClassUID: reference.SOPClassUID,
      SOPInstanceUID: replaced(reference.SOPInstanceUID),
      SeriesInstanceUID: replaced(reference.SeriesInstanceUID),
      StudyInstanceUID: replaced(reference.StudyInstanceUID),
    },
    subject: {
      PatientName: pseudonym,
      PatientID: pseudonym,
      PatientBirthDate: '',
      PatientSex: '',
      StudyInstanceUID: replaced(reference.StudyInstanceUID),
      StudyDate: '',
      StudyTime: '',
      StudyID: '',
      AccessionNumber: '',
      ReferringPhysicianName: '',
      deidentification: 'Graft: keyed hashes for patient and UIDs, no dates, no names',
    },
  };
}
