import type { ValueRepresentation } from './dictionary.ts';
import { representationOf, tagOf, type Keyword } from './dictionary.ts';
import { decodeText, trimText } from './text.ts';

/** Where the value of an element lies; `length` is −1 for encapsulated pixel data, which ends at a delimiter. */
export interface Element {
  tag: number;
  vr: ValueRepresentation;
  offset: number;
  length: number;
  /** How a sequence's items are encoded; a sequence hidden in UN is implicit little endian (PS3.5 6.2.2). */
  encoding: DataSetEncoding;
}

export interface DataSetEncoding {
  explicit: boolean;
  bigEndian: boolean;
}

/** What made the parser stop: the tag it was to stop at, the end of the bytes, or an element that they cut. */
export type ParseEnd = 'stopped' | 'ended' | 'short';

export const pixelDataTag = tagOf('PixelData');
const numeric = new Map<string, number>([
  ['US', 2],
  ['SS', 2],
  ['UL', 4],
  ['SL', 4],
  ['FL', 4],
  ['FD', 8],
  ['OW', 2],
  ['UV', 8],
  ['SV', 8],
  ['OV', 8],
  ['OL', 4],
]);

/** Elements of one data set by tag, over bytes that are read when a value is asked for. */
export class DataSet {
  readonly bytes: Buffer;
  readonly encoding: DataSetEncoding;
  readonly elements = new Map<number, Element>();
  end: ParseEnd = 'ended';
  /** Where the parser stopped. */
  endOffset = 0;
  #inheritedCharacterSet: string | null;

  constructor(bytes: Buffer, encoding: DataSetEncoding, characterSet: string | null = null) {
    this.bytes = bytes;
    this.encoding = encoding;
    this.#inheritedCharacterSet = characterSet;
  }

  has(keyword: Keyword): boolean {
    return this.elements.has(tagOf(keyword));
  }

  element(keyword: Keyword): Element | undefined {
    return this.elements.get(tagOf(keyword));
  }

  /** The value's bytes, none when absent. */
  raw(keyword: Keyword): Buffer {
    const element = this.element(keyword);
    return element ? this.bytes.subarray(element.offset, element.offset + element.length) : Buffer.alloc(0);
  }

  get characterSet(): string | null {
    const element = this.elements.get(0x00080005);
    if (!element) return this.#inheritedCharacterSet;
    return trimText(this.bytes.toString('latin1', element.offset, element.offset + element.length)) || null;
  }

  /** All of a text value, decoded and trimmed; null when absent or empty. */
  text(keyword: Keyword): string | null {
    const element = this.element(keyword);
    if (!element || element.length <= 0) return null;
    const { offset, length, vr } = element;
    const text =
      vr === 'UI' || vr === 'CS' || vr === 'DS' || vr === 'IS' || vr === 'DA'
        ? this.bytes.toString('latin1', offset, offset + length)
        : decodeText(this.bytes.subarray(offset, offset + length), vr, this.characterSet);
    return trimText(text) || null;
  }

  texts(keyword: Keyword): string[] {
    return this.text(keyword)?.split('\\').map(trimText) ?? [];
  }

  /** All numbers of a value, whether it is binary or text; what is no number is left out. */
  numbers(keyword: Keyword): number[] {
    const element = this.element(keyword);
    if (!element || element.length <= 0) return [];
    const known = tagVr(element);
    const size = numeric.get(known);
    if (size === undefined) return this.texts(keyword).map(Number).filter(Number.isFinite);
    return Array.from({ length: Math.floor(element.length / size) }, (_, index) =>
      readNumber(this.bytes, element.offset + index * size, known, element.encoding.bigEndian),
    );
  }

  number(keyword: Keyword): number | null {
    return this.numbers(keyword)[0] ?? null;
  }

  /** Items of a sequence; none when absent. */
  items(keyword: Keyword): DataSet[] {
    const element = this.element(keyword);
    return element ? parseItems(this.bytes, element, this.characterSet) : [];
  }
}

/** UN hides what the dictionary knows better. */
function tagVr(element: Element): ValueRepresentation {
  return element.vr === 'UN' || element.vr === 'OB' ? representationOf(element.tag) : element.vr;
}

