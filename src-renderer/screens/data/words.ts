import type { BrowseKeyword, Grouping, imageProblems } from '../../../src-main/contract/calls/data.ts';
import type { InstanceAttributes } from '../../../src-main/contract/instances.ts';
import { count } from '../../lib/format.ts';

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

/** "12 files gave no image: 10 not DICOM, 2 cut off." Null where all did. */
export function refusalSentence(refused: Readonly<Record<string, number>>): string | null {
  const entries = Object.entries(refused).sort(([, a], [, b]) => b - a);
  const all = entries.reduce((sum, [, files]) => sum + files, 0);
  if (all === 0) return null;
  const reasons = entries.map(([reason, files]) => `${count(files)} ${refusals[reason] ?? reason}`);
  return `${count(all)} ${all === 1 ? 'file' : 'files'} gave no image: ${reasons.join(', ')}.`;
}

const rounded = (value: number): string => String(Math.round(value * 100) / 100);

type Line = [label: string, value: string | null];

/** What a person looks for in an image's attributes, in groups; what is not stated is null. */
export function attributeGroups(of: InstanceAttributes): { title: string; lines: Line[] }[] {
  const unit = (value: number | null, name: string): string | null =>
    value === null ? null : `${rounded(value)} ${name}`;
  return [
    {
      title: 'Patient',
      lines: [
        ['Sex', of.PatientSex],
        ['Age', of.PatientAge === null ? null : `${rounded(of.PatientAge)} years`],
      ],
    },
    {
      title: 'Series',
      lines: [
        ['Modality', of.Modality],
        ['Description', of.SeriesDescription],
        ['Protocol', of.ProtocolName],
        ['Body part', of.BodyPartExamined],
        ['View', of.ViewPosition],
        ['Laterality', of.Laterality],
        ['Year', of.StudyYear === null ? null : String(of.StudyYear)],
        ['Series number', of.SeriesNumber === null ? null : String(of.SeriesNumber)],
        ['Image number', of.InstanceNumber === null ? null : String(of.InstanceNumber)],
      ],
    },
    {
      title: 'Scanner',
      lines: [
        ['Manufacturer', of.Manufacturer],
        ['Model', of.ManufacturerModelName],
        ['Institution', of.InstitutionName],
        ['Station', of.StationName],
        ['Field strength', unit(of.MagneticFieldStrength, 'T')],
        ['Tube voltage', unit(of.KVP, 'kV')],
        ['Slice thickness', unit(of.SliceThickness, 'mm')],
      ],
    },
    {
      title: 'Picture',
      lines: [
        ['Size', `${of.Rows} × ${of.Columns} pixels`],
        [
          'Pixel size',
          of.RowSpacing === null || of.ColumnSpacing === null
            ? null
            : `${rounded(of.RowSpacing)} × ${rounded(of.ColumnSpacing)} mm`,
        ],
        ['Frames', String(of.NumberOfFrames)],
        ['Values', `${of.BitsStored} bits, ${of.PhotometricInterpretation}`],
      ],
    },
  ];
}

/** The rest, for who has to find an image in another system. */
export function technicalLines(of: InstanceAttributes): Line[] {
  return (
    [
      'TransferSyntaxUID',
      'SOPInstanceUID',
      'SOPClassUID',
      'StudyInstanceUID',
      'SeriesInstanceUID',
      'FrameOfReferenceUID',
      'ImageType',
      'BurnedInAnnotation',
    ] as const
  ).map((keyword): Line => [keyword, of[keyword]]);
}
