import { GraftError } from '../../contract/errors.ts';
import type { Keyword, ValueRepresentation } from '../dictionary.ts';
import { dictionary } from '../dictionary.ts';

/** A value: text, numbers, raw bytes, or the items of a sequence. Several texts are joined by backslashes. */
export type ElementValue = string | number | readonly (string | number)[] | Uint8Array | readonly Elements[];

/**
 * Elements by keyword, or by tag and representation as `'00091010:LO'` for what the dictionary does not hold, for
 * private elements, and for representations that the standard would not have.
 */
export type Elements = { [K in Keyword | `${string}:${string}`]?: ElementValue };

export interface Encoding {
  explicit: boolean;
  bigEndian: boolean;
  /** Sequences and items end with delimiters in place of lengths; default false. */
  undefinedLengths?: boolean;
  /** Turns text into bytes; default UTF-8. */
  encodeText?: (text: string) => Uint8Array;
}

const longForm = new Set('OB OD OF OL OV OW SQ SV UC UN UR UT UV'.split(' '));
const sizes: Partial<Record<ValueRepresentation, number>> = {
  AT: 4,
  FD: 8,
  FL: 4,
  OD: 8,
  OF: 4,
  OL: 4,
  OV: 8,
  OW: 2,
  SL: 4,
  SS: 2,
  SV: 8,
  UL: 4,
  US: 2,
  UV: 8,
};
const undefinedLength = 0xffffffff;

/** Elements as bytes, in the order of their tags. */
export function encodeElements(elements: Elements, encoding: Encoding): Uint8Array {
  const parts = Object.entries(elements)
    .flatMap(([key, value]) => (value === undefined ? [] : [{ ...parseKey(key), value }]))
    .sort((one, other) => one.tag - other.tag)
    .map(({ tag, vr, value }) => encodeElement(tag, vr, value, encoding));
  return Buffer.concat(parts);
}

function parseKey(key: string): { tag: number; vr: ValueRepresentation } {
  if (key.includes(':')) {
    const [tag, vr] = key.split(':');
    return { tag: Number.parseInt(tag, 16), vr: vr as ValueRepresentation };
  }
  const known = dictionary[key as Keyword];
  if (!known)
    throw new GraftError('unknown-keyword', `${key} is no keyword of the dictionary.`, { kind: 'bug' });
  return { tag: known[0], vr: known[1] };
}

function encodeElement(
  tag: number,
  vr: ValueRepresentation,
  value: ElementValue,
  encoding: Encoding,
): Uint8Array {
  if (vr === 'SQ' && !(value instanceof Uint8Array)) {
    return encodeSequence(tag, value as readonly Elements[], encoding);
  }
  const bytes = padded(valueBytes(vr, value, encoding), vr);
  return Buffer.concat([elementHeader(tag, vr, bytes.length, encoding), bytes]);
}

/** Tag, representation and length of an element, as they stand before its value. */
export function elementHeader(tag: number, vr: string, length: number, encoding: Encoding): Uint8Array {
  const little = !encoding.bigEndian;
  const long = longForm.has(vr);
  const view = new DataView(new ArrayBuffer(encoding.explicit && long ? 12 : 8));
  view.setUint16(0, tag >>> 16, little);
  view.setUint16(2, tag & 0xffff, little);
  if (!encoding.explicit) {
    view.setUint32(4, length, little);
  } else {
    view.setUint8(4, vr.charCodeAt(0));
    view.setUint8(5, vr.charCodeAt(1));
    if (long) view.setUint32(8, length, little);
    else view.setUint16(6, length, little);
  }
  return new Uint8Array(view.buffer);
}

/** The header of an item or a delimiter, which have no representation in any encoding. */
export function itemHeader(tag: number, length: number, encoding: Encoding): Uint8Array {
  return elementHeader(tag, '', length, { ...encoding, explicit: false });
}

function encodeSequence(tag: number, items: readonly Elements[], encoding: Encoding): Uint8Array {
  const open = encoding.undefinedLengths ?? false;
  const content = Buffer.concat(
    items.flatMap((item) => {
      const bytes = encodeElements(item, encoding);
      return open
        ? [itemHeader(0xfffee000, undefinedLength, encoding), bytes, itemHeader(0xfffee00d, 0, encoding)]
        : [itemHeader(0xfffee000, bytes.length, encoding), bytes];
    }),
  );
  return open
    ? Buffer.concat([
        elementHeader(tag, 'SQ', undefinedLength, encoding),
        content,
        itemHeader(0xfffee0dd, 0, encoding),
      ])
    : Buffer.concat([elementHeader(tag, 'SQ', content.length, encoding), content]);
}

function valueBytes(vr: ValueRepresentation, value: ElementValue, encoding: Encoding): Uint8Array {
  const size = sizes[vr];
  if (value instanceof Uint8Array) return swapped(value, size ?? 1, encoding);
  const list = (Array.isArray(value) ? value : [value]) as readonly (string | number)[];
  if (size === undefined || typeof list[0] === 'string') {
    return (encoding.encodeText ?? ((text) => Buffer.from(text, 'utf8')))(list.join('\\'));
  }
  const view = new DataView(new ArrayBuffer(list.length * size));
  list.forEach((item, index) => setNumber(view, index * size, vr, Number(item), !encoding.bigEndian));
  return new Uint8Array(view.buffer);
}

function setNumber(
  view: DataView,
  at: number,
  vr: ValueRepresentation,
  value: number,
  little: boolean,
): void {
  if (vr === 'FD' || vr === 'OD') view.setFloat64(at, value, little);
  else if (vr === 'FL' || vr === 'OF') view.setFloat32(at, value, little);
  else if (vr === 'UV' || vr === 'OV' || vr === 'SV') view.setBigInt64(at, BigInt(value), little);
  else if (vr === 'AT') {
    view.setUint16(at, value >>> 16, little);
    view.setUint16(at + 2, value & 0xffff, little);
  } else if (sizes[vr] === 4) view.setUint32(at, value >>> 0, little);
  else view.setUint16(at, value & 0xffff, little);
}

/** Bytes given little-endian, in the order of the file. */
function swapped(bytes: Uint8Array, size: number, encoding: Encoding): Uint8Array {
  if (!encoding.bigEndian || size === 1) return bytes;
  const copy = Uint8Array.from(bytes);
  for (let at = 0; at + size <= copy.length; at += size) copy.subarray(at, at + size).reverse();
  return copy;
}

/** Every value has an even length: text is filled up with a space, UIDs and bytes with a zero. */
function padded(bytes: Uint8Array, vr: ValueRepresentation): Uint8Array {
  if (bytes.length % 2 === 0) return bytes;
  const filler = vr === 'UI' || sizes[vr] !== undefined || vr === 'OB' || vr === 'UN' ? 0 : 0x20;
  return Buffer.concat([bytes, Uint8Array.of(filler)]);
}
