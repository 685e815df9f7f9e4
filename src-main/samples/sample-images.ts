import { createHash } from 'node:crypto';
import type { Elements, PixelsToWrite } from '../dicom/index.ts';
import { writeDicom } from '../dicom/index.ts';
import { RandomStream } from '../platform/random.ts';
import { drawAnatomy } from './chest-anatomy.ts';
import { drawSlice } from './chest-slice.ts';
import type { SamplePatient } from './sample-patients.ts';
import { quantise } from './scanners.ts';

const ctImageStorage = '1.2.840.10008.5.1.4.1.1.2';

/** One drawn slice, with what a viewer has to know of its pixels. */
export interface SampleImage {
  pixels: PixelsToWrite;
  elements: Elements;
}

/** Draws one slice of a patient; the same seed gives the same values. */
export function drawSampleImage(seed: number, patient: SamplePatient, slice: number): SampleImage {
  const { scanner, number } = patient;
  const stream = (...names: (string | number)[]) => new RandomStream(seed, scanner.site, number, ...names);
  const anatomy = drawAnatomy(patient.finding, { body: stream('body'), lesion: stream('lesion') });
  const picture = drawSlice(anatomy, patient.slices[slice], scanner.grid, stream('texture', slice));
  scanner.acquire(picture, stream('scan', slice));
  const stored = quantise(picture, scanner);
  const { slope, intercept } = scanner.rescale;
  const { center, width } = scanner.window;
  const windowing: Elements = {
    WindowCenter: decimal(center),
    WindowWidth: decimal(width),
    WindowCenterWidthExplanation: 'LUNG',
    RescaleSlope: decimal(slope),
  };
  const shape = {
    rows: scanner.grid.rows,
    columns: scanner.grid.columns,
    bitsAllocated: 16,
    bitsStored: 12,
  } as const;
  if (!patient.inverted) {
    return {
      pixels: { ...shape, data: stored },
      elements: { ...windowing, RescaleIntercept: decimal(intercept), RescaleType: 'HU' },
    };
  }
  // Mirrored about the window's centre, so that the same window shows the same picture once it is inverted.
  return {
    pixels: {
      ...shape,
      photometricInterpretation: 'MONOCHROME1',
      data: stored.map((value) => 4095 - value),
    },
    elements: {
      ...windowing,
      RescaleIntercept: decimal(2 * center - slope * 4095 - intercept),
      RescaleType: 'US',
    },
  };
}

/**
 * A DICOM file of one slice.
 *
 * @param owner the patient whose record it is filed under
 * @param origin where and when the image was made; differs from the owner for a copy filed under a second patient
 */
export function encodeSampleImage(
  seed: number,
  owner: SamplePatient,
  instance: number,
  image: SampleImage,
  origin: { patient: SamplePatient; slice: number },
  transferSyntaxUID: string,
): Promise<Uint8Array> {
  const { scanner } = origin.patient;
  const uid = (...names: (string | number)[]) => sampleUid(seed, owner.patientId, ...names);
  const { rows, columns, spacing } = scanner.grid;
  const height = 100 + origin.patient.slices[origin.slice];
  return writeDicom({
    transferSyntaxUID,
    pixels: image.pixels,
    elements: {
      SpecificCharacterSet: 'ISO_IR 192',
      ImageType: [origin.patient.inverted ? 'DERIVED' : 'ORIGINAL', 'PRIMARY', 'AXIAL'],
      SOPClassUID: ctImageStorage,
      SOPInstanceUID: uid('instance', instance),
      StudyInstanceUID: uid('study'),
      SeriesInstanceUID: uid('series'),
      FrameOfReferenceUID: uid('frame'),
      StudyDate: owner.studyDate,
      SeriesDate: owner.studyDate,
      ContentDate: owner.studyDate,
      StudyTime: owner.studyTime,
      AccessionNumber: `${owner.patientId}-1`,
      StudyID: '1',
      Modality: 'CT',
      Manufacturer: scanner.manufacturer,
      ManufacturerModelName: scanner.model,
      InstitutionName: owner.scanner.institution,
      StationName: scanner.station,
      SoftwareVersions: scanner.software,
      StudyDescription: 'Thorax',
      SeriesDescription: `Lung target ${scanner.sliceThickness} mm`,
      ProtocolName: 'Nodule follow-up',
      PatientName: `Phantom^${owner.patientId}`,
      PatientID: owner.patientId,
      PatientSex: owner.sex,
      PatientAge: `${String(owner.age).padStart(3, '0')}Y`,
      BodyPartExamined: 'CHEST',
      PatientPosition: 'HFS',
      KVP: decimal(scanner.kvp),
      XRayTubeCurrent: decimal(scanner.tubeCurrent),
      ConvolutionKernel: scanner.kernel,
      SliceThickness: decimal(scanner.sliceThickness),
      SeriesNumber: '2',
      AcquisitionNumber: '1',
      InstanceNumber: String(instance + 1),
      ImagePositionPatient: [(-columns * spacing) / 2, (-rows * spacing) / 2, height].map(decimal),
      ImageOrientationPatient: ['1', '0', '0', '0', '1', '0'],
      SliceLocation: decimal(height),
      PixelSpacing: [decimal(spacing), decimal(spacing)],
      BurnedInAnnotation: 'NO',
      ...image.elements,
    },
  });
}

/** A UID under 2.25 (PS3.5 B.2) that follows from the seed and the names. */
export function sampleUid(seed: number, ...names: (string | number)[]): string {
  const digest = createHash('sha256')
    .update(JSON.stringify(['graft-sample', seed, ...names]))
    .digest('hex');
  return `2.25.${BigInt(`0x${digest.slice(0, 32)}`)}`;
}

/** A number as the text of a DS element, which holds sixteen characters at most. */
function decimal(value: number): string {
  return String(Number(value.toFixed(4)));
}
