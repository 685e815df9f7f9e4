import type { NumberType } from '../number-types.ts';
import { numberTypes, toFloat32 } from '../number-types.ts';
import { PickledGlobal } from './unpickle.ts';

/** Numbers that tensors share, kept apart from the pickle. */
export interface TorchStorage {
  key: string;
  /** Null for a storage without a type, whose tensors say theirs. */
  type: NumberType | null;
  bytes: number;
  /** @returns bytes `begin` to `begin + length` of it */
  read(begin: number, length: number): Uint8Array<ArrayBuffer>;
}

/** A view into a storage. */
export interface TorchTensor {
  storage: TorchStorage;
  type: NumberType;
  /** In numbers, not bytes. */
  offset: number;
  shape: readonly number[];
  strides: readonly number[];
}

const STORAGES: Record<string, NumberType> = {
  DoubleStorage: 'F64',
  FloatStorage: 'F32',
  HalfStorage: 'F16',
  BFloat16Storage: 'BF16',
  LongStorage: 'I64',
  IntStorage: 'I32',
  ShortStorage: 'I16',
  CharStorage: 'I8',
  ByteStorage: 'U8',
  BoolStorage: 'BOOL',
};
const TYPES: Record<string, NumberType> = {
  float64: 'F64',
  float32: 'F32',
  float16: 'F16',
  bfloat16: 'BF16',
  int64: 'I64',
  int32: 'I32',
  int16: 'I16',
  int8: 'I8',
  uint8: 'U8',
  bool: 'BOOL',
};

/** The type that a storage class of PyTorch stands for: null without one, undefined when it is not known. */
export function storageType(callable: unknown): NumberType | null | undefined {
  const name = callable instanceof PickledGlobal ? callable.name : String(callable);
  const last = name.slice(name.lastIndexOf('.') + 1);
  return last === 'UntypedStorage' ? null : STORAGES[last];
}

const isStorage = (value: unknown): value is TorchStorage =>
  typeof value === 'object' && value !== null && 'key' in value && 'bytes' in value && 'read' in value;

export const isTensor = (value: unknown): value is TorchTensor =>
  typeof value === 'object' && value !== null && 'storage' in value && 'strides' in value;

const extents = (value: unknown): number[] | null =>
  Array.isArray(value) && value.length <= 8 && value.every((one) => Number.isSafeInteger(one) && one >= 0)
    ? (value as number[])
    : null;

/**
 * What PyTorch's pickles build by name, and Graft with them: tensors, parameters, ordered dicts and sizes. Nothing else
 * is made; undefined says so.
 *
 * @param wrong the error for a tensor that does not lie inside its storage
 */
export function makeOfTorch(
  global: string,
  args: readonly unknown[],
  wrong: (found: string) => Error,
): unknown {
  switch (global) {
    case 'torch._utils._rebuild_tensor':
    case 'torch._utils._rebuild_tensor_v2':
      return tensor(args, undefined, wrong);
    case 'torch._utils._rebuild_tensor_v3':
      return tensor(args, args[6], wrong);
    case 'torch._utils._rebuild_parameter':
    case 'torch._utils._rebuild_parameter_with_state':
    case 'torch.nn.parameter.Parameter':
      return args[0];
    case 'collections.OrderedDict':
    case 'collections.defaultdict':
    case 'builtins.dict':
    case '__builtin__.dict':
      return new Map(pairsOf(args.at(-1)));
    case 'torch.Size':
      return Array.isArray(args[0]) ? args[0] : undefined;
    default:
      return undefined;
  }
}

const pairsOf = (value: unknown): [unknown, unknown][] =>
  Array.isArray(value)
    ? value.filter((pair): pair is [unknown, unknown] => Array.isArray(pair) && pair.length === 2)
    : [];

function tensor(
  [storage, offset, size, stride]: readonly unknown[],
  dtype: unknown,
  wrong: (found: string) => Error,
): TorchTensor {
  if (!isStorage(storage)) throw wrong('a tensor without its storage');
  const type =
    storage.type ?? (dtype instanceof PickledGlobal ? TYPES[dtype.name.slice('torch.'.length)] : undefined);
  if (!type) throw wrong('a tensor of a type that Graft does not read');
  const shape = extents(size);
  const strides = extents(stride);
  if (!shape || !strides || shape.length !== strides.length || !extents([offset]))
    throw wrong('a tensor without a sound shape');
  const count = shape.reduce((product, extent) => product * extent, 1);
  const last = shape.reduce(
    (at, extent, axis) => at + Math.max(0, extent - 1) * strides[axis],
    offset as number,
  );
  const held = Math.floor(storage.bytes / numberTypes[type]);
  // Views that repeat numbers are refused: a small file could ask for any amount of memory with them.
  if (count > 0 && (last >= held || count > held)) throw wrong('a tensor larger than its storage');
  return { storage, type, offset: offset as number, shape, strides };
}

/** The numbers of a tensor, row by row. */
export function readTensor({ storage, type, offset, shape, strides }: TorchTensor): Float32Array {
  const count = shape.reduce((product, extent) => product * extent, 1);
  if (count === 0) return new Float32Array(0);
  const size = numberTypes[type];
  const last = shape.reduce((at, extent, axis) => at + (extent - 1) * strides[axis], 0);
  const numbers = toFloat32(storage.read(offset * size, (last + 1) * size), type);
  if (last === count - 1 && isRowMajor(shape, strides)) return numbers;
  const ordered = new Float32Array(count);
  const index = new Uint32Array(shape.length);
  for (let at = 0, from = 0; at < count; at++) {
    ordered[at] = numbers[from];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return ordered;
}

function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis];
  }
  return true;
}
