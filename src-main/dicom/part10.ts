import { constants, gunzipSync, inflateRawSync } from 'node:zlib';
import type { ByteSource } from './byte-source.ts';
import { memorySource } from './byte-source.ts';
import type { DataSet, DataSetEncoding } from './data-set.ts';
import { isRepresentation, parseDataSet } from './data-set.ts';
import { refuse } from './refusal.ts';
import type { TransferSyntax } from './transfer-syntaxes.ts';
import {
  explicitBigEndian,
  explicitLittleEndian,
  implicitLittleEndian,
  transferSyntax,
} from './transfer-syntaxes.ts';

/** What the first bytes of a file tell: where its data set starts and how it is encoded. */
export interface FileStart {
  syntax: TransferSyntax;
  /** False where the file does not say and the bytes were asked. */
  syntaxStated: boolean;
  hasPreamble: boolean;
  meta: DataSet | null;
  dataSetOffset: number;
}

const firstRead = 16_384;
const growth = 4;
/** Unpacked headers are small; this is what they may take. */
const unpackedHeaderLimit = 64 * 1024 * 1024;
const explicitLittle: DataSetEncoding = { explicit: true, bigEndian: false };

export interface ParsedFile {
  start: FileStart;
  dataSet: DataSet;
  /** Where the offsets in `dataSet` point to: the file, or what was unpacked from it. */
  source: ByteSource;
}

/**
 * Parses a file up to the first tag ≥ `until`: reads 16 KiB, and four times as much whenever that ends too early. Files
 * in gzip and deflated data sets are unpacked, for a header only as far as it needs.
 *
 * @param unpack how much may be unpacked in all: `header` unpacks no more than the header takes
 */
export function parseFile(file: ByteSource, until: number, unpack: 'header' | number): ParsedFile {
  const head = file.read(0, firstRead);
  if (head.length >= 2 && head[0] === 0x1f && head[1] === 0x8b) {
    return parsePacked(file, 0, gunzipSync, unpack, (source) => parsePlain(source, until, unpack));
  }
  return parsePlain(file, until, unpack, head);
}

function parsePlain(
  source: ByteSource,
  until: number,
  unpack: 'header' | number,
  head = source.read(0, firstRead),
): ParsedFile {
  const start = readStart(head);
  if (!start.syntax.deflated) {
    return { ...growUntilParsed(source, start, start.dataSetOffset, until, head), start };
  }
  return parsePacked(source, start.dataSetOffset, inflateRawSync, unpack, (inflated) => ({
    ...growUntilParsed(inflated, start, 0, until, inflated.read(0, firstRead)),
    start,
  }));
}

function growUntilParsed(
  source: ByteSource,
  start: FileStart,
  offset: number,
  until: number,
  head: Buffer,
): Omit<ParsedFile, 'start'> {
  let bytes = head;
  for (;;) {
    const dataSet = parseDataSet(bytes, offset, bytes.length, encodingAt(bytes, offset, start.syntax), until);
    // 'ended' too: the bytes may end exactly between two elements.
    if (dataSet.end === 'stopped' || bytes.length >= source.size) return { dataSet, source };
    const more = source.read(0, bytes.length * growth);
    if (more.length <= bytes.length) return { dataSet, source };
    bytes = more;
  }
}

/**
 * Unpacks and parses. For a header, pieces of the packed bytes are unpacked until they hold it: deflate gives at most
 * 1,032 bytes for one, so that a piece of 16 KiB cannot fill the memory.
 */
function parsePacked(
  file: ByteSource,
  offset: number,
  inflate: typeof gunzipSync,
  unpack: 'header' | number,
  parse: (source: ByteSource) => ParsedFile,
): ParsedFile {
  const limit = unpack === 'header' ? unpackedHeaderLimit : unpack;
  let packed = unpack === 'header' ? firstRead : file.size;
  for (;;) {
    const whole = offset + packed >= file.size;
    const source = memorySource(unpackBytes(inflate, file.read(offset, packed), limit));
    const parsed = parse(source);
    if (whole || parsed.dataSet.end === 'stopped') return parsed;
    packed *= growth;
  }
}

