/** One field of a protobuf message: a number, or bytes that are text, numbers or another message. */
export interface Field {
  number: number;
  /** How it is written: 0 varint, 1 eight bytes, 2 bytes of a length, 5 four bytes. */
  wire: number;
  /** Of wire 0: as int64, rounded where float64 cannot hold it. */
  integer: number;
  /** Of the others. */
  bytes: Uint8Array<ArrayBuffer>;
}

const EMPTY = new Uint8Array(0);

/**
 * The fields of a message in protobuf's wire format, one after the other. Bytes are views of what was given, never copies, so that a message
 * takes no more memory than its file.
 *
 * @param wrong makes the error for what is no such message
 */
export function* fieldsOf(bytes: Uint8Array<ArrayBuffer>, wrong: () => Error): Generator<Field> {
  const reader = new Varints(bytes, wrong);
  const take = (length: number): Uint8Array<ArrayBuffer> => {
    if (length < 0 || reader.at + length > bytes.length) throw wrong();
    return bytes.subarray(reader.at, (reader.at += length));
  };
  while (reader.at < bytes.length) {
    const tag = reader.next();
    const wire = tag % 8;
    const number = Math.floor(tag / 8);
    if (number < 1 || tag < 0) throw wrong();
    if (wire === 0) yield { number, wire, integer: reader.next(), bytes: EMPTY };
    else if (wire === 1) yield { number, wire, integer: 0, bytes: take(8) };
    else if (wire === 2) yield { number, wire, integer: 0, bytes: take(reader.next()) };
    else if (wire === 5) yield { number, wire, integer: 0, bytes: take(4) };
    else throw wrong();
  }
}

/** Whole numbers, seven bits a byte, the lowest first. */
class Varints {
  at = 0;
  readonly #bytes: Uint8Array;
  readonly #wrong: () => Error;

  constructor(bytes: Uint8Array, wrong: () => Error) {
    this.#bytes = bytes;
    this.#wrong = wrong;
  }

  /** As int64. */
  next(): number {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.at >= this.#bytes.length) throw this.#wrong();
      const byte = this.#bytes[this.at++];
      const bits = byte & 127;
      if (shift < 28) low += bits * 2 ** shift;
      else if (shift === 28) {
        low += (bits & 15) * 2 ** 28;
        high += bits >> 4;
      } else if (shift < 63) high += bits * 2 ** (shift - 32);
      else high += (bits & 1) * 2 ** 31;
      if (byte < 128) return (high >= 2 ** 31 ? high - 2 ** 32 : high) * 2 ** 32 + low;
    }
    throw this.#wrong();
  }
}

/** A field that repeats numbers: packed into one, or one at a time. */
export function integersOf({ wire, integer, bytes }: Field, wrong: () => Error): number[] {
  if (wire === 0) return [integer];
  if (wire !== 2) throw wrong();
  const reader = new Varints(bytes, wrong);
  const values: number[] = [];
  while (reader.at < bytes.length) values.push(reader.next());
  return values;
}

const decoder = new TextDecoder();
export const textOf = ({ bytes }: Field): string => decoder.decode(bytes);
