import { decodeHalf } from '../float16.ts';

/** How weight files store numbers, with safetensors's names. */
export const numberTypes = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  U16: 2,
  U32: 4,
  U64: 8,
  BOOL: 1,
} as const;
/** The name of a type; its value in `numberTypes` is the size of one number in bytes. */
export type NumberType = keyof typeof numberTypes;

/** Bytes, in little-endian order, as float32; what float32 cannot hold is rounded. */
export function toFloat32(bytes: Uint8Array<ArrayBuffer>, type: NumberType): Float32Array {
  // Typed arrays want their bytes at a multiple of their size.
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  const { buffer, byteOffset } = aligned;
  const count = Math.floor(bytes.byteLength / numberTypes[type]);
  switch (type) {
    case 'F32':
      return new Float32Array(buffer, byteOffset, count);
    case 'F16':
      return decodeHalf(new Uint16Array(buffer, byteOffset, count));
    case 'BF16': {
      // The upper half of a float32.
      const wide = Uint32Array.from(new Uint16Array(buffer, byteOffset, count), (half) => half << 16);
      return new Float32Array(wide.buffer);
    }
    case 'F64':
      return Float32Array.from(new Float64Array(buffer, byteOffset, count));
    case 'I64':
      return Float32Array.from(new BigInt64Array(buffer, byteOffset, count), Number);
    case 'U64':
      return Float32Array.from(new BigUint64Array(buffer, byteOffset, count), Number);
    case 'I32':
      return Float32Array.from(new Int32Array(buffer, byteOffset, count));
    case 'U32':
      return Float32Array.from(new Uint32Array(buffer, byteOffset, count));
    case 'I16':
      return Float32Array.from(new Int16Array(buffer, byteOffset, count));
    case 'U16':
      return Float32Array.from(new Uint16Array(buffer, byteOffset, count));
    case 'I8':
      return Float32Array.from(new Int8Array(buffer, byteOffset, count));
    case 'U8':
    case 'BOOL':
      return Float32Array.from(aligned.subarray(0, count));
  }
}
