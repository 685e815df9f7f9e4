import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dataset } from '../contract/dataset.ts';
import type { Run } from '../contract/run.ts';
import { applicationRoot, unpacked } from '../platform/application-root.ts';
import { writeFileAtomic } from '../platform/files.ts';
import type { ReadableDatabase } from '../store/index.ts';
import { thresholdsOf } from './chosen-thresholds.ts';

/** Files that every such folder has, as they are. */
const TEMPLATE = join(unpacked(applicationRoot), 'resources', 'inference');

/**
 * Puts beside an exported ONNX file what using it elsewhere takes: preprocessing, classes, thresholds, and a short example each in Python and
 * JavaScript that goes from a DICOM file to probabilities.
 */
export function writeInferenceFolder(
  db: ReadableDatabase,
  folder: string,
  run: Run,
  { classes, multiLabel = false, preprocessing }: Dataset,
): void {
  const json = (name: string, value: unknown): void =>
    writeFileAtomic(join(folder, name), `${JSON.stringify(value, null, 2)}\n`);
  for (const name of readdirSync(TEMPLATE))
    writeFileAtomic(join(folder, name), readFileSync(join(TEMPLATE, name)));
  json('preprocessing.json', preprocessing);
  json('labels.json', {
    classes,
    // A class for each image, or any number of findings.
    multiLabel,
    thresholds: multiLabel ? thresholdsOf(db, run, classes.length) : null,
  });
}
