import { ByteFile } from '../byte-file.ts';

const PIECE = 2 ** 22;
/** `GCOL`, version 1, three bytes of zero: how a heap begins. */
const BEGIN = Buffer.from([0x47, 0x43, 0x4f, 0x4c, 1, 0, 0, 0]);
const HEADER = 16;

/**
 * Whether the objects of all global heaps of an HDF5 file, where texts lie, follow one another to each heap's end (III.E of the file
 * format specification). In one in which an object has a wrong length the library looks for the next one without end.
 *
 * @param path the HDF5 file
 * @param file what the person chose, which speaks for it
 */
export function soundHeaps(path: string, file: ByteFile): boolean {
  const bytes = path === file.path ? file : new ByteFile(path, 'weights of Keras');
  try {
    for (let start = 0; start < bytes.size;) {
      // A beginning may lie across two pieces.
      const piece = bytes.read(start, Math.min(PIECE + BEGIN.length, bytes.size - start));
      const at = Buffer.from(piece.buffer).indexOf(BEGIN);
      const size = at < 0 ? PIECE - at - 1 : soundSize(bytes, start + at);
      if (size === 0) return false;
      start += at + size;
    }
    return true;
  } finally {
    if (bytes !== file) bytes.close();
  }
}

/** Of the heap at a place; 0 for one that is not sound. Numbers have eight bytes, as in all files of machines of today. */
function soundSize(bytes: ByteFile, start: number): number {
  if (start + HEADER > bytes.size) return 0;
  const size = Number(Buffer.from(bytes.read(start + 8, 8)).readBigUInt64LE());
  if (!Number.isSafeInteger(size) || size < HEADER || start + size > bytes.size) return 0;
  return areSound(Buffer.from(bytes.read(start, size).buffer)) ? size : 0;
}

function areSound(heap: Buffer): boolean {
  const size = heap.length;
  for (let at = HEADER; at < size;) {
    // Less than a header at the end is free.
    if (at + HEADER > size) return true;
    const index = heap.readUInt16LE(at);
    const length = Number(heap.readBigUInt64LE(at + 8));
    // Free space has the number 0, and its length counts its header.
    if (index === 0) return length === size - at;
    if (!Number.isSafeInteger(length)) return false;
    at += HEADER + Math.ceil(length / 8) * 8;
    if (at > size) return false;
  }
  return true;
}
