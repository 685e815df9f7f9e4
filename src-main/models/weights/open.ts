import { readdirSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { GraftError } from '../../contract/errors.ts';
import { openSafetensors } from '../safetensors.ts';
import { ByteFile } from './byte-file.ts';
import { readKerasArchive, readKerasFile } from './keras/read.ts';
import { isOnnx, readOnnxFile } from './onnx/read.ts';
import { readPyTorchFile } from './pytorch/read.ts';
import { readTfjsModel, tfjsFormat } from './tfjs/read.ts';
import type { WeightFile, WeightFormat } from './weight-file.ts';
import { readZip } from './zip.ts';

/** Formats and how they are called before people. */
export const formatNames: Record<WeightFormat, string> = {
  safetensors: 'safetensors',
  pytorch: 'PyTorch (.pth, .pt)',
  'keras-h5': 'Keras (.h5)',
  'keras-v3': 'Keras (.keras)',
  onnx: 'ONNX',
  'tfjs-layers': 'TensorFlow.js layers model',
  'tfjs-graph': 'TensorFlow.js graph model',
};

const HDF5 = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/**
 * What a weights file is, by what is in it: endings are often wrong.
 *
 * @throws GraftError `weights-missing`, `weights-format` with what Graft reads
 */
export async function detectFormat(path: string): Promise<WeightFormat> {
  const file = new ByteFile(path, 'a weights file');
  try {
    const head = file.read(0, Math.min(file.size, 16));
    const begins = (...bytes: number[]): boolean =>
      head.length >= bytes.length && bytes.every((byte, at) => head[at] === byte);
    if (begins(...HDF5)) return 'keras-h5';
    if (begins(0x50, 0x4b, 0x03, 0x04)) {
      const names = [...(await readZip(file)).keys()];
      if (names.some((name) => name === 'data.pkl' || name.endsWith('/data.pkl'))) return 'pytorch';
      if (names.includes('model.weights.h5')) return 'keras-v3';
      throw notWeights(path, 'an archive of something else');
    }
    // PROTO 2, then a whole number of ten bytes: PyTorch before 1.6.
    if (begins(0x80, 0x02, 0x8a, 0x0a)) return 'pytorch';
    if (head.length >= 9 && head[8] === 0x7b && headerFits(head, file.size)) return 'safetensors';
    if (isOnnx(file)) return 'onnx';
    const tfjs = extname(path).toLowerCase() === '.json' || begins(0x7b) ? tfjsFormat(file) : null;
    if (tfjs !== null) return tfjs;
    if (isHdf5(file)) return 'keras-h5';
    if (isShard(path))
      throw notWeights(path, 'a part of the weights of TensorFlow.js', 'model.json beside it');
    throw notWeights(
      path,
      extname(path) === '' ? 'something else' : `something else in a ${extname(path)} file`,
    );
  } finally {
    file.close();
  }
}

/** A block of the user's own may come first, of 512 bytes or a power of two times that. */
function isHdf5(file: ByteFile): boolean {
  for (let at = 512; at + HDF5.length <= file.size; at *= 2)
    if (file.read(at, HDF5.length).every((byte, place) => byte === HDF5[place])) return true;
  return false;
}

/** Called so by the converter of TensorFlow.js and by its own way of saving. */
const isShard = (path: string): boolean =>
  /^(group\d+-shard\d+of\d+(\.bin)?|weights\.bin|.*\.weights\.bin)$/.test(basename(path));

/** The first eight bytes are the length of a header that begins with a brace. */
const headerFits = (head: Uint8Array, size: number): boolean =>
  Buffer.from(head).readBigUInt64LE() <= BigInt(size - 8);

/**
 * Opens a weights file of any kind that Graft reads. Nothing in it is executed.
 *
 * @param path the file, or a folder with one weights file in it
 * @throws GraftError `weights-missing`, `weights-format`, `weights-file`
 */
export async function openWeightFile(path: string): Promise<WeightFile> {
  const chosen = fileIn(path);
  const format = await detectFormat(chosen);
  switch (format) {
    case 'safetensors':
      return openSafetensors(chosen);
    case 'pytorch':
      return readPyTorchFile(chosen);
    case 'keras-h5':
      return readKerasFile(chosen);
    case 'keras-v3':
      return readKerasArchive(chosen);
    case 'tfjs-layers':
    case 'tfjs-graph':
      return readTfjsModel(chosen);
    case 'onnx':
      return readOnnxFile(chosen);
  }
}

const ENDINGS = ['.safetensors', '.pth', '.pt', '.bin', '.h5', '.hdf5', '.keras', '.onnx'];

function fileIn(path: string): string {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path;
  const names = readdirSync(path);
  // The many files of weights that lie beside it are its parts.
  if (names.includes('model.json') && !names.includes('weights.safetensors')) return join(path, 'model.json');
  const found = names.filter((name) => ENDINGS.includes(extname(name).toLowerCase()));
  if (found.length === 1) return join(path, found[0]);
  throw new GraftError(
    'weights-format',
    `Expected one weights file in the folder ${basename(path)}, found ${found.length === 0 ? 'none' : `${found.length} (${found.slice(0, 3).join(', ')}${found.length > 3 ? ' …' : ''})`}. Choose the file itself.`,
  );
}

const notWeights = (path: string, found: string, choose = 'the file that the training wrote'): GraftError =>
  new GraftError(
    'weights-format',
    `Expected weights from PyTorch, Keras, TensorFlow.js, ONNX or safetensors, found ${found}: ${basename(path)}. Choose ${choose}.`,
  );
