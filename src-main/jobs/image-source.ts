import { basename } from 'node:path';
import { TensorCacheReader } from '../cohort/index.ts';
import type { Dataset, Sample } from '../contract/dataset.ts';
import { sha256 } from '../platform/files.ts';
import { sampleKey, type ImageSource } from '../training/index.ts';

export interface OpenImageSource extends ImageSource {
  close(): void;
}

/** What of a dataset says which tensors it has. */
export type PreparedImages = Pick<
  Dataset,
  'cachePath' | 'channels' | 'train' | 'validation' | 'test' | 'evaluationSets' | 'excluded'
>;

/**
 * A dataset's tensors as training reads them. The checksum stands for the preprocessing (by the cache's name), for which
 * record holds which image, and for the state of the file that it was made from.
 */
export function openImageSource(dataset: PreparedImages): OpenImageSource {
  const reader = TensorCacheReader.open(dataset.cachePath);
  return {
    height: reader.height,
    width: reader.width,
    channels: reader.channels,
    checksum: checksumOf(dataset, reader),
    read: (cacheIndex, into, offset) =>
      reader.read([cacheIndex], into.subarray(offset, offset + reader.sampleLength)),
    close: () => reader.close(),
  };
}

function checksumOf(dataset: PreparedImages, reader: TensorCacheReader): string {
  const records = allSamples(dataset).map(
    (sample) => `${sampleKey(sample)}=${sample.cacheIndex}@${reader.fingerprint(sample.cacheIndex)}`,
  );
  return sha256(JSON.stringify([basename(dataset.cachePath), dataset.channels, records.sort()]));
}

/** Every sample of a dataset, those kept out of the main result among them. */
function allSamples({ train, validation, test, evaluationSets, excluded }: PreparedImages): Sample[] {
  const sets = Object.values(evaluationSets).flat();
  return [...train, ...validation, ...test, ...sets, ...excluded.map(({ sample }) => sample)];
}
