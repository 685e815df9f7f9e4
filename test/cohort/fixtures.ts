import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { InstanceAttributes } from '../../src-main/contract/instances.ts';
import type { Elements, PixelsToWrite } from '../../src-main/dicom/index.ts';
import { explicitLittleEndian, writeDicom } from '../../src-main/dicom/index.ts';
import type { FileToStore, Project } from '../../src-main/store/index.ts';
import { createProject, ensureSource, InstanceWriter } from '../../src-main/store/index.ts';

/** A folder and a project of its own for each test of a file; both are gone afterwards. */
export interface Workplace {
  folder: string;
  project: Project;
  /** Further projects, closed with the first. */
  anotherProject(name: string): Project;
  /** Absolute path of a file or folder in the workplace. */
  path(...parts: string[]): string;
}

export function useWorkplace(): Workplace {
  const place = {} as Workplace;
  const before = process.env.GRAFT_HOME;
  let open: Project[] = [];
  beforeEach(() => {
    place.folder = mkdtempSync(join(tmpdir(), 'graft-test-'));
    place.path = (...parts) => join(place.folder, ...parts);
    process.env.GRAFT_HOME = place.path('home');
    place.anotherProject = (name) => {
      const project = createProject(place.path(name));
      open.push(project);
      return project;
    };
    place.project = place.anotherProject('project');
  });
  afterEach(() => {
    for (const project of open) if (project.db.open) project.close();
    open = [];
    if (before === undefined) delete process.env.GRAFT_HOME;
    else process.env.GRAFT_HOME = before;
    rmSync(place.folder, { recursive: true, force: true });
  });
  return place;
}

/** Sixteen by twelve pixels, 12 bits, different for each `seed`. */
export function picture(seed: number, size: Partial<PixelsToWrite> = {}): PixelsToWrite {
  const rows = size.rows ?? 16;
  const columns = size.columns ?? 12;
  const count = rows * columns * (size.frames ?? 1) * (size.samplesPerPixel ?? 1);
  const most = (size.bitsAllocated ?? 16) === 8 ? 255 : 4095;
  const data = Array.from({ length: count }, (_, at) => (at * 37 + seed * 101 + ((at * seed) % 7)) % most);
  return { rows, columns, bitsAllocated: 16, bitsStored: most === 255 ? 8 : 12, data, ...size };
}

/** Writes one DICOM file. */
export async function writeImage(
  path: string,
  elements: Elements,
  pixels: PixelsToWrite = picture(1),
  transferSyntaxUID: string = explicitLittleEndian,
): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  const bytes = await writeDicom({
    transferSyntaxUID,
    elements: { SOPClassUID: '1.2.840.10008.5.1.4.1.1.4', Modality: 'MR', ...elements },
    pixels,
  });
  writeFileSync(path, bytes);
}

export const someAttributes: InstanceAttributes = {
  TransferSyntaxUID: explicitLittleEndian,
  SOPInstanceUID: null,
  SOPClassUID: '1.2.840.10008.5.1.4.1.1.4',
  StudyInstanceUID: null,
  SeriesInstanceUID: null,
  FrameOfReferenceUID: null,
  PatientSex: 'F',
  PatientAge: 63,
  StudyYear: 2020,
  Modality: 'MR',
  ImageType: null,
  Manufacturer: 'SIEMENS',
  ManufacturerModelName: null,
  InstitutionName: null,
  StationName: null,
  MagneticFieldStrength: 1.5,
  KVP: null,
  SliceThickness: null,
  BodyPartExamined: null,
  ViewPosition: null,
  SeriesDescription: null,
  ProtocolName: null,
  Laterality: null,
  BurnedInAnnotation: null,
  SeriesNumber: 1,
  InstanceNumber: 1,
  Rows: 16,
  Columns: 12,
  NumberOfFrames: 1,
  SamplesPerPixel: 1,
  PhotometricInterpretation: 'MONOCHROME2',
  BitsAllocated: 16,
  BitsStored: 12,
  PixelRepresentation: 0,
  RowSpacing: null,
  ColumnSpacing: null,
};

export interface IndexedImage {
  path: string;
  patient: string;
  attributes?: Partial<InstanceAttributes>;
}

/** Puts images into the index as an import would, without files. */
export function indexImages(project: Project, images: readonly IndexedImage[], source = 'hospital'): void {
  const { id } = ensureSource(project.db, `/nowhere/${source}`, source);
  new InstanceWriter(project.db, id).save(
    images.map(({ path, patient, attributes }): FileToStore => ({
      path,
      size: 1,
      mtimeMs: 1,
      outcome: {
        kind: 'image',
        patientKey: project.hashPatientId(patient),
        patientIdentified: true,
        attributes: { ...someAttributes, SOPInstanceUID: `2.25.${path}`, ...attributes },
      },
    })),
  );
}
