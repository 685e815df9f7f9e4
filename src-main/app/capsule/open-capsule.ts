import { join } from 'node:path';
import { z } from 'zod';
import {
  type Capsule,
  capsulePrediction,
  type CapsulePrediction,
  capsuleSchema,
  type VerifiedRow,
} from '../../contract/capsule.ts';
import { GraftError } from '../../contract/errors.ts';
import { ByteFile } from '../../models/weights/byte-file.ts';
import { readZip, type ZipEntry } from '../../models/weights/zip.ts';
import { sha256, writeFileAtomic } from '../../platform/files.ts';

/** A capsule that is open for reading. */
export interface OpenCapsule {
  capsule: Capsule;
  /** Whether every file in it is as it was written. */
  files: VerifiedRow;
  predictions(file: string): CapsulePrediction[];
  /** Puts a model into a folder, for `loadModel`. */
  extractModel(runId: number, folder: string): void;
  close(): void;
}

const MOST_JSON = 2 ** 30;
/** At once, of a file whose checksum is taken. */
const PIECE = 2 ** 30;

/** @throws GraftError `capsule-file`, `weights-file` for an archive that is damaged */
export async function openCapsule(path: string): Promise<OpenCapsule> {
  const file = new ByteFile(path, 'a study capsule');
  try {
    const entries = await readZip(file);
    const read = (name: string): Uint8Array => {
      const entry = entries.get(name);
      if (!entry || entry.size > MOST_JSON) throw notACapsule(path, `no ${name} in it`);
      return entry.read(0, entry.size);
    };
    const json = <Schema extends z.ZodType>(name: string, schema: Schema): z.output<Schema> => {
      try {
        return schema.parse(JSON.parse(Buffer.from(read(name)).toString('utf8')));
      } catch (cause) {
        throw cause instanceof GraftError ? cause : notACapsule(path, `something else in ${name}`, cause);
      }
    };
    const capsule = json('capsule.json', capsuleSchema);
    const sums = json('checksums.json', z.record(z.string(), z.string()));
    return {
      capsule,
      files: checkFiles(entries, sums),
      predictions: (name) => json(name, z.array(capsulePrediction)),
      extractModel: (runId, folder) => {
        for (const name of ['model.json', 'weights.safetensors'])
          writeFileAtomic(join(folder, name), read(`models/${runId}/${name}`));
      },
      close: () => file.close(),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

function checkFiles(
  entries: ReadonlyMap<string, ZipEntry>,
  sums: Readonly<Record<string, string>>,
): VerifiedRow {
  const what = 'Files in the capsule';
  const names = Object.keys(sums);
  const listed = new Set([...names, 'checksums.json']);
  const more = [...entries.keys()].find((name) => !listed.has(name));
  if (more !== undefined) return { what, agrees: 'no', detail: `${more} is not in the list of checksums` };
  for (const name of names) {
    const entry = entries.get(name);
    if (!entry) return { what, agrees: 'no', detail: `${name} is missing` };
    if (checksumOf(entry) !== sums[name])
      return { what, agrees: 'no', detail: `${name} was changed after it was written` };
  }
  return {
    what,
    agrees: 'exactly',
    detail: `all ${names.length} have the checksums that they were written with`,
  };
}

/** Damaged bytes of a packed file make no file at all. */
function checksumOf(entry: ZipEntry): string | null {
  try {
    const pieces = Array.from({ length: Math.max(1, Math.ceil(entry.size / PIECE)) }, (_, at) =>
      entry.read(at * PIECE, Math.min(PIECE, entry.size - at * PIECE)),
    );
    return sha256(...pieces);
  } catch {
    return null;
  }
}

const notACapsule = (path: string, found: string, cause?: unknown): GraftError =>
  new GraftError(
    'capsule-file',
    `Expected a study capsule that this Graft can read at ${path}, found ${found}. Write it again (graft capsule), or use the Graft that wrote it.`,
    { cause },
  );
