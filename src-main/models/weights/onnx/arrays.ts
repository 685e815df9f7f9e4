import { dirname } from 'node:path';
import type { ByteFile } from '../byte-file.ts';
import { type NumberType, numberTypes, toFloat32 } from '../number-types.ts';
import { Shards } from '../tfjs/shards.ts';
import { floatsOf, type OnnxTensor } from './messages.ts';
import { integersOf } from './protobuf.ts';

/** ONNX's types of numbers (TensorProto.DataType) that Graft reads. */
const TYPES: Record<number, NumberType> = {
  1: 'F32',
  2: 'U8',
  3: 'I8',
  4: 'U16',
  5: 'I16',
  6: 'I32',
  7: 'I64',
  9: 'BOOL',
  10: 'F16',
  11: 'F64',
  12: 'U32',
  13: 'U64',
  16: 'BF16',
};
const WHOLE: ReadonlySet<NumberType> = new Set([
  'U8',
  'I8',
  'U16',
  'I16',
  'I32',
  'I64',
  'BOOL',
  'U32',
  'U64',
]);

/** An array of numbers as Graft computes with them, in row-major order. */
export interface NumberArray {
  shape: readonly number[];
  /** Whether they are whole numbers, as shapes and indices are. */
  whole: boolean;
  read(): Float32Array | number[];
}

/** Reads the arrays of one ONNX file, and of the file of numbers beside it where it has one. */
export class OnnxArrays {
  readonly #file: ByteFile;
  readonly #beside = new Map<string, Shards>();

  constructor(file: ByteFile) {
    this.#file = file;
  }

  /** Files beside the ONNX file that were looked into. */
  get parts(): string[] {
    return [...this.#beside.values()].flatMap(({ files }) => files);
  }

  /** @throws GraftError `weights-file` for an array that says of itself what is not so */
  open(tensor: OnnxTensor): NumberArray {
    const { shape } = tensor;
    const type = TYPES[tensor.type];
    if (!type)
      throw this.#file.wrong(
        `numbers of a type that Graft does not read (${tensor.type}) in ${shown(tensor)}`,
      );
    const count = shape.reduce((product, extent) => product * extent, 1);
    const whole = WHOLE.has(type);
    const read = tensor.external
      ? this.#fromBeside(tensor, type, count)
      : tensor.raw
        ? this.#fromRaw(tensor, tensor.raw, type, count)
        : this.#fromTyped(tensor, type, count);
    return { shape, whole, read };
  }

  #fromRaw(
    tensor: OnnxTensor,
    raw: Uint8Array<ArrayBuffer>,
    type: NumberType,
    count: number,
  ): NumberArray['read'] {
    if (raw.length !== count * numberTypes[type]) throw this.#mismatch(tensor);
    return () => decoded(raw, type);
  }

  #fromBeside(tensor: OnnxTensor, type: NumberType, count: number): NumberArray['read'] {
    const { location = '', offset = '0', length } = tensor.external!;
    const from = Number(offset);
    const bytes = count * numberTypes[type];
    if (!Number.isSafeInteger(from) || from < 0 || (length !== undefined && Number(length) !== bytes))
      throw this.#mismatch(tensor);
    let beside = this.#beside.get(location);
    if (!beside) {
      // One name is the habit; thousands would be somebody's ill will.
      if (this.#beside.size >= 64) throw this.#file.wrong('too many files of weights named');
      beside = new Shards(dirname(this.#file.path), [location], this.#file);
      this.#beside.set(location, beside);
    }
    const file = beside;
    if (from + bytes > file.size)
      throw this.#file.wrong(`the end of ${location} before that of ${shown(tensor)}`);
    return () => decoded(file.read(from, bytes), type);
  }

  #fromTyped(tensor: OnnxTensor, type: NumberType, count: number): NumberArray['read'] {
    const wrong = (): Error => this.#mismatch(tensor);
    const size = tensor.typed.reduce((sum, { wire, bytes }) => sum + (wire === 2 ? bytes.length : 1), 0);
    // A number takes a byte at the least.
    if (count > size) throw wrong();
    const values = tensor.typed.flatMap((field): number[] => {
      if (field.number === 4) return floatsOf(field, wrong);
      if (field.number !== 10) return integersOf(field, wrong);
      if (field.bytes.length % 8 !== 0) throw wrong();
      const view = new DataView(field.bytes.buffer, field.bytes.byteOffset, field.bytes.byteLength);
      return Array.from({ length: field.bytes.length / 8 }, (_, at) => view.getFloat64(at * 8, true));
    });
    if (values.length !== count) throw wrong();
    // Half-precision numbers are written as the whole numbers of their bits.
    if (type === 'F16' || type === 'BF16')
      return () => toFloat32(new Uint8Array(Uint16Array.from(values).buffer), type);
    return () => (WHOLE.has(type) ? values : Float32Array.from(values));
  }

  #mismatch(tensor: OnnxTensor): Error {
    return this.#file.wrong(`other numbers than [${tensor.shape.join(', ')}] in ${shown(tensor)}`);
  }

  close(): void {
    for (const beside of this.#beside.values()) beside.close();
  }
}

/** Whole numbers of 64 bits keep what float32 would lose: they are sizes and places. */
function decoded(bytes: Uint8Array<ArrayBuffer>, type: NumberType): Float32Array | number[] {
  const own = bytes.slice();
  if (type === 'I64') return Array.from(new BigInt64Array(own.buffer), Number);
  if (type === 'I32') return [...new Int32Array(own.buffer)];
  return toFloat32(own, type);
}

const shown = ({ name }: OnnxTensor): string => (name === '' ? 'an array' : name.slice(0, 80));
