import h5wasm, { type Dataset, type File, type Group, type Metadata } from 'h5wasm/node';
import type { ByteFile } from '../byte-file.ts';
import { type NumberType, toFloat32 } from '../number-types.ts';
import type { FileTensor } from '../weight-file.ts';

const MOST_OBJECTS = 200_000;
const DEEPEST = 32;
/** Deflate makes 1 of some 1,000 at best: an array larger than that is not in the file. */
const BEST_COMPRESSION = 1_100;
const LARGEST_ARRAY = 1 << 30;

export interface Hdf5Arrays {
  /** By their whole paths, without the first slash. */
  arrays: ReadonlyMap<string, FileTensor>;
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
  const hdf5 = await opened(path, file);
  const arrays = new Map<string, FileTensor>();
  let seen = 0;
  const visit = (group: Group, path_: string, depth: number): void => {
    if (depth > DEEPEST) throw file.wrong('folders in folders without end');
    for (const name of group.keys()) {
      if (++seen > MOST_OBJECTS) throw file.wrong('too many parts');
      if (/^optimizer/.test(name) || isSoftLink(group, name)) continue;
      const inside = group.get(name);
      const place = path_ === '' ? name : `${path_}/${name}`;
      if (inside instanceof h5wasm.Group) visit(inside, place, depth + 1);
      else if (inside instanceof h5wasm.Dataset) {
        const tensor = tensorOf(inside, place, file);
        if (tensor) arrays.set(place, tensor);
      }
    }
  };
  try {
    visit(hdf5, '', 0);
  } catch (error) {
    hdf5.close();
    throw damaged(file, error);
  }
  return { arrays, close: () => hdf5.close() };
}

/** A name that only points to another. Those to other files are neither groups nor datasets. */
const isSoftLink = (group: Group, name: string): boolean => {
  const target: unknown = group.get_link(`${group.path}/${name}`);
  return typeof target === 'string';
};

async function opened(path: string, file: ByteFile): Promise<File> {
  const library = await h5wasm.ready;
  // What is wrong is thrown, and not printed.
  library.activate_throwing_error_handler();
  try {
    const hdf5 = new h5wasm.File(path, 'r');
    if (hdf5.file_id >= 0n) return hdf5;
  } catch (error) {
    throw damaged(file, error);
  }
  throw file.wrong('a damaged HDF5 file');
}

/** An error of the library's is a damaged file; Graft's own stay. */
const damaged = (file: ByteFile, error: unknown): Error =>
  error instanceof Error && error.name === 'GraftError' ? error : file.wrong('a damaged HDF5 file', error);

function tensorOf(dataset: Dataset, name: string, file: ByteFile): FileTensor | null {
  const metadata = dataset.metadata;
  const type = numberType(metadata);
  // Texts and records are no weights.
  if (!type) return null;
  // h5wasm hands out no half precision; as whole numbers of two bytes it does, and the bits are the same.
  if (type === 'F16') Object.assign(metadata, { type: 0, signed: false });
  const shape = (metadata.shape ?? []).map(Number);
  const count = shape.reduce((product, extent) => product * extent, 1);
  const bytes = count * metadata.size;
  const most = dataset.filters.length > 0 ? file.size * BEST_COMPRESSION : file.size;
  if (shape.length > 8 || !Number.isSafeInteger(bytes) || bytes > Math.min(most, LARGEST_ARRAY))
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

/** Classes 0 and 1 are whole and floating-point numbers (H5T_class_t). */
function numberType({ type, size, signed, littleEndian }: Metadata): NumberType | undefined {
  if (!littleEndian && size > 1) return undefined;
  if (type === 1) return FLOATS[size];
  if (type === 0) return (signed ? SIGNED : UNSIGNED)[size];
  return undefined;
}
