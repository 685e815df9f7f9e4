import type { ByteSource } from '../byte-source.ts';
import type { DataSet, Element } from '../data-set.ts';
import { refuse } from '../refusal.ts';

interface Fragment {
  /** Of its item, from the first item after the offset table: what offset tables count in. */
  position: number;
  offset: number;
  length: number;
}

const itemTag = 0xfffee000;
const sequenceEndTag = 0xfffee0dd;

/**
 * The bytes of one frame of encapsulated pixel data (PS3.5 A.4), its fragments joined. Frames are found by the extended
 * offset table, the basic one, one fragment for each, or by the marker that starts a frame, whichever fits first.
 */
export function encapsulatedFrame(
  source: ByteSource,
  dataSet: DataSet,
  element: Element,
  frameIndex: number,
  numberOfFrames: number,
): Buffer {
  const { basicOffsets, fragments } = readFragments(source, element, dataSet.encoding.bigEndian);
  const extended = dataSet.numbers('ExtendedOffsetTable');
  const frame =
    byOffsets(fragments, extended, numberOfFrames, frameIndex) ??
    byOffsets(fragments, basicOffsets, numberOfFrames, frameIndex) ??
    withoutOffsets(source, fragments, numberOfFrames, frameIndex);
  if (!frame || frame.length === 0) {
    throw refuse(
      fragments.length < numberOfFrames ? 'truncated' : 'broken',
      `Frame ${frameIndex + 1} of ${numberOfFrames} cannot be found among ${fragments.length} fragments.`,
    );
  }
  return Buffer.concat(
    frame.map(({ offset, length }) => {
      const bytes = source.read(offset, length);
      if (bytes.length < length) throw refuse('truncated', `The file ends inside frame ${frameIndex + 1}.`);
      return bytes;
    }),
  );
}

function readFragments(
  source: ByteSource,
  element: Element,
  bigEndian: boolean,
): { basicOffsets: number[]; fragments: Fragment[] } {
  const fragments: Fragment[] = [];
  let basicOffsets: number[] | null = null;
  let base = 0;
  for (let at = element.offset; at + 8 <= source.size;) {
    const header = source.read(at, 8);
    if (header.length < 8) break;
    const tag = bigEndian
      ? header.readUInt32BE(0)
      : ((header.readUInt16LE(0) << 16) | header.readUInt16LE(2)) >>> 0;
    const length = bigEndian ? header.readUInt32BE(4) : header.readUInt32LE(4);
    if (tag === sequenceEndTag) break;
    if (tag !== itemTag) throw refuse('broken', 'The encapsulated pixels are not made of items.');
    if (basicOffsets === null) {
      const table = source.read(at + 8, length);
      basicOffsets = Array.from({ length: table.length >> 2 }, (_, index) => table.readUInt32LE(4 * index));
      base = at + 8 + length;
    } else fragments.push({ position: at - base, offset: at + 8, length });
    at += 8 + length;
  }
  return { basicOffsets: basicOffsets ?? [], fragments };
}

/** Null when the table does not have an offset for each frame, or one that is no fragment's. */
function byOffsets(
  fragments: Fragment[],
  offsets: number[],
  numberOfFrames: number,
  frameIndex: number,
): Fragment[] | null {
  if (offsets.length !== numberOfFrames) return null;
  const positions = new Set(fragments.map(({ position }) => position));
  if (!offsets.every((offset) => positions.has(offset))) return null;
  const start = offsets[frameIndex];
  const end = offsets[frameIndex + 1] ?? Infinity;
  return fragments.filter(({ position }) => position >= start && position < end);
}

function withoutOffsets(
  source: ByteSource,
  fragments: Fragment[],
  numberOfFrames: number,
  frameIndex: number,
): Fragment[] | null {
  if (numberOfFrames === 1) return fragments;
  if (fragments.length === numberOfFrames) return [fragments[frameIndex]];
  const frames: Fragment[][] = [];
  for (const fragment of fragments) {
    if (startsFrame(source.read(fragment.offset, 4)) || frames.length === 0) frames.push([fragment]);
    else frames[frames.length - 1].push(fragment);
  }
  return frames.length === numberOfFrames ? frames[frameIndex] : null;
}

/** JPEG and JPEG-LS start of image, JPEG 2000 codestream or box, JPEG XL codestream or box. */
function startsFrame(bytes: Buffer): boolean {
  if (bytes.length < 4) return false;
  const start = bytes.readUInt32BE(0);
  const first = start >>> 16;
  return start >>> 8 === 0xffd8ff || start === 0xff4fff51 || start === 0x0000000c || first === 0xff0a;
}
