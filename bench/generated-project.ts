import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { InstanceAttributes } from '../src-main/contract/instances.ts';
import {
  createProject,
  ensureSource,
  InstanceWriter,
  saveLabels,
  savePreparation,
  type FileToStore,
} from '../src-main/store/index.ts';

const MANUFACTURERS = ['SIEMENS', 'GE MEDICAL SYSTEMS', 'Philips', 'Canon', null];
const DESCRIPTIONS = [
  'axial contrast',
  'axial plain',
  'sagittal T2',
  'coronal reformat',
  'localiser',
  'diffusion',
  null,
];
const IMAGES_OF_PATIENT = 20;

/** A project of generated rows in the proportions of a real one: some five thousand patients of two series each, three sources, files that are no image, labels for most, hashes for all. */
export function generateProject(folder: string, images: number): void {
  if (existsSync(join(folder, 'graft.sqlite'))) return;
  const project = createProject(folder, { name: `${images} generated images` });
  const { db } = project;
  const sources = ['hospital-1', 'hospital-2', 'hospital-3'].map((name) =>
    ensureSource(db, `/nowhere/${name}`, name),
  );
  const writers = sources.map(({ id }) => new InstanceWriter(db, id));
  const batch: FileToStore[][] = sources.map(() => []);
  const flush = (): void => {
    batch.forEach((files, at) => writers[at].save(files.splice(0)));
  };
  for (let index = 0; index < images; index++) {
    const patient = Math.floor(index / IMAGES_OF_PATIENT);
    batch[patient % sources.length].push({
      path: `patient-${patient}/series-${Math.floor(index / 10)}/image-${index}.dcm`,
      size: 500_000 + index,
      mtimeMs: 1,
      isNew: true,
      outcome: {
        kind: 'image',
        patientKey: project.hashPatientId(`P${patient}`),
        patientIdentified: true,
        attributes: attributesOf(index, patient),
      },
    });
    if (index % 5_000 === 4_999) flush();
  }
  for (let index = 0; index < images / 50; index++) {
    const reason = index % 3 === 0 ? 'not-dicom' : 'no-pixel-data';
    batch[0].push({
      path: `other/${index}.txt`,
      size: 10,
      mtimeMs: 1,
      isNew: true,
      outcome: { kind: 'refused', reason, message: 'The file holds no image.' },
    });
  }
  flush();
  const ids = db.prepare('SELECT id FROM instances ORDER BY id').pluck().all() as number[];
  saveLabels(
    db,
    { name: 'labels', source: 'csv', by: 'bench' },
    ids
      .filter((id) => id % 5 !== 0)
      .map((instanceId) => ({
        instanceId,
        className: ['normal', 'nodule', 'effusion'][instanceId % 3],
        role: null,
      })),
  );
  savePreparation(
    db,
    // One picture in five hundred occurs twice.
    ids.map((instanceId) => ({
      instanceId,
      frameIndex: 0,
      sha256: (instanceId - (instanceId % 500 === 0 ? 1 : 0)).toString(16).padStart(64, '0'),
    })),
    [],
  );
  project.close();
}

function attributesOf(index: number, patient: number): InstanceAttributes {
  const pick = <Value>(values: readonly Value[], by: number): Value => values[by % values.length];
  return {
    TransferSyntaxUID: '1.2.840.10008.1.2.1',
    SOPInstanceUID: `1.2.826.0.1.3680043.8.498.${index}`,
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.4',
    StudyInstanceUID: `1.2.826.0.1.3680043.8.498.1.${patient}`,
    SeriesInstanceUID: `1.2.826.0.1.3680043.8.498.2.${Math.floor(index / 10)}`,
    FrameOfReferenceUID: null,
    PatientSex: pick(['F', 'M', null], patient),
    PatientAge: 20 + (patient % 70),
    StudyYear: 2005 + (patient % 20),
    Modality: pick(['MR', 'CT', 'MR'], patient),
    ImageType: 'ORIGINAL\\PRIMARY',
    Manufacturer: pick(MANUFACTURERS, patient),
    ManufacturerModelName: `Model ${patient % 17}`,
    InstitutionName: `Institution ${patient % 9}`,
    StationName: `ST${patient % 31}`,
    MagneticFieldStrength: pick([1.5, 3, null], patient),
    KVP: pick([null, 120, 100], patient),
    SliceThickness: pick([0.625, 1, 1.25, 3, 5], patient),
    BodyPartExamined: pick(['BRAIN', 'CHEST', null], patient),
    ViewPosition: null,
    SeriesDescription: pick(DESCRIPTIONS, Math.floor(index / 10)),
    ProtocolName: `protocol ${patient % 40}`,
    Laterality: null,
    BurnedInAnnotation: null,
    SeriesNumber: 1 + (Math.floor(index / 10) % 2),
    InstanceNumber: 1 + (index % 10),
    Rows: pick([512, 256, 320], patient),
    Columns: pick([512, 256, 320], patient),
    NumberOfFrames: 1,
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    BitsAllocated: 16,
    BitsStored: 12,
    PixelRepresentation: 0,
    RowSpacing: pick([0.5, 0.75, 0.9375, 1], patient),
    ColumnSpacing: pick([0.5, 0.75, 0.9375, 1], patient),
  };
}
