import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { explicitLittleEndian, type Elements, writeDicom } from '../../src-main/dicom/index.ts';
import { RandomStream } from '../../src-main/platform/random.ts';

/** Something that a file says of a person, and the words by which it is known again wherever it turns up. */
export interface Canary {
  element: string;
  needles: readonly string[];
  /** Whether it describes how the image was made, so that a project may keep it, though no report may print it. */
  kept: boolean;
}

/** Files that say all that they can of persons, in values that were made to do harm. */
export interface HostileArchive {
  /** The folder to import; the ones above it and below it name patients too. */
  folder: string;
  /** A table of `patient_id,label`. */
  labels: string;
  canaries: readonly Canary[];
  /** Words in names of folders and files, which a project keeps. */
  paths: readonly string[];
}

/** Names of classes are shown: as words, never as markup or as a formula. */
export const HOSTILE_CLASSES = ['=SUM(A1:A9)*cmd()', '<img src=x onerror=alert(1)>'];
/** So are manufacturers. */
export const HOSTILE_MANUFACTURERS = ['@SUM(1+1)*cmd', '</style><script>alert(2)</script>'];

/** What values look like; `@` stands for the word that is looked for. */
const DISGUISES = [
  '<script>alert("@")</script>',
  '=cmd|\' /C calc\'!"@"',
  `@${'x'.repeat(3000)}`,
  '"><img src=x onerror=alert(1)>@',
  '${@}{{constructor}}%s%n',
  '../../../@/..',
  '@, "quoted", --\r\n# heading',
];
/** Names in scripts that need more than a byte a letter. */
const FOREIGN = ['Канарейкина', '山田金糸雀', 'Καναρίνη', 'كناريا', 'Kanárkovič', 'קנריתה', '카나리아'];

/** By keyword or tag: the standard has no other home for what is known of a person. */
const PERSONAL = {
  PatientID: 'PatientID',
  '00101000:LO': 'OtherPatientIDs',
  '00101001:PN': 'OtherPatientNames',
  '00101005:PN': 'PatientBirthName',
  '00101040:LO': 'PatientAddress',
  '00101060:PN': 'PatientMotherBirthName',
  '00102154:SH': 'PatientTelephoneNumbers',
  '00104000:LT': 'PatientComments',
  AccessionNumber: 'AccessionNumber',
  StudyID: 'StudyID',
  StudyDescription: 'StudyDescription',
  ReferringPhysicianName: 'ReferringPhysicianName',
  '00081050:PN': 'PerformingPhysicianName',
  '00081070:PN': 'OperatorsName',
  InstitutionAddress: 'InstitutionAddress',
  ImageComments: 'ImageComments',
  DeviceSerialNumber: 'DeviceSerialNumber',
  '00091010:LO': 'PrivateElement',
} as const;
/** What a project keeps, to choose images by. */
const KEPT = ['InstitutionName', 'StationName', 'SeriesDescription', 'ProtocolName'] as const;

const PATIENTS = 20;
const IMAGES_EACH = 2;

/**
 * Writes images of 32² of two classes, and beside them a file cut short and one that is no image but says who the patient is.
 *
 * @param root made where it is missing
 */
