import { realpathSync, statSync } from 'node:fs';
import { basename, isAbsolute, resolve, sep } from 'node:path';
import { ByteFile } from '../byte-file.ts';

const MOST_SHARDS = 10_000;
const MOST_BYTES = 2 ** 40;

/**
 * Files of a folder, whose bytes are one row. Their names come from a file that somebody sent: one that leads out of the folder,
 * by its path or by a link, is refused, as is what is no plain file, before any is opened.
 */
export class Shards {
  /** Paths as they lie on the disk, in order. */
  readonly files: readonly string[];
  readonly size: number;
  readonly #starts: number[] = [];
  /** What names them, and speaks for them. */
  readonly #model: ByteFile;
  #open: { at: number; file: ByteFile } | null = null;

  /** @throws GraftError `weights-file` */
  constructor(folder: string, names: readonly string[], model: ByteFile) {
    this.#model = model;
    if (names.length > MOST_SHARDS) throw model.wrong('too many files of weights named');
    const root = realpathSync(folder);
    this.files = names.map((name) => insideOf(root, name, model));
    if (new Set(this.files).size < names.length) throw model.wrong('a file of weights named twice');
    let size = 0;
    for (const file of this.files) {
      this.#starts.push(size);
      size += statSync(file).size;
    }
    if (size > MOST_BYTES) throw model.wrong('files of weights too large to be any');
    this.size = size;
  }

  /** @returns `length` bytes from `position`, from as many files as they lie in */
  read(position: number, length: number): Uint8Array<ArrayBuffer> {
    if (position + length > this.size) throw this.#model.wrong('the end of its weights too early');
    const into = new Uint8Array(length);
    let at = this.#starts.findLastIndex((start) => start <= position);
    for (let done = 0; done < length; at++) {
      const file = this.#shard(at);
      const from = position + done - this.#starts[at];
      const part = file.read(from, Math.min(length - done, file.size - from));
      into.set(part, done);
      done += part.length;
    }
    return into;
  }

  /** Arrays lie in order, so that one file is open at a time. */
  #shard(at: number): ByteFile {
    if (this.#open?.at === at) return this.#open.file;
    this.close();
    const file = new ByteFile(this.files[at], 'weights of TensorFlow.js');
    this.#open = { at, file };
    const expected = (this.#starts[at + 1] ?? this.size) - this.#starts[at];
    if (file.size !== expected) throw file.wrong('that it has changed meanwhile');
    return file;
  }

  close(): void {
    this.#open?.file.close();
    this.#open = null;
  }
}

function insideOf(root: string, name: string, model: ByteFile): string {
  const shown = name.length > 80 ? `${name.slice(0, 80)}…` : name;
  const leaves = (path: string): boolean => !path.startsWith(root.endsWith(sep) ? root : root + sep);
  // Backslashes part folders on Windows alone: refused everywhere, as a file means the same everywhere.
  if (name === '' || /[\\\0]|^[a-z]+:/i.test(name) || isAbsolute(name) || leaves(resolve(root, name)))
    throw model.wrong(`weights named outside its folder (${shown})`);
  const path = resolve(root, name);
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw model.wrong(`no ${shown} beside it, which holds weights`);
  if (!found.isFile()) throw model.wrong(`${shown} beside it, which is no file`);
  const real = realpathSync(path);
  if (leaves(real)) throw model.wrong(`${basename(path)} beside it, which is a link out of its folder`);
  return real;
}
