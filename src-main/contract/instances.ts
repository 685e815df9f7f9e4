import { z } from 'zod';

/**
 * What is kept of one image file, under the standard's keywords (PS3.6). No name, no birth date, no PatientID: the
 * patient is an HMAC. Absent attributes are null.
 */
export interface InstanceAttributes {
  TransferSyntaxUID: string;
  SOPInstanceUID: string | null;
  SOPClassUID: string | null;
  StudyInstanceUID: string | null;
  SeriesInstanceUID: string | null;
  FrameOfReferenceUID: string | null;
  PatientSex: string | null;
  /** Years, from `063Y`, `018M`, `006W`, `003D`. */
  PatientAge: number | null;
  /** The year alone of StudyDate. */
  StudyYear: number | null;
  Modality: string | null;
  ImageType: string | null;
  Manufacturer: string | null;
  ManufacturerModelName: string | null;
  InstitutionName: string | null;
  StationName: string | null;
  /** Tesla. */
  MagneticFieldStrength: number | null;
  /** Kilovolt. */
  KVP: number | null;
  /** Millimetres. */
  SliceThickness: number | null;
  BodyPartExamined: string | null;
  ViewPosition: string | null;
  SeriesDescription: string | null;
  ProtocolName: string | null;
  Laterality: string | null;
  BurnedInAnnotation: string | null;
  SeriesNumber: number | null;
  InstanceNumber: number | null;
  Rows: number;
  Columns: number;
  NumberOfFrames: number;
  SamplesPerPixel: number;
  PhotometricInterpretation: string;
  BitsAllocated: number;
  BitsStored: number;
  PixelRepresentation: number;
  /** Millimetres between rows; from PixelSpacing, else ImagerPixelSpacing. */
  RowSpacing: number | null;
  /** Millimetres between columns. */
  ColumnSpacing: number | null;
}

/** Attributes a person filters and groups by. */
export const filterKeywords = [
  'Modality',
  'Manufacturer',
  'ManufacturerModelName',
  'InstitutionName',
  'StationName',
  'MagneticFieldStrength',
  'KVP',
  'SliceThickness',
  'BodyPartExamined',
  'ViewPosition',
  'SeriesDescription',
  'ProtocolName',
  'Laterality',
  'PatientSex',
  'StudyYear',
  'TransferSyntaxUID',
  'PhotometricInterpretation',
  'Rows',
  'Columns',
  'NumberOfFrames',
] as const satisfies readonly (keyof InstanceAttributes)[];

export type FilterKeyword = (typeof filterKeywords)[number];

const value = z.union([z.string(), z.number()]);
/** One value of an attribute, or several of which one must fit. */
export const filterValues = z.union([value, z.array(value).min(1)]);

/**
 * Which images are meant: each named attribute must have the value, or one of the values; text is compared without
 * regard to case. `source` is the name of an imported folder.
 *
 * @example
 * { source: 'hospital-a', Manufacturer: ['SIEMENS', 'GE MEDICAL SYSTEMS'] }
 */
export const instanceFilter = z.partialRecord(z.enum(['source', ...filterKeywords]), filterValues);

export type InstanceFilter = z.output<typeof instanceFilter>;

/** One imported folder. */
export interface Source {
  id: number;
  name: string;
  path: string;
  addedAt: string;
}

/** A file that gives no image, and why. */
export interface RefusedFile {
  source: string;
  /** Relative to the source, with forward slashes. */
  path: string;
  /** A reason of the DICOM reader, e.g. `not-dicom`. */
  reason: string;
  message: string;
}

/** What an import found and did. */
export interface ImportReport {
  source: Source;
  /** Files in the folder now. */
  files: number;
  /** Files read in this run; the others are known and unchanged. */
  read: number;
  unchanged: number;
  /** Known before, no longer there. */
  removed: number;
  /** Images in this source now, and the patients they are of. */
  images: number;
  patients: number;
  /** Refused files of this source, counted by reason. */
  refused: Record<string, number>;
  problems: ImportProblem[];
  /** What came of the labels that were given with the folder. */
  labels?: LabelReport;
  seconds: number;
}

/**
 * - `duplicate-sop-instance-uid`: several files carry one SOP Instance UID; the first by path is used, the others are not
 * - `no-patient-id`: images without PatientID count as one patient for each study
 * - `name-in-path`: folder or file names hold parts of the PatientName, and relative paths are stored; counted over the
 *   files read in this run
 * - `name-of-dataset`: the dataset is called after its folder, whose name holds parts of a PatientName; counted over the files read in this run
 * - `image-replaced`: files hold another image than at the last import, by its SOP Instance UID
 * - `image-lost`: files that held an image at the last import are refused now
 */
export interface ImportProblem {
  kind:
    | 'duplicate-sop-instance-uid'
    | 'no-patient-id'
    | 'name-in-path'
    | 'name-of-dataset'
    | 'image-replaced'
    | 'image-lost';
  count: number;
  message: string;
}

/** Why a row of a label file, or an image, has no label from it. */
export type LabelProblemKind =
  | 'no-key'
  | 'no-label'
  | 'no-such-image'
  | 'ambiguous-path'
  | 'unknown-split'
  | 'label-conflict'
  | 'split-conflict';

export interface LabelProblem {
  kind: LabelProblemKind;
  /** Line of the file, 1 the header; absent for images. */
  line?: number;
  message: string;
}

/** What came of importing labels. */
export interface LabelReport {
  labelSetId: number;
  /** Class names in the order of their indexes, with the number of images. */
  classes: { name: string; images: number; patients: number }[];
  rows: number;
  matchedRows: number;
  unmatchedRows: number;
  labelledImages: number;
  /** Of a multi-label set: images that show none of the findings, and answers that are in doubt or were not given. */
  findings?: { none: number; unknown: number };
  /** Usable images in the project that this label set says nothing about. */
  unlabelledImages: number;
  /** Images with a predefined place, by role; empty where there is no such column. */
  predefined: Partial<Record<'train' | 'validation' | 'test', number>>;
  problems: LabelProblem[];
  /** The same in sentences for people. */
  sentences: string[];
}
