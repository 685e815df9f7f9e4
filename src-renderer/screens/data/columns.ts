import { browseKeywords, type BrowseKeyword } from '../../../src-main/contract/calls/data.ts';

const STORED = 'graft-data-columns';

/** Columns that the table has unless a person chooses others, where any image states them. */
export const usualColumns: readonly BrowseKeyword[] = [
  'source',
  'Modality',
  'Manufacturer',
  'ManufacturerModelName',
  'InstitutionName',
  'MagneticFieldStrength',
  'KVP',
  'SliceThickness',
  'BodyPartExamined',
  'ViewPosition',
  'PatientSex',
  'AgeGroup',
  'StudyYear',
  'MatrixSize',
  'SplitRole',
  'Problem',
];

const known = new Set<string>(browseKeywords);

/** The columns chosen on this machine; null where none were. */
export function loadColumns(): BrowseKeyword[] | null {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORED) ?? 'null');
    if (!Array.isArray(stored)) return null;
    return stored.filter((one): one is BrowseKeyword => typeof one === 'string' && known.has(one));
  } catch {
    return null;
  }
}

export function saveColumns(columns: readonly BrowseKeyword[] | null): void {
  if (columns) localStorage.setItem(STORED, JSON.stringify(columns));
  else localStorage.removeItem(STORED);
}
