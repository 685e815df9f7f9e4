import type { ByteFile } from '../byte-file.ts';
import { numberTypes, type NumberType, toFloat32 } from '../number-types.ts';
import type { FileTensor } from '../weight-file.ts';
import { Shards } from './shards.ts';

/** TensorFlow.js's names of number types; null for what are no weights. */
const TYPES: Record<string, NumberType | null> = {
  float32: 'F32',
  int32: 'I32',
  bool: 'BOOL',
  float16: 'F16',
  uint8: 'U8',
  uint16: 'U16',
  string: null,
  complex64: null,
};
const COMPLEX_BYTES = 8;
const MOST_ARRAYS = 200_000;
const MOST_AXES = 8;
const MOST_TEXTS = 1_000_000;

/** How the numbers of an array were made smaller: `q · scale + min` (`quantization.py` of the converter), or halved. */
interface Quantization {
  type: NumberType;
  scale: number;
  min: number;
}

interface Entry {
  name: string;
  shape: number[];
  type: NumberType | null;
  dtype: string;
  quantization: Quantization | null;
}

export interface ManifestArrays {
  arrays: ReadonlyMap<string, FileTensor>;
  /** All files that numbers come from. */
  files: readonly string[];
  close(): void;
}

/**
 * The arrays of a `weightsManifest`: groups of arrays, each group one row of bytes over several files. The bytes that the arrays
 * ask for have to be those that are there, before any is read.
 *
 * @param folder in which the files lie
 * @param model the `model.json`, which speaks for them
 * @throws GraftError `weights-file`
 */
export function openManifest(manifest: unknown, folder: string, model: ByteFile): ManifestArrays {
  if (!Array.isArray(manifest) || manifest.length > MOST_ARRAYS) throw model.wrong('no list of weights');
  const arrays = new Map<string, FileTensor>();
  const groups: Shards[] = [];
  for (const group of manifest as unknown[]) {
    const { paths, weights } = (group ?? {}) as { paths?: unknown; weights?: unknown };
    if (!Array.isArray(paths) || !paths.every((path) => typeof path === 'string') || !Array.isArray(weights))
      throw model.wrong('a group of weights without files or arrays');
    const shards = new Shards(folder, paths, model);
    groups.push(shards);
    addGroup(arrays, weights, shards, model);
  }
  const files = groups.flatMap((group) => group.files);
  if (new Set(files).size < files.length) throw model.wrong('a file of weights in two groups');
  return { arrays, files, close: () => groups.forEach((group) => group.close()) };
}

function addGroup(
  arrays: Map<string, FileTensor>,
  weights: readonly unknown[],
  shards: Shards,
  model: ByteFile,
): void {
  let at = 0;
  for (const weight of weights) {
    const entry = entryOf(weight, model);
    const { name, shape, type, quantization } = entry;
    const begin = at;
    const bytes = bytesOf(entry, shards, begin, model);
    at += bytes;
    if (!Number.isSafeInteger(at) || at > shards.size)
      throw model.wrong(`the array ${name} outside of the ${shards.size} bytes of its files`);
    if (type === null) continue;
    if (arrays.has(name)) throw model.wrong(`two arrays called ${name}`);
    if (arrays.size >= MOST_ARRAYS) throw model.wrong('too many arrays');
    arrays.set(name, {
      name,
      shape,
      read: () => numbersOf(shards.read(begin, bytes), type, quantization),
    });
  }
  // Files of another export would be read as nonsense.
  if (at !== shards.size)
    throw model.wrong(`arrays of ${at} bytes for files of weights of ${shards.size} bytes`);
}

function numbersOf(
  bytes: Uint8Array<ArrayBuffer>,
  type: NumberType,
  quantization: Quantization | null,
): Float32Array {
  if (!quantization) return toFloat32(bytes, type);
  const { type: stored, scale, min } = quantization;
  const numbers = toFloat32(bytes, stored);
  if (stored === 'F16') return numbers;
  const whole = type === 'I32';
  return numbers.map((number) =>
    whole ? Math.round(number * scale + min) : Math.fround(number * scale + min),
  );
}

function entryOf(weight: unknown, model: ByteFile): Entry {
  const { name, shape, dtype, quantization } = (weight ?? {}) as Record<string, unknown>;
  if (typeof name !== 'string' || name === '') throw model.wrong('an array without a name');
  if (typeof dtype !== 'string' || !Object.hasOwn(TYPES, dtype))
    throw model.wrong(`the type ${String(dtype)} for the array ${name}`);
  if (
    !Array.isArray(shape) ||
    shape.length > MOST_AXES ||
    !shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0)
  )
    throw model.wrong(`no sound shape for the array ${name}`);
  return {
    name,
    shape: shape as number[],
    dtype,
    type: TYPES[dtype],
    quantization: quantization === undefined ? null : quantizationOf(quantization, name, model),
  };
}

function quantizationOf(value: unknown, name: string, model: ByteFile): Quantization {
  const { dtype, scale, min } = (value ?? {}) as Record<string, unknown>;
  if (dtype === 'float16') return { type: 'F16', scale: 1, min: 0 };
  const type = dtype === 'uint8' ? 'U8' : dtype === 'uint16' ? 'U16' : null;
  if (type === null || typeof scale !== 'number' || typeof min !== 'number')
    throw model.wrong(`the array ${name} made smaller in an unknown way`);
  return { type, scale, min };
}

/** What an array takes of its group's bytes. */
function bytesOf(
  { name, shape, type, dtype, quantization }: Entry,
  shards: Shards,
  begin: number,
  model: ByteFile,
): number {
  const count = shape.reduce((product, extent) => product * extent, 1);
  if (!Number.isSafeInteger(count)) throw model.wrong(`no sound shape for the array ${name}`);
  if (quantization) return count * numberTypes[quantization.type];
  if (type !== null) return count * numberTypes[type];
  if (dtype === 'complex64') return count * COMPLEX_BYTES;
  return textBytes(count, shards, begin, name, model);
}

/** Texts, each behind its length in four bytes. */
function textBytes(count: number, shards: Shards, begin: number, name: string, model: ByteFile): number {
  if (count > MOST_TEXTS || count * 4 > shards.size - begin)
    throw model.wrong(`the texts ${name} outside of their files`);
  let at = begin;
  for (let text = 0; text < count; text++) at += 4 + Buffer.from(shards.read(at, 4)).readUInt32LE();
  return at - begin;
}
