import h5wasm, { type Attribute, type Dataset, type File, type Group, type Metadata } from 'h5wasm';
import { basename } from 'node:path';
import { GraftError } from '../../../contract/errors.ts';
import { ByteFile } from '../byte-file.ts';
import { type NumberType, toFloat32 } from '../number-types.ts';
import { soundHeaps } from './hdf5-heaps.ts';
import type { FileTensor } from '../weight-file.ts';

const MOST_OBJECTS = 200_000;
const DEEPEST = 32;
/** What packed arrays may come to beyond the file: weights hardly pack, and nothing honest packs so well. */
const PACKED = { factor: 16, more: 64 * 2 ** 20 };
const LARGEST_ARRAY = 2 ** 30;
/** Of an array's pieces, each of which is unpacked whole. */
const LARGEST_CHUNK = 2 ** 20;
/** Deflate, shuffle and checksum: what Keras and h5py use. */
const KNOWN_FILTERS = new Set([1, 2, 3]);
/** What people's scripts pack with besides, and the HDF5 library does not unpack by itself. */
const FILTER_NAMES: Record<number, string> = {
  4: 'szip',
  307: 'bzip2',
  32000: 'LZF',
  32001: 'Blosc',
  32004: 'LZ4',
  32015: 'Zstandard',
};

/** What Keras writes of a whole model beside its weights: its configuration as JSON, and the version that wrote it. */
export type RootTexts = Partial<Record<'model_config' | 'keras_version', string | undefined>>;

export interface Hdf5Arrays {
  /** By their whole paths, without the first slash. */
  arrays: ReadonlyMap<string, FileTensor>;
  texts: RootTexts;
  close(): void;
}

/**
 * All arrays of numbers in an HDF5 file. Links to other places and other files are not followed; what optimisers keep is
 * passed over.
 *
 * @param path the HDF5 file
 * @param file what the person chose, which speaks for it
 * @throws GraftError `weights-file`
 */
export async function openHdf5(path: string, file: ByteFile): Promise<Hdf5Arrays> {
  const { hdf5, close } = await opened(path, file);
  const arrays = new Map<string, FileTensor>();
  const seen = new Set<string>();
  const room = { plain: file.size, packed: PACKED.more + PACKED.factor * file.size };
  const visit = (group: Group, within: string, depth: number): void => {
    if (depth > DEEPEST) throw file.wrong('folders in folders without end');
    for (const name of group.keys()) {
      const place = within === '' ? name : `${within}/${name}`;
      if (/^optimizer/.test(name) || pointsElsewhere(group, name)) continue;
      const inside = group.get(name);
      if (!(inside instanceof h5wasm.Group) && !(inside instanceof h5wasm.Dataset)) continue;
      // By its address in the file: what has many names is looked at once.
      const address = inside.create_reference().ref_data.join();
      if (seen.has(address)) continue;
      seen.add(address);
      if (seen.size > MOST_OBJECTS) throw file.wrong('too many parts');
      if (inside instanceof h5wasm.Group) visit(inside, place, depth + 1);
      else {
        const tensor = tensorOf(inside, place, file, room);
        if (tensor) arrays.set(place, tensor);
      }
    }
  };
  try {
    visit(hdf5, '', 0);
    return { arrays, texts: rootTexts(hdf5, path, file), close };
  } catch (error) {
    close();
    throw damaged(file, error);
  }
}

/** Attributes of the file itself. Texts lie in heaps, which are looked through before the library reads them. */
function rootTexts(hdf5: File, path: string, file: ByteFile): RootTexts {
  const attributes = hdf5.attrs as Partial<Record<string, Attribute>>;
  const names = (['model_config', 'keras_version'] as const).filter(
    (name) => attributes[name]?.metadata.type === STRING && attributes[name].metadata.total_size === 1,
  );
  if (names.length === 0 || !soundHeaps(path, file)) return {};
  return Object.fromEntries(
    names.flatMap((name) => {
      const text = attributes[name]?.value;
      return typeof text === 'string' ? [[name, text]] : [];
    }),
  );
}

/** A name that only points to another, or into another file: neither is followed. */
function pointsElsewhere(group: Group, name: string): boolean {
  const path = `${group.path}/${name}`;
  const link: unknown = group.get_link(path);
  if (typeof link === 'string') return true;
  const external = group.get_external_link(path) as { filename?: unknown } | null;
  return typeof external?.filename === 'string' && external.filename !== '';
}

/** What Emscripten's file system needs to show one file of the disk, and no other. */
interface ShownFile {
  usedBytes: number;
  stream_ops: Record<string, unknown>;
}

let count = 0;

/**
 * Opens a file in the library's own file system, in which there is nothing but this one: arrays that say they lie in other files
 * find none. It is read by pieces, as the library asks for them.
 */
