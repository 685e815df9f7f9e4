import { inflateRawSync } from 'node:zlib';
import { type Entry, fromRandomAccessReader, RandomAccessReader, type ZipFile } from 'yauzl';
import type { ByteFile } from './byte-file.ts';

/** A file inside an archive. */
export interface ZipEntry {
  name: string;
  /** Bytes when unpacked. */
  size: number;
  /** @returns bytes `begin` to `begin + length` of it, unpacked */
  read(begin: number, length: number): Uint8Array<ArrayBuffer>;
}

const MOST_ENTRIES = 100_000;
/** What a packed file may come to: weights are stored as they are by all that write them, and hardly pack. */
const PACKED = { factor: 16, more: 64 * 2 ** 20 };

/**
 * The files of an archive, by their names. Directories are left out; what is encrypted or packed in other ways than
 * deflate is refused when it is read.
 */
export async function readZip(file: ByteFile): Promise<ReadonlyMap<string, ZipEntry>> {
  const entries = new Map<string, ZipEntry>();
  const zip = await opened(file);
  await new Promise<void>((resolve, reject) => {
    zip.on('error', (cause: unknown) => reject(file.wrong('a damaged archive', cause)));
    zip.on('end', () => resolve());
    zip.on('entry', (entry: Entry) => {
      if (entries.size >= MOST_ENTRIES) return reject(file.wrong('an archive of too many files'));
      if (entry.fileName.endsWith('/')) return zip.readEntry();
      zip.readLocalFileHeader(entry, { minimal: true }, (error, header) => {
        if (error) return reject(file.wrong('a damaged archive', error));
        entries.set(entry.fileName, entryOf(file, entry, header.fileDataStart));
        zip.readEntry();
      });
    });
    zip.readEntry();
  });
  return entries;
}

const opened = (file: ByteFile): Promise<ZipFile> =>
  new Promise((resolve, reject) => {
    fromRandomAccessReader(
      new ZipReader(file),
      file.size,
      { lazyEntries: true, autoClose: false },
      (error, zip) => (error ? reject(file.wrong('a damaged archive', error)) : resolve(zip)),
    );
  });

/** Reads for yauzl, which itself would throw where nothing can be caught when a damaged archive points outside the file. */
class ZipReader extends RandomAccessReader {
  readonly #file: ByteFile;

  constructor(file: ByteFile) {
    super();
    this.#file = file;
  }

  override read(
    into: Buffer,
    offset: number,
    length: number,
    position: number,
    done: (error: Error | null) => void,
  ): void {
    let failure: Error | null = null;
    try {
      into.set(this.#file.read(position, length), offset);
    } catch (error) {
      failure = error as Error;
    }
    // Not at once: thousands of entries would call one another.
    setImmediate(() => done(failure));
  }
}

function entryOf(file: ByteFile, entry: Entry, start: number): ZipEntry {
  const { fileName: name, uncompressedSize: size, compressedSize, compressionMethod } = entry;
  let unpacked: Uint8Array<ArrayBuffer> | undefined;
  const unpack = (): Uint8Array<ArrayBuffer> => {
    if (compressionMethod !== 8 || entry.isEncrypted()) throw file.wrong(`${name} packed in an unknown way`);
    if (size > PACKED.more + PACKED.factor * compressedSize) throw file.wrong(`${name} packed too large`);
    try {
      const inflated = inflateRawSync(file.read(start, compressedSize), { maxOutputLength: size });
      return new Uint8Array(inflated.buffer as ArrayBuffer, inflated.byteOffset, inflated.length);
    } catch (cause) {
      throw file.wrong(`${name} damaged`, cause);
    }
  };
  return {
    name,
    size,
    read: (begin, length) => {
      if (begin < 0 || begin + length > size) throw file.wrong(`the end of ${name} too early`);
      if (compressionMethod === 0) {
        if (compressedSize !== size) throw file.wrong(`${name} of two sizes`);
        return file.read(start + begin, length);
      }
      unpacked ??= unpack();
      if (begin + length > unpacked.length) throw file.wrong(`the end of ${name} too early`);
      return unpacked.slice(begin, begin + length);
    },
  };
}