export async function writeHostileArchive(root: string): Promise<HostileArchive> {
  const above = 'qzabovewren';
  const folder = join(root, above, 'archive');
  const canaries: Canary[] = [];
  const paths = [above];
  const rows = ['patient_id,label'];
  for (let patient = 0; patient < PATIENTS; patient++) {
    const label = patient % HOSTILE_CLASSES.length;
    const site = Math.floor(patient / 2) % 2;
    const elements = identity(patient, site, canaries);
    rows.push([elements.PatientID as string, HOSTILE_CLASSES[label]].map(quoted).join(','));
    const word = `qzfolder${patient}finch`;
    paths.push(word);
    for (let image = 0; image < IMAGES_EACH; image++) {
      const uid = `2.25.7${patient}00${image}`;
      canaries.push({ element: 'SOPInstanceUID', needles: [uid], kept: true });
      const bytes = await writeDicom({
        transferSyntaxUID: explicitLittleEndian,
        elements: { ...elements, SOPInstanceUID: uid },
        pixels: {
          rows: 32,
          columns: 32,
          bitsAllocated: 16,
          bitsStored: 12,
          data: spot(patient, image, label),
        },
      });
      const name = `${word}^${FOREIGN[patient % FOREIGN.length]}`;
      write(join(folder, name, `${word} =cmd, ${image}.dcm`), bytes);
      if (patient === 0) write(join(folder, name, `cut-${image}.dcm`), bytes.subarray(0, bytes.length >> 1));
    }
  }
  write(join(folder, 'list.txt'), canaries.flatMap(({ needles }) => needles).join('\n'));
  const labels = join(root, 'labels.csv');
  write(labels, `${rows.join('\n')}\n`);
  return { folder, labels, canaries, paths };
}

/** One patient's elements, each with a word of its own, which is added to the list. */
function identity(patient: number, site: number, canaries: Canary[]): Elements {
  const disguised = (word: string, at: number): string =>
    DISGUISES[(patient + at) % DISGUISES.length].replace('@', () => word);
  const elements: Record<string, string> = {};
  Object.entries(PERSONAL).forEach(([key, element], at) => {
    const word = `qz${element.toLowerCase()}${patient}wren`;
    elements[key] = disguised(word, at);
    canaries.push({ element, needles: [word], kept: false });
  });
  const family = `qzname${patient}wren`;
  const foreign = FOREIGN[patient % FOREIGN.length];
  canaries.push({ element: 'PatientName', needles: [family, foreign], kept: false });
  KEPT.forEach((element, at) => {
    const word = `qz${element.toLowerCase()}${site}wren`;
    elements[element] = DISGUISES[[0, 1, 3, 4][(site + at) % 4]].replace('@', () => word);
    canaries.push({ element, needles: [word], kept: true });
  });
  const born = [1931 + patient, 4, 11 + (patient % 17)];
  const studied = [2013, 7, 11 + (patient % 17)];
  canaries.push({ element: 'PatientBirthDate', needles: dates(born), kept: false });
  canaries.push({ element: 'StudyDate', needles: dates(studied), kept: false });
  const study = `2.25.8${patient}00`;
  canaries.push({ element: 'StudyInstanceUID', needles: [`${study}1`], kept: true });
  return {
    SpecificCharacterSet: 'ISO_IR 192',
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.4',
    Modality: 'MR',
    Manufacturer: HOSTILE_MANUFACTURERS[site],
    ...elements,
    PatientName: `${disguised(family, 0)}^Given=${foreign}^${foreign}`,
    PatientBirthDate: dates(born)[0],
    StudyDate: dates(studied)[0],
    SeriesDate: dates(studied)[0],
    PatientSex: patient % 3 === 0 ? 'F' : 'M',
    PatientAge: '060Y',
    StudyInstanceUID: `${study}1`,
    SeriesInstanceUID: `${study}2`,
  };
}

/** As DICOM, ISO 8601 and people write it. */
function dates([year, month, day]: readonly number[]): string[] {
  const [m, d] = [month, day].map((part) => String(part).padStart(2, '0'));
  return [`${year}${m}${d}`, `${year}-${m}-${d}`, `${d}.${m}.${year}`, `${m}/${d}/${year}`];
}

/** Noise with a bright field above for the one class, below for the other. */
function spot(patient: number, image: number, label: number): number[] {
  const random = new RandomStream(11, patient, image);
  return Array.from({ length: 32 * 32 }, (_, at) => {
    const row = at >> 5;
    return Math.floor(400 * random.uniform()) + ((label === 0 ? row < 12 : row > 20) ? 900 : 0);
  });
}

const quoted = (text: string): string => `"${text.replace(/"/g, '""')}"`;

function write(path: string, bytes: Uint8Array | string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}