function unpackBytes(inflate: typeof gunzipSync, packed: Buffer, limit: number): Buffer {
  try {
    // Z_SYNC_FLUSH: bytes that end early give what they hold, as a truncated file does.
    return inflate(packed, { maxOutputLength: limit, finishFlush: constants.Z_SYNC_FLUSH });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw refuse(
        'too-large',
        `The compressed file unpacks to more than the ${Math.round(limit / 1_048_576)} MiB that its image can need; it is damaged or hostile.`,
        error,
      );
    }
    throw refuse('broken', 'The compressed part of the file is damaged and cannot be unpacked.', error);
  }
}

/** Some files say implicit and are explicit, or the other way round: their first element tells. */
function encodingAt(bytes: Buffer, offset: number, syntax: TransferSyntax): DataSetEncoding {
  if (bytes.length < offset + 6) return syntax;
  const looksExplicit = isRepresentation(bytes[offset + 4], bytes[offset + 5]);
  return { explicit: syntax.bigEndian || looksExplicit, bigEndian: syntax.bigEndian };
}

/** Reads preamble and file meta information, either of which may be missing. */
export function readStart(bytes: Buffer): FileStart {
  const hasPreamble = bytes.length >= 132 && bytes.toString('latin1', 128, 132) === 'DICM';
  let at = hasPreamble ? 132 : bytes.toString('latin1', 0, 4) === 'DICM' ? 4 : 0;
  let meta: DataSet | null = null;
  if (bytes.length >= at + 8 && bytes.readUInt16LE(at) === 0x0002) {
    const explicit = isRepresentation(bytes[at + 4], bytes[at + 5]);
    meta = parseDataSet(bytes, at, bytes.length, { ...explicitLittle, explicit }, 0x00030000);
    at = meta.endOffset;
  }
  const stated = meta?.text('TransferSyntaxUID') ?? null;
  let guessed = stated === null ? guessSyntax(bytes, at) : null;
  if (guessed === null && at === 0 && hasStrayByte(bytes)) {
    at = 1;
    guessed = guessSyntax(bytes, at);
  }
  if (stated === null && guessed === null && !hasPreamble && meta === null) {
    throw refuse('not-dicom', 'The file does not start as DICOM does; it is something else.');
  }
  return {
    syntax: transferSyntax(stated ?? guessed ?? explicitLittleEndian),
    syntaxStated: stated !== null,
    hasPreamble,
    meta,
    dataSetOffset: at,
  };
}

/** Stripping preamble and meta information by hand leaves a byte too many now and then. */
function hasStrayByte(bytes: Buffer): boolean {
  return bytes.length > 9 && /^\x08\0[\x05\x08]\0CS/.test(bytes.toString('latin1', 1, 7));
}

/** The encoding that the first element at `at` is written in; null when it is none. */
function guessSyntax(bytes: Buffer, at: number): string | null {
  if (bytes.length < at + 8) return null;
  const named = isRepresentation(bytes[at + 4], bytes[at + 5]);
  const little = bytes.readUInt16LE(at);
  if (named && plausibleGroup(little)) return explicitLittleEndian;
  if (named && plausibleGroup(bytes.readUInt16BE(at))) return explicitBigEndian;
  if (!plausibleGroup(little)) return null;
  // Implicit: believed only when two elements follow each other in order.
  const length = bytes.readUInt32LE(at + 4);
  const next = at + 8 + length;
  if (length > 1024 || next + 4 > bytes.length) return null;
  const ascending =
    bytes.readUInt16LE(next) > little || bytes.readUInt16LE(next + 2) > bytes.readUInt16LE(at + 2);
  return bytes.readUInt16LE(next) >= little && ascending ? implicitLittleEndian : null;
}

/** Data sets begin with identification: group 0008, rarely another low one. */
function plausibleGroup(group: number): boolean {
  return group === 0x0008 || group === 0x0010 || group === 0x0018 || group === 0x0020 || group === 0x0028;
}