function readNumber(bytes: Buffer, at: number, vr: ValueRepresentation, big: boolean): number {
  switch (vr) {
    case 'SS':
      return big ? bytes.readInt16BE(at) : bytes.readInt16LE(at);
    case 'SL':
      return big ? bytes.readInt32BE(at) : bytes.readInt32LE(at);
    case 'UL':
    case 'OL':
      return big ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at);
    case 'FL':
      return big ? bytes.readFloatBE(at) : bytes.readFloatLE(at);
    case 'FD':
      return big ? bytes.readDoubleBE(at) : bytes.readDoubleLE(at);
    case 'UV':
    case 'SV':
    case 'OV':
      return Number(big ? bytes.readBigUInt64BE(at) : bytes.readBigUInt64LE(at));
    default:
      return big ? bytes.readUInt16BE(at) : bytes.readUInt16LE(at);
  }
}

/** Two capital letters. */
export function isRepresentation(first: number, second: number): boolean {
  return first >= 65 && first <= 90 && second >= 65 && second <= 90;
}

const longForm = new Set('OB OD OF OL OV OW SQ SV UC UN UR UT UV'.split(' '));
const shortForm = new Set('AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US'.split(' '));
/** Representations by their two letters as one number, so that parsing makes no strings. */
const byLetters = new Map<number, { vr: ValueRepresentation; long: boolean }>(
  [...longForm, ...shortForm].map((vr) => [
    (vr.charCodeAt(0) << 8) | vr.charCodeAt(1),
    { vr: vr as ValueRepresentation, long: longForm.has(vr) },
  ]),
);

const undefinedLength = 0xffffffff;
const itemTag = 0xfffee000;
const itemEndTag = 0xfffee00d;
const sequenceEndTag = 0xfffee0dd;

/**
 * Parses the elements in `[start, limit)` up to the first tag ≥ `until`. Never throws on what the bytes say and never
 * recurses: a sequence is skipped over, and its items are parsed when they are asked for. Bytes that end inside an
 * element leave the elements before it, with `end` 'short'.
 */
export function parseDataSet(
  bytes: Buffer,
  start: number,
  limit: number,
  encoding: DataSetEncoding,
  until = 0x100000000,
  characterSet: string | null = null,
): DataSet {
  const set = new DataSet(bytes, encoding, characterSet);
  const cursor = new Cursor(bytes, start, limit);
  while (cursor.at < limit) {
    const begin = cursor.at;
    if (!cursor.readHeader(encoding)) return finish(set, 'short', begin);
    const { tag, vr, length } = cursor;
    if (tag >= until) return finish(set, 'stopped', begin);
    if (tag === itemEndTag || tag === sequenceEndTag) continue;
    const offset = cursor.at;
    if (length === undefinedLength && tag === pixelDataTag) {
      set.elements.set(tag, { tag, vr, offset, length: -1, encoding });
      return finish(set, 'stopped', offset);
    }
    if (length === undefinedLength) {
      const inner = vr === 'UN' && encoding.explicit ? { explicit: false, bigEndian: false } : encoding;
      if (!cursor.skipSequence(inner)) return finish(set, 'short', begin);
      set.elements.set(tag, { tag, vr: 'SQ', offset, length: cursor.contentEnd - offset, encoding: inner });
      continue;
    }
    if (offset + length > limit) {
      // Pixel data may lie beyond what was read: its place is all that is needed of it.
      if (isPixelTag(tag)) set.elements.set(tag, { tag, vr, offset, length, encoding });
      return finish(set, isPixelTag(tag) ? 'stopped' : 'short', begin);
    }
    set.elements.set(tag, { tag, vr, offset, length, encoding });
    cursor.at = offset + length;
  }
  return finish(set, 'ended', cursor.at);
}

function isPixelTag(tag: number): boolean {
  return tag === pixelDataTag || tag === 0x7fe00008 || tag === 0x7fe00009;
}

function finish(set: DataSet, end: ParseEnd, offset: number): DataSet {
  set.end = end;
  set.endOffset = offset;
  return set;
}

