import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ActivationMap } from '../../explanation/index.ts';
import { sha256, writeFileAtomic } from '../../platform/files.ts';
import type { ReadableProject } from '../../store/index.ts';

/** Changes when maps are made in another way. */
const VERSION = 'explanation-2';

/** Values kept in the project's cache under what they are made of; maps in them as base64. */
export class MapCache {
  readonly #folder: string;

  constructor({ paths }: Pick<ReadableProject, 'paths'>) {
    this.#folder = join(paths.cache, 'explanations');
  }

  get<Kept>(made: unknown): Kept | null {
    const file = this.#file(made);
    if (!existsSync(file)) return null;
    return JSON.parse(readFileSync(file, 'utf8'), (_, value: unknown) =>
      isPacked(value) ? fromBase64(value.float32) : value,
    ) as Kept;
  }

  put(made: unknown, kept: unknown): void {
    const text = JSON.stringify(kept, (_, value: unknown) =>
      value instanceof Float32Array ? { float32: toBase64(value) } : value,
    );
    writeFileAtomic(this.#file(made), text);
  }

  #file(made: unknown): string {
    return join(this.#folder, `${sha256(JSON.stringify([VERSION, made])).slice(0, 32)}.json`);
  }
}

const isPacked = (value: unknown): value is { float32: string } =>
  typeof value === 'object' && value !== null && typeof (value as { float32?: unknown }).float32 === 'string';

const toBase64 = (values: Float32Array): string =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');

/** A copy: the bytes may start at any address. */
const fromBase64 = (text: string): Float32Array =>
  new Float32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer);

/** What is kept of one image. */
export interface KeptMap {
  layer: string | null;
  classIndex: number;
  probabilities: number[];
  fold: number | null;
  map: ActivationMap;
}
