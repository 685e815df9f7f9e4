import { GraftError } from '../contract/errors.ts';
import { bytesOf, type Parameters, sizeOf } from '../engine/index.ts';
import { writeFileAtomic } from '../platform/files.ts';
import { encodeHalf } from './float16.ts';
import { ByteFile } from './weights/byte-file.ts';
import { numberTypes, type NumberType, toFloat32 } from './weights/number-types.ts';
import type { FileTensor, WeightFile } from './weights/weight-file.ts';

/** One array of a file. */
export interface StoredTensor {
  shape: number[];
  data: Float32Array;
}

export interface SafetensorsFile {
  tensors: Map<string, StoredTensor>;
  metadata: Record<string, string>;
}

interface Entry {
  name: string;
  dtype: NumberType;
  shape: number[];
  begin: number;
  end: number;
}

/** The format's own limit on its header. */
const HEADER_LIMIT = 100_000_000;

/**
 * Writes weights in the safetensors format (huggingface.co/docs/safetensors), atomically. `F16` halves the file
 * and rounds to 11 bits. Names keep Keras's form and layout, `conv1/kernel` `[height, width, in, out]`.
 */
export function writeSafetensors(
  path: string,
  parameters: Iterable<{ name: string; shape: readonly number[]; data: Float32Array }>,
  options: { dtype?: 'F32' | 'F16'; metadata?: Record<string, string> } = {},
): void {
  const { dtype = 'F32', metadata } = options;
  const header: Record<string, unknown> = metadata ? { __metadata__: metadata } : {};
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const { name, shape, data } of parameters) {
    const half = dtype === 'F16' ? encodeHalf(data) : undefined;
    if (half?.some((bits, at) => (bits & 0x7fff) === 0x7c00 && Number.isFinite(data[at]))) {
      throw new GraftError(
        'weights-overflow',
        `Expected values up to 65,504 for half precision, found larger ones in the weight ${name}. Save the model in F32.`,
      );
    }
    const bytes = half ? new Uint8Array(half.buffer) : bytesOf(data);
    header[name] = { dtype, shape, data_offsets: [at, at + bytes.byteLength] };
    parts.push(bytes);
    at += bytes.byteLength;
  }
  const text = Buffer.from(JSON.stringify(header));
  const padded = Buffer.concat([text, Buffer.alloc((8 - (text.length % 8)) % 8, ' ')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  writeFileAtomic(path, [length, padded, ...parts]);
}

/**
 * Reads a safetensors file as float32, whatever its numbers are. Nothing in the file is trusted: lengths, offsets,
 * overlaps, shapes and types are checked before a byte of data is read.
 *
 * @throws GraftError `weights-missing`, `weights-file`
 */
export function readSafetensors(path: string): SafetensorsFile {
  const file = openSafetensors(path);
  try {
    const tensors = new Map<string, StoredTensor>();
    for (const { name, shape, read } of file.tensors.values())
      tensors.set(name, { shape: [...shape], data: read() });
    return { tensors, metadata: file.metadata as Record<string, string> };
  } finally {
    file.close();
  }
}

/**
 * The same with each array read when it is asked for. Names with slashes are taken for Keras's (`layer/weight`), which
 * Graft writes too, names with dots for PyTorch's.
 *
 * @throws GraftError `weights-missing`, `weights-file`
 */
export function openSafetensors(path: string): WeightFile {
  const file = new ByteFile(path, 'a safetensors file');
  try {
    const wrong = (found: string): GraftError => file.wrong(found);
    const { text, dataStart } = readHeader(file);
    const { entries, metadata } = parseHeader(text, file.size - dataStart, wrong);
    const tensors = new Map<string, FileTensor>();
    for (const { name, dtype, shape, begin, end } of entries)
      tensors.set(name, {
        name,
        shape,
        read: () => toFloat32(file.read(dataStart + begin, end - begin), dtype),
      });
    const family = entries.some(({ name }) => name.includes('/')) ? 'keras' : 'pytorch';
    return { path, format: 'safetensors', family, tensors, metadata, close: () => file.close() };
  } catch (error) {
    file.close();
    throw error;
  }
}

function readHeader(file: ByteFile): { text: string; dataStart: number } {
  if (file.size < 10) throw file.wrong(`only ${file.size} bytes`);
  const length = Buffer.from(file.read(0, 8)).readBigUInt64LE();
  if (length > BigInt(Math.min(HEADER_LIMIT, file.size - 8))) throw file.wrong(`a header of ${length} bytes`);
  const header = file.read(8, Number(length));
  return { text: new TextDecoder().decode(header), dataStart: 8 + header.length };
}

function parseHeader(
  text: string,
  available: number,
  wrong: (found: string) => GraftError,
): { entries: Entry[]; metadata: Record<string, string> } {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    throw wrong('a header that is not JSON');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw wrong('a header that is not an object');
  const entries: Entry[] = [];
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') metadata = stringsOf(value);
    else entries.push(parseEntry(name, value, available, wrong));
  }
  const ordered = entries.toSorted((a, b) => a.begin - b.begin);
  ordered.forEach(({ name, begin }, at) => {
    if (at > 0 && begin < ordered[at - 1].end)
      throw wrong(`the array ${name} overlapping ${ordered[at - 1].name}`);
  });
  return { entries, metadata };
}

function parseEntry(
  name: string,
  value: unknown,
  available: number,
  wrong: (found: string) => GraftError,
): Entry {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>;
  const whole = (list: unknown): list is number[] =>
    Array.isArray(list) && list.every((item) => Number.isSafeInteger(item) && item >= 0);
  if (!isNumberType(dtype)) throw wrong(`the type ${String(dtype)} for the array ${name}`);
  if (!whole(shape) || shape.length > 8) throw wrong(`no sound shape for the array ${name}`);
  if (!whole(offsets) || offsets.length !== 2) throw wrong(`no sound offsets for the array ${name}`);
  const [begin, end] = offsets;
  if (end < begin || end > available)
    throw wrong(`the array ${name} outside the file's ${available} bytes of data`);
  if (sizeOf(shape) * numberTypes[dtype] !== end - begin)
    throw wrong(`${end - begin} bytes for the array ${name} of shape [${shape}]`);
  return { name, dtype, shape, begin, end };
}

function stringsOf(value: unknown): Record<string, string> {
  const pairs = Object.entries((value ?? {}) as object).filter(([, text]) => typeof text === 'string');
  return Object.fromEntries(pairs) as Record<string, string>;
}

const isNumberType = (value: unknown): value is NumberType =>
  typeof value === 'string' && Object.hasOwn(numberTypes, value);

/**
 * Fills weights from a file's arrays, by name. Every weight must be there with its shape; arrays that the network
 * does not use are left alone.
 *
 * @throws GraftError `weights-mismatch`
 */
export function assignTensors(
  parameters: Parameters,
  tensors: ReadonlyMap<string, StoredTensor>,
  names: readonly string[] = parameters.names,
): void {
  for (const name of names) {
    const { shape, data } = parameters.get(name);
    const stored = tensors.get(name);
    if (!stored || stored.shape.join() !== shape.join()) {
      throw new GraftError(
        'weights-mismatch',
        `Expected the weight ${name} of shape [${shape}] in the weights file, found ${stored ? `shape [${stored.shape}]` : 'none of that name'}. Choose the file that belongs to this network.`,
      );
    }
    data.set(stored.data);
  }
}
