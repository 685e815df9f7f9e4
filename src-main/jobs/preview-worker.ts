import { prepareFrame } from '../cohort/index.ts';
import type { Preprocessing } from '../contract/dataset.ts';
import type { AugmentationConfig } from '../contract/augmentation.ts';
import { decodeFrame } from '../dicom/index.ts';
import { encodePng } from '../platform/png.ts';
import { serveTasks } from '../platform/worker-pool.ts';
import { augmentImage } from '../training/augment.ts';

export interface PreviewTask {
  path: string;
  pixelAspect: number;
  preprocessing: Preprocessing;
  augmentation: AugmentationConfig;
  seed: number;
  /** Names the image, as in training. */
  key: string;
  versions: number;
  /** Files, or 8 bits a sample, row by row. Default: files. */
  as?: 'png' | 'pixels';
}

/** Prepared images of late, so that a moved slider does not decode them again: about a screen of them. */
const records = new Map<string, Uint16Array>();
const KEPT = 8;

async function recordOf({ path, preprocessing, pixelAspect }: PreviewTask): Promise<Uint16Array> {
  const name = JSON.stringify([path, preprocessing, pixelAspect]);
  const known = records.get(name);
  if (known) return known;
  const frame = await decodeFrame(path, 0);
  const record = prepareFrame(frame, preprocessing, preprocessing.channels, pixelAspect);
  records.set(name, record);
  if (records.size > KEPT) records.delete(records.keys().next().value!);
  return record;
}

/** What a network would be shown: the prepared image, then augmented versions of it, drawn as training draws them. */
serveTasks<PreviewTask, { images: Uint8Array[] }>(async (task) => {
  const { preprocessing, augmentation, seed, key } = task;
  const { height, width, channels } = preprocessing;
  const record = await recordOf(task);
  const images = Array.from({ length: task.versions + 1 }, (_, version) => {
    const image = Float32Array.from(record, (value) => value / 65_535);
    augmentImage(image, { height, width, channels }, augmentation, seed, key, version);
    const bytes = Uint8Array.from(image, (value) => Math.round(255 * Math.min(1, Math.max(0, value))));
    return task.as === 'pixels' ? bytes : encodePng(bytes, width, height, channels);
  });
  return { images };
});
