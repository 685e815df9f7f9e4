import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { attributesOf } from '../../src-main/cohort/attributes.ts';
import { prepareFrame } from '../../src-main/cohort/preprocess.ts';
import { preprocessingSpec, type PreprocessingInput } from '../../src-main/contract/dataset.ts';
import {
  decodeFrame,
  explicitLittleEndian,
  implicitLittleEndian,
  readHeader,
  rleLossless,
  type Elements,
  type PixelsToWrite,
} from '../../src-main/dicom/index.ts';
import { colour8, grey12, grey8, pattern, signed16, temporaryFolder, writeFile } from '../dicom/files.ts';

const folder = temporaryFolder();
const examples = fileURLToPath(new URL('../../resources/inference/', import.meta.url));

interface Case {
  name: string;
  pixels: PixelsToWrite;
  elements?: Elements;
  preprocessing: PreprocessingInput;
  transferSyntaxUID?: string;
}

const size = { height: 10, width: 12, channels: 1 } as const;
const windowed: Elements = { WindowCenter: '1000', WindowWidth: '1500' };

const cases: Case[] = [
  { name: 'a window of the file', pixels: grey12, elements: windowed, preprocessing: size },
  { name: 'no window', pixels: grey8, preprocessing: size, transferSyntaxUID: implicitLittleEndian },
  {
    name: 'a window in Hounsfield units, signed values, three channels',
    pixels: signed16,
    elements: { RescaleSlope: '2', RescaleIntercept: '-1024' },
    preprocessing: { ...size, channels: 3, intensity: { kind: 'window', center: -600, width: 1500 } },
  },
  {
    name: 'an inverted picture with padding, stretched',
    pixels: signed16,
    elements: {
      PhotometricInterpretation: 'MONOCHROME1',
      '00280120:SS': [-2000],
      '00280121:SS': [-1500],
    },
    preprocessing: { ...size, resize: 'stretch' },
  },
  {
    name: 'percentiles, cropped, enlarged',
    pixels: grey12,
    preprocessing: { height: 40, width: 30, channels: 1, resize: 'crop', intensity: { kind: 'percentile' } },
  },
  {
    name: 'rows farther apart than columns',
    pixels: grey12,
    elements: { PixelSpacing: ['2', '1'], ...windowed, VOILUTFunction: 'SIGMOID' },
    preprocessing: size,
  },
  {
    name: 'a window of its exact kind',
    pixels: grey12,
    elements: { ...windowed, VOILUTFunction: 'LINEAR_EXACT' },
    preprocessing: { ...size, intensity: { kind: 'voi' } },
  },
  { name: 'colour', pixels: colour8, preprocessing: { ...size, channels: 3 } },
  {
    name: 'colour by planes as grey',
    pixels: { ...colour8, planarConfiguration: 1 },
    preprocessing: size,
  },
  {
    name: 'the middle of several frames, the whole range',
    pixels: pattern({ rows: 9, columns: 8, frames: 4, bitsAllocated: 8 }, (index) => (index * 11) & 255),
    preprocessing: { ...size, intensity: { kind: 'full-range' } },
  },
];

const paths = new Map<string, string>();
beforeAll(async () => {
  for (const { name, pixels, elements, transferSyntaxUID = explicitLittleEndian } of cases)
    paths.set(name, await writeFile(folder, { pixels, elements: elements ?? {}, transferSyntaxUID }));
});

/** What Graft keeps of an image, as it is fed to a network. */
async function graft({ name, pixels, preprocessing }: Case): Promise<number[]> {
  const path = paths.get(name)!;
  const spec = preprocessingSpec.parse(preprocessing);
  const header = await readHeader(path);
  if (header.kind !== 'image') throw new Error(header.message);
  const { RowSpacing, ColumnSpacing } = attributesOf(header.header);
  const aspect = RowSpacing && ColumnSpacing ? RowSpacing / ColumnSpacing : 1;
  const frame = await decodeFrame(path, Math.floor((pixels.frames ?? 1) / 2));
  const stored = frame.samplesPerPixel === 3 && spec.channels === 3 ? 3 : 1;
  const record = prepareFrame(frame, spec, stored, aspect);
  return [...record].flatMap((value) => Array.from({ length: spec.channels / stored }, () => value / 65535));
}

const largestGap = (found: ArrayLike<number>, expected: readonly number[]): number =>
  Math.max(...expected.map((value, at) => Math.abs(value - found[at])));

