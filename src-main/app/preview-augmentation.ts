import { preprocessingSpec } from '../contract/dataset.ts';
import { GraftError } from '../contract/errors.ts';
import type { PreviewTask } from '../jobs/preview-worker.ts';
import { writeFileAtomic } from '../platform/files.ts';
import { encodePng } from '../platform/png.ts';
import { WorkerPool } from '../platform/worker-pool.ts';
import { getInstances, listTrainingExamples } from '../store/index.ts';
import { type ToldAugmentation, withChosenAugmentation } from './choose-augmentation.ts';
import { chooseSplit } from './choose-split.ts';
import { pixelAspectOf } from './desk/instance-of.ts';
import type { Session } from './session.ts';
import { configOf, preprocessingFor, type TrainOptions } from './train-model.ts';

export interface ContactSheet {
  path: string;
  images: number;
  versions: number;
  told: ToldAugmentation;
}

const IMAGES = 6;
const VERSIONS = 7;
/** Pixels between pictures, and after the image itself. */
const [GAP, WIDE] = [4, 12];
const BACKGROUND = 64;

/**
 * Writes a contact sheet as PNG: training images, each in a row with versions of it as a training with these options would draw them,
 * the image itself first. Nothing is trained.
 *
 * @throws GraftError `images-missing`, and what choosing a split and decoding throw
 */
export async function previewAugmentation(
  session: Session,
  options: TrainOptions,
  path: string,
  signal?: AbortSignal,
): Promise<ContactSheet> {
  const { db } = session.project;
  const wished = configOf(session.project, options.settings ?? {});
  const split = chooseSplit(session, options.split ?? {});
  const { config, told } = withChosenAugmentation(session, wished, split);
  const preprocessing = preprocessingSpec.parse(
    preprocessingFor(session, config, options.preprocessing ?? {}),
  );
  const instances = getInstances(db, listTrainingExamples(db, split.id, IMAGES));
  if (instances.length === 0) {
    throw new GraftError(
      'images-missing',
      'Expected training images to show, found none. Label images, or change the split.',
    );
  }
  const pool = new WorkerPool<PreviewTask, { images: Uint8Array[] }>(
    new URL('../jobs/preview-worker.ts', import.meta.url),
    { workers: 1 },
  );
  try {
    const rows: Uint8Array[][] = [];
    for (const instance of instances) {
      const task: PreviewTask = {
        path: instance.absolutePath,
        pixelAspect: pixelAspectOf(instance),
        preprocessing,
        augmentation: told.config,
        seed: config.seed,
        key: `${instance.SOPInstanceUID ?? instance.id}/0`,
        versions: VERSIONS,
        as: 'pixels',
      };
      rows.push((await pool.run(task, signal ? { signal } : {})).images);
    }
    writeFileAtomic(path, sheet(rows, preprocessing));
    return { path, images: rows.length, versions: VERSIONS, told };
  } finally {
    await pool.close();
  }
}

/** Pictures of one size in a grid, the first column set apart. */
export function sheet(
  rows: readonly (readonly Uint8Array[])[],
  { height, width, channels }: { height: number; width: number; channels: 1 | 3 },
): Uint8Array {
  const columns = rows[0].length;
  const left = (column: number): number => GAP + column * (width + GAP) + (column > 0 ? WIDE - GAP : 0);
  const sheetWidth = left(columns - 1) + width + GAP;
  const sheetHeight = GAP + rows.length * (height + GAP);
  const pixels = new Uint8Array(sheetWidth * sheetHeight * channels).fill(BACKGROUND);
  rows.forEach((row, at) => {
    row.forEach((picture, column) => {
      for (let y = 0; y < height; y++) {
        const to = ((GAP + at * (height + GAP) + y) * sheetWidth + left(column)) * channels;
        pixels.set(picture.subarray(y * width * channels, (y + 1) * width * channels), to);
      }
    });
  });
  return encodePng(pixels, sheetWidth, sheetHeight, channels);
}
