import { existsSync, readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { preprocessingSpec, type Preprocessing } from '../contract/dataset.ts';
import { GraftError } from '../contract/errors.ts';
import { sha256, writeFileAtomic } from '../platform/files.ts';

/**
 * The format of a tensor cache: records of height × width × storedChannels unsigned 16-bit numbers, little-endian,
 * 0 to 65535 for 0 to 1, one after the other; beside it a JSON index that says which image each record is.
 */
const format = 'graft-tensors-1';

/** Which frame a record holds, and of which state of the file. */
export interface TensorRecord {
  instanceId: number;
  frameIndex: number;
  /** Size and time of change of the file that it was made from. */
  fingerprint: string;
}

export interface TensorCacheIndex {
  preprocessing: Preprocessing;
  storedChannels: 1 | 3;
  /** By record number; null where a later record has taken its place. */
  records: (TensorRecord | null)[];
}

const indexFile = z.object({
  format: z.literal(format),
  preprocessing: preprocessingSpec,
  storedChannels: z.union([z.literal(1), z.literal(3)]),
  records: z.array(z.tuple([z.int(), z.int(), z.string()]).nullable()),
});

/** The cache's name: everything that decides what a record holds. */
export function tensorCacheKey(preprocessing: Preprocessing, storedChannels: 1 | 3): string {
  const { height, width } = preprocessing;
  const digest = sha256(JSON.stringify([format, storedChannels, canonical(preprocessing)]));
  return `tensors-${height}x${width}x${storedChannels}-${digest.slice(0, 16)}`;
}

/** Keys in a fixed order, so that the same settings give the same name however they were put together. */
function canonical(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, one]) => [key, canonical(one)]);
}

/** Numbers (not bytes) of one record. */
export function recordLength(index: Pick<TensorCacheIndex, 'preprocessing' | 'storedChannels'>): number {
  return index.preprocessing.height * index.preprocessing.width * index.storedChannels;
}

const indexPath = (cachePath: string): string => cachePath.replace(/\.u16$/, '.json');

/** The index of a cache file, or null where there is none or it is no such index: the cache is then made anew. */
export function readTensorCacheIndex(cachePath: string): TensorCacheIndex | null {
  const path = indexPath(cachePath);
  if (!existsSync(path) || !existsSync(cachePath)) return null;
  try {
    const { preprocessing, storedChannels, records } = indexFile.parse(
      JSON.parse(readFileSync(path, 'utf8')),
    );
    const needed = 2 * records.length * recordLength({ preprocessing, storedChannels });
    if (statSync(cachePath).size < needed) return null;
    return {
      preprocessing,
      storedChannels,
      records: records.map(
        (record) => record && { instanceId: record[0], frameIndex: record[1], fingerprint: record[2] },
      ),
    };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw GraftError.from(error);
  }
}

/** Writes the index whole; the records it names must be on the disk by then. */
export function writeTensorCacheIndex(cachePath: string, index: TensorCacheIndex): void {
  const { preprocessing, storedChannels } = index;
  const records = index.records.map(
    (record) => record && [record.instanceId, record.frameIndex, record.fingerprint],
  );
  writeFileAtomic(indexPath(cachePath), JSON.stringify({ format, preprocessing, storedChannels, records }));
}
