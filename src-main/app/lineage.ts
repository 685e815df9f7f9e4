import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Dataset, DatasetWarning, Sample } from '../contract/dataset.ts';
import { writeFileAtomic } from '../platform/files.ts';
import { getInstances, listPixelHashes, type ReadableProject } from '../store/index.ts';

const IMAGES = 'images.json';
const imagesFile = z.array(z.string());

/** Hashes of the pixels that a model has seen without labels, its ancestors' among them; none for other models. */
export function imagesSeen(modelFolder: string): Set<string> {
  const path = join(modelFolder, IMAGES);
  return new Set(existsSync(path) ? imagesFile.parse(JSON.parse(readFileSync(path, 'utf8'))) : []);
}

/** Keeps with a model what it and its ancestors have seen. */
export function writeImagesSeen(modelFolder: string, hashes: Iterable<string>): void {
  writeFileAtomic(join(modelFolder, IMAGES), JSON.stringify([...new Set(hashes)].sort()));
}

/** Of images that a model is judged by, those that it had seen without labels, or whose patients it had. */
export interface SeenBefore {
  images: number;
  patients: number;
}

/**
 * Whether a model that was continued on a project's own images is judged by what it has seen: by images with the same pixels, or by patients
 * of whom it has seen another image.
 *
 * @param modelFolder what the training started from
 */
export function seenBefore(
  { db }: Pick<ReadableProject, 'db'>,
  modelFolder: string,
  samples: readonly Sample[],
): SeenBefore {
  const seen = imagesSeen(modelFolder);
  if (seen.size === 0) return { images: 0, patients: 0 };
  const known = listPixelHashes(db).filter(({ sha256 }) => seen.has(sha256));
  const frames = new Set(known.map(({ instanceId, frameIndex }) => `${instanceId}/${frameIndex}`));
  const ids = [...new Set(known.map(({ instanceId }) => instanceId))];
  const patients = new Set(getInstances(db, ids).map(({ patientKey }) => patientKey));
  return {
    images: samples.filter(({ instanceId, frameIndex }) => frames.has(`${instanceId}/${frameIndex}`)).length,
    patients: new Set(
      samples.map(({ patientKey }) => patientKey).filter((patientKey) => patients.has(patientKey)),
    ).size,
  };
}

/** Everything that a model is judged by: the test set and the external sets. */
export const judgedBy = ({ test, evaluationSets }: Pick<Dataset, 'test' | 'evaluationSets'>): Sample[] => [
  ...test,
  ...Object.values(evaluationSets).flat(),
];

/** A warning where a training starts from a model that has seen those whom it will be judged by; none otherwise. */
export function seenWarnings(
  project: Pick<ReadableProject, 'db'>,
  modelFolder: string,
  dataset: Pick<Dataset, 'test' | 'evaluationSets'>,
): DatasetWarning[] {
  const { patients, images } = seenBefore(project, modelFolder, judgedBy(dataset));
  if (patients === 0) return [];
  return [
    {
      kind: 'seen-without-labels',
      count: images,
      message: `The network has learned without labels from images of ${patients} of the patients it will be judged by (${images} of the images here), because they were held out by no split or by another one then: results may be too good. Continue a model under this split, or start from another.`,
      instanceIds: [],
    },
  ];
}