describe('the preprocessing that goes with an exported model', () => {
  it.each(cases)('is Graft’s, number by number, in JavaScript: $name', async (one) => {
    const { prepareImage } = (await import(`${examples}graft-preprocess.mjs`)) as {
      prepareImage(bytes: Uint8Array, preprocessing: unknown): Float32Array;
    };
    const found = prepareImage(
      readFileSync(paths.get(one.name)!),
      preprocessingSpec.parse(one.preprocessing),
    );
    const expected = await graft(one);
    expect(found).toHaveLength(expected.length);
    expect(new Set(expected).size).toBeGreaterThan(10);
    expect(largestGap(found, expected)).toBeLessThan(1e-7);
  });

  it('refuses in one sentence what it cannot read', async () => {
    const { prepareImage } = (await import(`${examples}graft-preprocess.mjs`)) as {
      prepareImage(bytes: Uint8Array, preprocessing: unknown): Float32Array;
    };
    const packed = await writeFile(folder, { pixels: grey12, transferSyntaxUID: rleLossless });
    expect(() => prepareImage(readFileSync(packed), preprocessingSpec.parse(size))).toThrow(
      /Expected pixels without compression, found transfer syntax 1\.2\.840/,
    );
  });

  it('is Graft’s in Python, to one 65535th', async (context) => {
    const python = process.env.GRAFT_PYTHON ?? 'python3';
    if (spawnSync(python, ['-c', 'import pydicom, numpy']).status !== 0) {
      process.stderr.write(
        'The preprocessing in Python was not run: no Python with pydicom and numpy (name one with GRAFT_PYTHON).\n',
      );
      context.skip();
    }
    const asked = cases.map((one) => [paths.get(one.name), preprocessingSpec.parse(one.preprocessing)]);
    writeFileSync(join(folder, 'asked.json'), JSON.stringify(asked));
    const code =
      'import json, sys; sys.path.insert(0, sys.argv[1]); from graft_preprocess import prepare_image; ' +
      'print(json.dumps([prepare_image(p, s).ravel().tolist() for p, s in json.load(open(sys.argv[2]))]))';
    const { stdout, stderr } = spawnSync(python, ['-B', '-c', code, examples, join(folder, 'asked.json')], {
      encoding: 'utf8',
    });
    expect(stderr).not.toContain('Traceback');
    const found = JSON.parse(stdout) as number[][];
    for (const [at, one] of cases.entries())
      expect(largestGap(found[at], await graft(one)), one.name).toBeLessThan(1.6 / 65535);
  });

  it('is Graft’s in Python of lossy JPEG too: grey bit by bit, colours to one step of 255', async (context) => {
    const python = process.env.GRAFT_PYTHON ?? 'python3';
    if (spawnSync(python, ['-c', 'import pydicom, numpy, PIL']).status !== 0) {
      process.stderr.write(
        'Lossy JPEG in Python was not read: no Python with pydicom and Pillow (GRAFT_PYTHON).\n',
      );
      context.skip();
    }
    const lossy = [
      { name: 'lossy grey', channels: 1, tolerance: 1.6 / 65535 },
      { name: 'lossy colour', channels: 3, tolerance: 1.01 / 255 },
    ] as const;
    const asked = lossy.map(({ name, channels }) => [
      join(folder, `${name}.dcm`),
      preprocessingSpec.parse({ height: 40, width: 48, channels, intensity: { kind: 'full-range' } }),
    ]);
    writeFileSync(join(folder, 'lossy.json'), JSON.stringify(asked));
    const { stdout, stderr } = spawnSync(python, ['-B', '-c', LOSSY, examples, join(folder, 'lossy.json')], {
      encoding: 'utf8',
    });
    expect(stderr).not.toContain('Traceback');
    const found = JSON.parse(stdout) as number[][];
    for (const [at, { name, channels, tolerance }] of lossy.entries()) {
      const [path, preprocessing] = asked[at] as [string, PreprocessingInput];
      paths.set(name, path);
      const expected = await graft({ name, pixels: channels === 3 ? colour8 : grey8, preprocessing });
      expect(new Set(expected).size).toBeGreaterThan(100);
      expect(largestGap(found[at], expected), name).toBeLessThan(tolerance);
    }
  });
});

/** Writes noise as JPEG in DICOM, with chroma at half the resolution, and prints what is fed to a network. */
const LOSSY = `
import io, json, sys
import numpy as np, pydicom
from PIL import Image
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
sys.path.insert(0, sys.argv[1])
from graft_preprocess import prepare_image
y, x = np.mgrid[0:40, 0:48]
noise = np.random.default_rng(1).normal(0, 12, (40, 48))
grey = (127 + 80 * np.sin(x / 7) + 40 * np.cos(y / 5) + noise).clip(0, 255).astype("uint8")
given = []
for path, preprocessing in json.load(open(sys.argv[2])):
    colour = preprocessing["channels"] == 3
    file = io.BytesIO()
    picture = np.stack([grey, np.roll(grey, 9, 0), np.roll(grey, 17, 1)], -1) if colour else grey
    Image.fromarray(picture).save(file, "JPEG", quality=85, subsampling=2)
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = pydicom.uid.JPEGBaseline8Bit
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    meta.MediaStorageSOPInstanceUID = "2.25.17"
    ds = FileDataset(path, {}, file_meta=meta, preamble=bytes(128))
    ds.SOPClassUID, ds.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.Modality, ds.PatientID = "2.25.18", "2.25.19", "OT", "1"
    ds.Rows, ds.Columns, ds.SamplesPerPixel = 40, 48, 3 if colour else 1
    ds.PhotometricInterpretation = "YBR_FULL_422" if colour else "MONOCHROME2"
    ds.BitsAllocated = ds.BitsStored = 8
    ds.HighBit, ds.PixelRepresentation = 7, 0
    if colour:
        ds.PlanarConfiguration = 0
    ds.PixelData = encapsulate([file.getvalue()])
    ds["PixelData"].VR = "OB"
    ds.save_as(path, enforce_file_format=True)
    given.append(prepare_image(path, preprocessing).ravel().tolist())
print(json.dumps(given))
`;
