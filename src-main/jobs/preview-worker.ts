import { prepareFrame } from '../cohort/index.ts';
import type { Preprocessing } from '../contract/dataset.ts';
import type { AugmentationConfig } from '../contract/training.ts';
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
}

/** What a network would be shown: the prepared image, then augmented versions of it, drawn as training draws them. */
serveTasks<PreviewTask, { images: Uint8Array[] }>(async (task) => {
  const { preprocessing, augmentation, seed, key } = task;
  const { height, width, channels } = preprocessing;
  const frame = await decodeFrame(task.path, 0);
  const record = prepareFrame(frame, preprocessing, channels, task.pixelAspect);
  const images = Array.from({ length: task.versions + 1 }, (_, version) => {
    const image = Float32Array.from(record, (value) => value / 65_535);
    augmentImage(image, { height, width, channels }, augmentation, seed, key, version);
    const bytes = Uint8Array.from(image, (value) => Math.round(255 * Math.min(1, Math.max(0, value))));
    return encodePng(bytes, width, height, channels);
  });
  return { images };
});
