import type { Grouping } from '../../../src-main/contract/calls/data.ts';

/** DICOM keywords as a person reads them. */
export const words: Record<Exclude<Grouping, 'patient'>, string> = {
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
  StudyYear: 'Year',
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
  Rows: 'px',
  Columns: 'px',
};

/** A value with its unit; null is "not stated". */
export function valueText(keyword: Grouping, value: string | number | null): string {
  if (value === null) return 'not stated';
  const unit = units[keyword];
  return unit && value !== 'several' ? `${value} ${unit}` : String(value);
}
