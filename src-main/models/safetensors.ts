import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { GraftError } from '../contract/errors.ts';
import { bytesOf, type Parameters, sizeOf } from '../engine/index.ts';
import { writeFileAtomic } from '../platform/files.ts';
import { decodeHalf, encodeHalf } from './float16.ts';

/** One array of a file. */
export interface StoredTensor {
  shape: number[];
  data: Float32Array;
}

export interface SafetensorsFile {
  tensors: Map<string, StoredTensor>;
  metadata: Record<string, string>;
}

const BYTES = { F32: 4, F16: 2 } as const;
type StoredType = keyof typeof BYTES;

interface Entry {
  name: string;
  dtype: StoredType;
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
  options: { dtype?: StoredType; metadata?: Record<string, string> } = {},
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
 * Reads a safetensors file of F32 or F16 arrays, as float32. Nothing in the file is trusted: lengths, offsets,
 * overlaps, shapes and types are checked before a byte of data is read.
 *
 * @throws GraftError `weights-file`
 */
export function readSafetensors(path: string): SafetensorsFile {
  const wrong = (found: string): GraftError =>
    new GraftError(
      'weights-file',
      `Expected a safetensors file of F32 or F16 arrays, found ${found} in ${path}. Copy or download the file again.`,
    );
  const file = openFile(path);
  try {
    const { size } = fstatSync(file);
    const { text, dataStart } = readHeader(file, size, wrong);
    const { entries, metadata } = parseHeader(text, size - dataStart, wrong);
    const tensors = new Map<string, StoredTensor>();
    for (const { name, dtype, shape, begin, end } of entries) {
      const bytes = new Uint8Array(end - begin);
      readFully(file, bytes, dataStart + begin);
      const data =
        dtype === 'F32' ? new Float32Array(bytes.buffer) : decodeHalf(new Uint16Array(bytes.buffer));
      tensors.set(name, { shape, data });
    }
    return { tensors, metadata };
  } finally {
    closeSync(file);
  }
}

function openFile(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    throw new GraftError(
      'weights-missing',
      `Expected a weights file at ${path}, found none that can be read. Put it there, or choose another model.`,
      { cause },
    );
  }
}

function readHeader(
  file: number,
  size: number,
  wrong: (found: string) => GraftError,
): { text: string; dataStart: number } {
  if (size < 10) throw wrong(`only ${size} bytes`);
  const prefix = new Uint8Array(8);
  readFully(file, prefix, 0);
  const length = Buffer.from(prefix.buffer).readBigUInt64LE();
  if (length > BigInt(Math.min(HEADER_LIMIT, size - 8))) throw wrong(`a header of ${length} bytes`);
  const header = new Uint8Array(Number(length));
  readFully(file, header, 8);
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
  if (dtype !== 'F32' && dtype !== 'F16') throw wrong(`the type ${String(dtype)} for the array ${name}`);
  if (!whole(shape) || shape.length > 8) throw wrong(`no sound shape for the array ${name}`);
  if (!whole(offsets) || offsets.length !== 2) throw wrong(`no sound offsets for the array ${name}`);
  const [begin, end] = offsets;
  if (end < begin || end > available)
    throw wrong(`the array ${name} outside the file's ${available} bytes of data`);
  if (sizeOf(shape) * BYTES[dtype] !== end - begin)
    throw wrong(`${end - begin} bytes for the array ${name} of shape [${shape}]`);
  return { name, dtype, shape, begin, end };
}

function stringsOf(value: unknown): Record<string, string> {
  const pairs = Object.entries((value ?? {}) as object).filter(([, text]) => typeof text === 'string');
  return Object.fromEntries(pairs) as Record<string, string>;
}

function readFully(file: number, into: Uint8Array, position: number): void {
  for (let at = 0; at < into.length;) {
    const read = readSync(file, into, at, into.length - at, position + at);
    if (read === 0)
      throw new GraftError('weights-file', 'Expected more data in the weights file, found its end.');
    at += read;
  }
}

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
