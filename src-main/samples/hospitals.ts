import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { GraftError } from '../contract/errors.ts';
import type { ProgressListener } from '../contract/progress.ts';
import { explicitLittleEndian, jpegLsLossless, rleLossless } from '../dicom/index.ts';
import { ProgressMeter } from '../platform/progress-meter.ts';
import { drawSampleImage, encodeSampleImage } from './sample-images.ts';
import type { SamplePatient } from './sample-patients.ts';
import { samplePatients } from './sample-patients.ts';
import { scanners } from './scanners.ts';

export interface SampleHospitalsOptions {
  /** Default 20. The same seed gives the same files, byte for byte, on the same versions of Node and Graft. */
  seed?: number;
  /** Default 60. */
  patientsPerHospital?: number;
  onProgress?: ProgressListener;
  signal?: AbortSignal;
}

export interface SampleHospitals {
  /** Absolute paths, one folder for each hospital. */
  folders: { a: string; b: string };
  /** Absolute path of labels.csv: path (relative to its own folder, forward slashes), patient_id, label, site. */
  labels: string;
}

/** A file to write: one slice, filed under its own patient or, as a copy, under another. */
interface PlannedFile {
  path: string;
  owner: SamplePatient;
  /** From 0, within the owner's examination. */
  instance: number;
  origin: { patient: SamplePatient; slice: number };
  transferSyntaxUID: string;
}

/**
 * Writes the sample data: CT slices of one lung from two hospitals, whose scanners differ in dose, sharpness, response,
 * shading, matrix and pixel size. A patient has no finding, a smooth nodule or a spiculated mass, each a third of the
 * patients; only the margin tells the two lesions apart, and vessels, scars and calcifications are in every class.
 *
 * As in real archives not all is in order: each hospital holds one image that is also filed under another patient, in
 * another encoding (in the second hospital one that came from the first), and beside the images lie a text file and a
 * file cut short.
 *
 * @param folder made when it is missing; files of the same names are replaced
 * @throws GraftError `cancelled` when the signal says so
 */
export async function writeSampleHospitals(
  folder: string,
  options: SampleHospitalsOptions = {},
): Promise<SampleHospitals> {
  const seed = options.seed ?? 20;
  const count = options.patientsPerHospital ?? 60;
  if (!Number.isInteger(count) || count < 1) {
    throw new GraftError(
      'samples-no-patients',
      `Expected a whole number of patients per hospital, at least 1, found ${count}; give one.`,
    );
  }
  const root = resolve(folder);
  const patients = scanners.map((scanner) => samplePatients(seed, scanner, count));
  const files = [...patients.flatMap((hospital) => hospital.flatMap(ownFiles)), ...copies(patients)];
  const meter = new ProgressMeter('Drawing sample images', 'images', files.length, options.onProgress);
  const rows = ['path,patient_id,label,site'];
  for (const file of files) {
    if (options.signal?.aborted) throw GraftError.cancelled('Drawing the sample images');
    await writeNew(join(root, file.path), await encode(seed, file));
    const { owner } = file;
    rows.push(`${file.path},${owner.patientId},${owner.finding},${owner.scanner.site}`);
    meter.advance();
  }
  await writeOddFiles(seed, root, files[0]);
  const labels = join(root, 'labels.csv');
  await writeNew(labels, `${rows.join('\n')}\n`);
  meter.finish();
  const [a, b] = scanners.map((scanner) => join(root, scanner.site));
  return { folders: { a, b }, labels };
}

function encode(seed: number, file: PlannedFile): Promise<Uint8Array> {
  const image = drawSampleImage(seed, file.origin.patient, file.origin.slice);
  return encodeSampleImage(seed, file.owner, file.instance, image, file.origin, file.transferSyntaxUID);
}

function ownFiles(patient: SamplePatient): PlannedFile[] {
  return patient.slices.map((_, slice) => ({
    path: filePath(patient, slice),
    owner: patient,
    instance: slice,
    origin: { patient, slice },
    transferSyntaxUID: patient.transferSyntaxUID,
  }));
}

/** The two archives name their files each in its own way. */
function filePath({ scanner, patientId, studyDate }: SamplePatient, instance: number): string {
  const number = String(instance + 1).padStart(4, '0');
  return scanner.site === 'hospital-a'
    ? `hospital-a/${patientId}/IM${number}`
    : `hospital-b/${studyDate}/${patientId}/CT.${number}.dcm`;
}

/** Images that are filed twice: within the first hospital, and from the first in the second. */
function copies([a, b]: SamplePatient[][]): PlannedFile[] {
  const twins: [from: SamplePatient, to: SamplePatient | undefined][] = [
    [a[0], a.find((other) => other.number > 0 && other.finding === a[0].finding)],
    [a[a.length - 1], b.find((other) => other.finding === a[a.length - 1].finding)],
  ];
  return twins.flatMap(([patient, owner]) => {
    if (!owner) return [];
    const instance = owner.slices.length;
    const transferSyntaxUID = patient.transferSyntaxUID === rleLossless ? jpegLsLossless : rleLossless;
    return [
      { path: filePath(owner, instance), owner, instance, origin: { patient, slice: 1 }, transferSyntaxUID },
    ];
  });
}

/** What an import has to refuse without stopping. */
async function writeOddFiles(seed: number, root: string, file: PlannedFile): Promise<void> {
  const whole = await encode(seed, { ...file, transferSyntaxUID: explicitLittleEndian });
  await writeNew(join(root, 'hospital-a', 'incoming', 'IM0001.part'), whole.subarray(0, whole.length >> 1));
  await writeNew(
    join(root, 'hospital-a', 'README.txt'),
    'Images drawn by Graft from a seed. No patient is shown here, and no scanner.\n',
  );
}

async function writeNew(path: string, content: Uint8Array | string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}
