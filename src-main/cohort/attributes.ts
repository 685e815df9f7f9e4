import type { InstanceAttributes } from '../contract/instances.ts';
import type { InstanceHeader } from '../dicom/index.ts';

const daysPerYear = 365.25;
const unitsPerYear: Record<string, number> = { Y: 1, M: 12, W: daysPerYear / 7, D: daysPerYear };

/** An Age String (PS3.5 6.2) in years: `018M` is 1.5. Null for anything else. */
export function ageInYears(age: string | null): number | null {
  const match = /^(\d{1,3})([DWMY])$/.exec(age?.trim() ?? '');
  return match ? Number(match[1]) / unitsPerYear[match[2]] : null;
}

/** The year of a date written `YYYYMMDD`, also of the old `YYYY.MM.DD`. */
export function yearOf(date: string | null): number | null {
  const match = /^((?:19|20)\d{2})(?:\.?\d{2}){0,2}$/.exec(date?.trim() ?? '');
  return match ? Number(match[1]) : null;
}

/** What is kept of a header: everything but the patient's identifier and the exact date. */
export function attributesOf(header: InstanceHeader): InstanceAttributes {
  const [rowSpacing, columnSpacing] = header.PixelSpacing ?? header.ImagerPixelSpacing ?? [null, null];
  return {
    TransferSyntaxUID: header.transferSyntaxUID,
    SOPInstanceUID: header.SOPInstanceUID,
    SOPClassUID: header.SOPClassUID,
    StudyInstanceUID: header.StudyInstanceUID,
    SeriesInstanceUID: header.SeriesInstanceUID,
    FrameOfReferenceUID: header.FrameOfReferenceUID,
    PatientSex: header.PatientSex,
    PatientAge: ageInYears(header.PatientAge),
    StudyYear: yearOf(header.StudyDate),
    Modality: header.Modality,
    ImageType: header.ImageType,
    Manufacturer: header.Manufacturer,
    ManufacturerModelName: header.ManufacturerModelName,
    InstitutionName: header.InstitutionName,
    StationName: header.StationName,
    MagneticFieldStrength: header.MagneticFieldStrength,
    KVP: header.KVP,
    SliceThickness: header.SliceThickness,
    BodyPartExamined: header.BodyPartExamined,
    ViewPosition: header.ViewPosition,
    SeriesDescription: header.SeriesDescription,
    ProtocolName: header.ProtocolName,
    Laterality: header.Laterality,
    BurnedInAnnotation: header.BurnedInAnnotation,
    SeriesNumber: header.SeriesNumber,
    InstanceNumber: header.InstanceNumber,
    Rows: header.Rows,
    Columns: header.Columns,
    NumberOfFrames: header.NumberOfFrames,
    SamplesPerPixel: header.SamplesPerPixel,
    PhotometricInterpretation: header.PhotometricInterpretation,
    BitsAllocated: header.BitsAllocated,
    BitsStored: header.BitsStored,
    PixelRepresentation: header.PixelRepresentation,
    RowSpacing: rowSpacing,
    ColumnSpacing: columnSpacing,
  };
}
