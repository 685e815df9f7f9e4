/**
 * Header indexing: files a second in one process, beside pydicom on the same files in the same run.
 *
 *     node bench/dicom-index.ts [files=4000] [repetitions=5]
 *     GRAFT_BENCH_PYTHON=/path/to/python   a Python with pydicom
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { explicitLittleEndian, HeaderReader, readHeaderSync, writeDicom } from '../src-main/dicom/index.ts';

interface PydicomTimes {
  version: string;
  parse_only: number;
  same_values: number;
  specific_tags: number;
}

const files = Number(process.argv[2] ?? 4000);
const repetitions = Number(process.argv[3] ?? 5);
const python = process.env.GRAFT_BENCH_PYTHON;
const script = fileURLToPath(new URL('./dicom_index_pydicom.py', import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'graft-bench-'));
try {
  const paths = await writeFiles(folder);
  const times: Record<string, number[]> = {};
  const add = (name: string, seconds: number): void => void (times[name] ??= []).push(seconds);
  let version = '';
  const graft = (): void =>
    add(
      'Graft, one process',
      timed(() => paths.forEach(readHeaderSync)),
    );
  const reader = new HeaderReader({ workers: 2 });
  await reader.readHeaders(paths);
  const pool = async (): Promise<void> => {
    const start = performance.now();
    await reader.readHeaders(paths);
    add('Graft, two workers', (performance.now() - start) / 1000);
  };
  const pydicom = (): void => {
    if (!python) return;
    const run = spawnSync(python, [script], { input: paths.join('\n'), encoding: 'utf8' });
    if (run.status !== 0) throw new Error(`pydicom failed: ${run.stderr || run.error?.message}`);
    const seconds = JSON.parse(run.stdout) as PydicomTimes;
    version = seconds.version;
    add('pydicom, stop_before_pixels, parse only', seconds.parse_only);
    add('pydicom, stop_before_pixels, same values', seconds.same_values);
    add('pydicom, specific_tags, same values', seconds.specific_tags);
  };
  // Both orders, so that neither always finds the warmer machine.
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const turns = repetition % 2 === 0 ? [graft, pool, pydicom] : [pydicom, pool, graft];
    for (const turn of turns) await turn();
  }
  await reader.close();
  report(times, version);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function timed(work: () => void): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}

async function writeFiles(root: string): Promise<string[]> {
  const paths: string[] = [];
  for (let index = 0; index < files; index++) {
    const series = join(root, `series${Math.floor(index / 100)}`);
    mkdirSync(series, { recursive: true });
    const path = join(series, `image${index}`);
    writeFileSync(path, await smallFile(index));
    paths.push(path);
  }
  return paths;
}

function smallFile(index: number): Promise<Uint8Array> {
  return writeDicom({
    transferSyntaxUID: explicitLittleEndian,
    elements: {
      SpecificCharacterSet: 'ISO_IR 100',
      ImageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.4',
      SOPInstanceUID: `2.25.1000${index}`,
      StudyDate: '20200102',
      Modality: 'MR',
      Manufacturer: 'Maker',
      InstitutionName: 'Hospital',
      StationName: 'Station 1',
      SeriesDescription: 'T1 axial',
      ManufacturerModelName: 'Model',
      PatientID: `patient${index % 50}`,
      PatientName: 'Name^Given',
      PatientSex: 'F',
      PatientAge: '050Y',
      BodyPartExamined: 'BRAIN',
      SliceThickness: '5',
      MagneticFieldStrength: '1.5',
      ProtocolName: 'Head',
      StudyInstanceUID: `2.25.20${index % 50}`,
      SeriesInstanceUID: `2.25.30${Math.floor(index / 100)}`,
      SeriesNumber: '1',
      InstanceNumber: String(index),
      ImagePositionPatient: ['0', '0', String(index)],
      ImageOrientationPatient: ['1', '0', '0', '0', '1', '0'],
      FrameOfReferenceUID: '2.25.4',
      PixelSpacing: ['0.5', '0.5'],
      WindowCenter: '128',
      WindowWidth: '256',
    },
    pixels: {
      rows: 32,
      columns: 32,
      bitsAllocated: 16,
      bitsStored: 12,
      data: new Uint16Array(1024).fill(index & 4095),
    },
  });
}

function report(times: Record<string, number[]>, version: string): void {
  const middle = (list: number[]): number => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
  const own = middle(times['Graft, one process']);
  console.log(`${files} small files, medians of ${repetitions}${version ? `, pydicom ${version}` : ''}`);
  for (const [name, list] of Object.entries(times)) {
    const median = middle(list);
    const rate = Math.round(files / median).toLocaleString('en');
    console.log(
      `  ${name.padEnd(42)} ${rate.padStart(8)} files/s   Graft is ${(median / own).toFixed(1)}× as fast`,
    );
  }
  if (!python) console.log('  pydicom not timed: set GRAFT_BENCH_PYTHON to a Python that has it.');
}
