import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { GraftError } from '../contract/errors.ts';

/** Bytes at known places, read in pieces: a file of any size, or memory. */
export interface ByteSource {
  readonly size: number;
  /** Up to `length` bytes from `offset`; fewer at the end. */
  read(offset: number, length: number): Buffer;
  close(): void;
}

/** Opens a regular file. A pipe or device would block for ever: it is refused as unreadable. */
export function openFile(path: string): ByteSource {
  let file: number;
  try {
    // O_NONBLOCK (absent on Windows): opening a pipe without a writer would wait.
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    throw unreadable(error);
  }
  try {
    const status = fstatSync(file);
    if (!status.isFile()) throw new GraftError('unreadable', 'Expected a file, found a folder or a device.');
    return fileSource(file, status.size);
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

function fileSource(file: number, size: number): ByteSource {
  return {
    size,
    read: (offset, length) => {
      const wanted = Math.max(0, Math.min(length, size - offset));
      const bytes = Buffer.allocUnsafe(wanted);
      let filled = 0;
      while (filled < wanted) {
        const count = readPiece(file, bytes, filled, offset);
        if (count === 0) break;
        filled += count;
      }
      return bytes.subarray(0, filled);
    },
    close: () => closeSync(file),
  };
}

function readPiece(file: number, bytes: Buffer, filled: number, offset: number): number {
  try {
    // One read call takes less than 2 GiB.
    return readSync(file, bytes, filled, Math.min(bytes.length - filled, 0x40000000), offset + filled);
  } catch (error) {
    throw unreadable(error);
  }
}

function unreadable(error: unknown): GraftError {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  return new GraftError(
    'unreadable',
    `The file could not be read (${code}); check that it is there and that you may read it.`,
    {
      cause: error,
    },
  );
}

/** Bytes already in memory. */
export function memorySource(bytes: Buffer): ByteSource {
  return {
    size: bytes.length,
    read: (offset, length) => bytes.subarray(offset, Math.min(bytes.length, offset + length)),
    close: () => {},
  };
}
