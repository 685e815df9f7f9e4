import type { BrowseKeyword, Grouping, imageProblems } from '../../../src-main/contract/calls/data.ts';

/** DICOM keywords, and what Graft makes of them, as a person reads them. */
export const words: Record<BrowseKeyword, string> = {
  source: 'Source',
  Modality: 'Modality',
  Manufacturer: 'Manufacturer',
  ManufacturerModelName: 'Model',
  InstitutionName: 'Institution',
  StationName: 'Station',
  MagneticFieldStrength: 'Field strength',
  KVP: 'Tube voltage',
  SliceThickness: 'Slice thickness',
  BodyPartExamined: 'Body part',
  ViewPosition: 'View',
  SeriesDescription: 'Series description',
  ProtocolName: 'Protocol',
  Laterality: 'Laterality',
  PatientSex: 'Sex',
  AgeGroup: 'Age',
  StudyYear: 'Year',
  PixelSize: 'Pixel size',
  MatrixSize: 'Image size',
  SplitRole: 'Role in split',
  Problem: 'Problem',
  TransferSyntaxUID: 'Transfer syntax',
  PhotometricInterpretation: 'Photometric interpretation',
  Rows: 'Rows',
  Columns: 'Columns',
  NumberOfFrames: 'Frames',
};

const units: Partial<Record<Grouping, string>> = {
  MagneticFieldStrength: 'T',
  KVP: 'kV',
  SliceThickness: 'mm',
  PixelSize: 'mm',
  AgeGroup: 'years',
  Rows: 'px',
  Columns: 'px',
};

const problems: Record<(typeof imageProblems)[number], string> = {
  'not-decodable': 'not decodable',
  'duplicate-uid': 'UID of another file',
  'same-pixels': 'same pixels twice',
  'no-patient-id': 'names no patient',
};

const notStated: Partial<Record<Grouping, string>> = { SplitRole: 'in no split', Problem: 'none' };

/** A value with its unit; null is "not stated". */
export function valueText(keyword: Grouping, value: string | number | null): string {
  if (value === null) return notStated[keyword] ?? 'not stated';
  if (value === 'several') return 'several';
  if (keyword === 'Problem') return problems[value as keyof typeof problems] ?? String(value);
  const unit = units[keyword];
  return unit ? `${value} ${unit}` : String(value);
}

const refusals: Record<string, string> = {
  unreadable: 'not readable',
  'not-dicom': 'not DICOM',
  dicomdir: 'tables of contents',
  'no-pixel-data': 'without a picture',
  'unsupported-transfer-syntax': 'in a compression that is not decoded',
  'unsupported-pixels': 'with unusual pixels',
  truncated: 'cut off',
  'too-large': 'too large',
  broken: 'damaged',
};

/** "Not DICOM" */
export function refusalTitle(reason: string): string {
  const text = refusals[reason] ?? reason;
  return text.charAt(0).toUpperCase() + text.slice(1);
}