function parseItems(bytes: Buffer, element: Element, characterSet: string | null): DataSet[] {
  const hidden = element.vr === 'UN' && element.encoding.explicit;
  const encoding = hidden ? { explicit: false, bigEndian: false } : element.encoding;
  const items: DataSet[] = [];
  const limit = Math.min(bytes.length, element.offset + element.length);
  const cursor = new Cursor(bytes, element.offset, limit);
  while (cursor.at < limit && cursor.readHeader({ ...encoding, explicit: false })) {
    if (cursor.tag !== itemTag) break;
    const start = cursor.at;
    let end = start + cursor.length;
    if (cursor.length === undefinedLength) {
      if (!cursor.skipItem(encoding)) break;
      end = cursor.contentEnd;
    } else cursor.at = Math.min(limit, end);
    items.push(parseDataSet(bytes, start, Math.min(limit, end), encoding, undefined, characterSet));
  }
  return items;
}

/** Reads element headers one after another; the fields hold the last one read. */
class Cursor {
  readonly #bytes: Buffer;
  readonly #limit: number;
  at: number;
  tag = 0;
  vr: ValueRepresentation = 'UN';
  length = 0;
  /** Where the content of the sequence or item last skipped ended, before its delimiter. */
  contentEnd = 0;

  constructor(bytes: Buffer, start: number, limit: number) {
    this.#bytes = bytes;
    this.#limit = Math.min(limit, bytes.length);
    this.at = start;
  }

  /** False when the bytes end inside the header; leaves `at` on the value. */
  readHeader(encoding: DataSetEncoding): boolean {
    const b = this.#bytes;
    const at = this.at;
    if (at + 8 > this.#limit) return false;
    const big = encoding.bigEndian;
    this.tag = big
      ? ((b[at] << 24) | (b[at + 1] << 16) | (b[at + 2] << 8) | b[at + 3]) >>> 0
      : ((b[at + 1] << 24) | (b[at] << 16) | (b[at + 3] << 8) | b[at + 2]) >>> 0;
    // Items have no representation; some writers leave it out elsewhere too, and then the header is an implicit one.
    if (!encoding.explicit || this.tag >>> 16 === 0xfffe || !isRepresentation(b[at + 4], b[at + 5])) {
      this.vr = representationOf(this.tag);
      this.length = readUint32(b, at + 4, big);
      this.at = at + 8;
      return true;
    }
    const known = byLetters.get((b[at + 4] << 8) | b[at + 5]);
    // A representation of a later standard has the long form (PS3.5 7.1.2).
    const long = known ? known.long : b[at + 6] === 0 && b[at + 7] === 0;
    this.vr = known?.vr ?? 'UN';
    if (!long) {
      this.length = big ? (b[at + 6] << 8) | b[at + 7] : (b[at + 7] << 8) | b[at + 6];
      this.at = at + 8;
      return true;
    }
    if (at + 12 > this.#limit) return false;
    this.length = readUint32(b, at + 8, big);
    this.at = at + 12;
    return true;
  }

  skipSequence(encoding: DataSetEncoding): boolean {
    return this.#skip(encoding, false);
  }

  skipItem(encoding: DataSetEncoding): boolean {
    return this.#skip(encoding, true);
  }

  /** Runs to the delimiter that closes what is open here, with a stack of its own in place of recursion. */
  #skip(encoding: DataSetEncoding, inItem: boolean): boolean {
    const open: { item: boolean; encoding: DataSetEncoding }[] = [{ item: inItem, encoding }];
    while (open.length > 0) {
      const here = open[open.length - 1];
      const begin = this.at;
      if (!this.readHeader(here.encoding)) return false;
      const isEnd = here.item ? this.tag === itemEndTag : this.tag === sequenceEndTag;
      if (isEnd) {
        this.contentEnd = begin;
        open.pop();
      } else if (this.length !== undefinedLength) {
        this.at += this.length;
        if (this.at > this.#limit) return false;
      } else if (here.item) {
        const hidden = this.vr === 'UN' && here.encoding.explicit;
        open.push({ item: false, encoding: hidden ? { explicit: false, bigEndian: false } : here.encoding });
      } else open.push({ item: true, encoding: here.encoding });
    }
    return true;
  }
}

function readUint32(b: Buffer, at: number, big: boolean): number {
  return big
    ? ((b[at] << 24) | (b[at + 1] << 16) | (b[at + 2] << 8) | b[at + 3]) >>> 0
    : ((b[at + 3] << 24) | (b[at + 2] << 16) | (b[at + 1] << 8) | b[at]) >>> 0;
}