async function opened(path: string, file: ByteFile): Promise<{ hdf5: File; close: () => void }> {
  const library = await h5wasm.ready;
  // What is wrong is thrown, and not printed.
  library.activate_throwing_error_handler();
  const fs = library.FS as unknown as {
    createFile(parent: string, name: string, properties: object, read: boolean, write: boolean): ShownFile;
    unlink(path: string): void;
  };
  const bytes = path === file.path ? file : new ByteFile(path, 'weights of Keras');
  const name = `weights-${count++}.h5`;
  const shown = fs.createFile('/', name, {}, true, false);
  Object.defineProperty(shown, 'usedBytes', { value: bytes.size });
  shown.stream_ops = {
    ...shown.stream_ops,
    read: (_: unknown, heap: Uint8Array, offset: number, length: number, position: number): number => {
      const there = Math.max(0, Math.min(length, bytes.size - position));
      if (there > 0) heap.set(bytes.read(position, there), offset);
      return there;
    },
  };
  const leave = (): void => {
    fs.unlink(`/${name}`);
    if (bytes !== file) bytes.close();
  };
  try {
    const hdf5 = new h5wasm.File(`/${name}`, 'r');
    if (hdf5.file_id >= 0n) {
      return {
        hdf5,
        close: () => {
          hdf5.close();
          leave();
        },
      };
    }
  } catch (error) {
    leave();
    throw damaged(file, error);
  }
  leave();
  throw file.wrong('a damaged HDF5 file');
}

/** An error of the library's is a damaged file; Graft's own stay. */
const damaged = (file: ByteFile, error: unknown): Error =>
  error instanceof Error && error.name === 'GraftError' ? error : file.wrong('a damaged HDF5 file', error);

/** Bytes that arrays may still come to. */
interface Room {
  plain: number;
  packed: number;
}

function tensorOf(dataset: Dataset, name: string, file: ByteFile, room: Room): FileTensor | null {
  const metadata = dataset.metadata;
  const type = numberType(metadata) ?? (isBfloat16(dataset) ? 'BF16' : undefined);
  // Texts and records are no weights.
  if (!type) return null;
  // h5wasm hands out no half precision; as whole numbers of two bytes it does, and the bits are the same.
  if (type === 'F16') Object.assign(metadata, { type: 0, signed: false });
  const shape = (metadata.shape ?? []).map(Number);
  const count = shape.reduce((product, extent) => product * extent, 1);
  const bytes = count * metadata.size;
  const { filters } = dataset;
  const packed = filters.length > 0;
  const unknown = filters.find(({ id }) => !KNOWN_FILTERS.has(id));
  if (unknown) throw packedOtherwise(file, name, unknown.id);
  const chunk = (metadata.chunks ?? []).reduce((product, extent) => product * Number(extent), metadata.size);
  const sound = shape.length <= 8 && Number.isSafeInteger(bytes) && bytes <= LARGEST_ARRAY;
  room[packed ? 'packed' : 'plain'] -= bytes;
  if (!sound || room.plain < 0 || room.packed < 0 || chunk > Math.max(bytes, LARGEST_CHUNK))
    throw file.wrong(`the array ${name} larger than the file can hold`);
  if (metadata.virtual_sources) throw file.wrong(`the array ${name} kept in other files`);
  return {
    name,
    shape,
    read: () => {
      if (count === 0) return new Float32Array(0);
      try {
        return numbersOf(dataset.value, type, count);
      } catch (error) {
        throw damaged(file, error);
      }
    },
  };
}

function numbersOf(value: unknown, type: NumberType, count: number): Float32Array {
  if (typeof value === 'number' || typeof value === 'bigint') return Float32Array.of(Number(value));
  if (!ArrayBuffer.isView(value)) throw new Error('no numbers');
  const { buffer, byteOffset, byteLength } = value;
  const numbers = toFloat32(new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength), type);
  if (numbers.length !== count) throw new Error('another count of numbers');
  return numbers;
}

const FLOATS: Record<number, NumberType> = { 2: 'F16', 4: 'F32', 8: 'F64' };
const SIGNED: Record<number, NumberType> = { 1: 'I8', 2: 'I16', 4: 'I32', 8: 'I64' };
const UNSIGNED: Record<number, NumberType> = { 1: 'U8', 2: 'U16', 4: 'U32', 8: 'U64' };

const packedOtherwise = (file: ByteFile, name: string, id: number): GraftError =>
  new GraftError(
    'weights-file',
    `Expected arrays that are plain or packed by deflate (gzip), found ${name} packed by ${FILTER_NAMES[id] ?? `the filter ${id}`} in ${basename(file.path)}. Save the weights again without compression.`,
  );

/** H5T_class_t. */
const STRING = 3;
const OPAQUE = 5;

/**
 * Keras 3 keeps bfloat16 as two bytes of which HDF5 knows nothing, with a text beside them that says so. Nothing else has both, and the
 * text is not read: it lies in the file's heap, and a damaged one keeps the library busy without end.
 */
function isBfloat16(dataset: Dataset): boolean {
  const { type, size } = dataset.metadata;
  if (type !== OPAQUE || size !== 2) return false;
  const said = dataset.attrs.dtype as Attribute | undefined;
  return said?.metadata.type === STRING;
}

/** Classes 0 and 1 are whole and floating-point numbers (H5T_class_t), which the library hands out in this machine's order of bytes. */
function numberType({ type, size, signed }: Metadata): NumberType | undefined {
  if (type === 1) return FLOATS[size];
  if (type === 0) return (signed ? SIGNED : UNSIGNED)[size];
  return undefined;
}
