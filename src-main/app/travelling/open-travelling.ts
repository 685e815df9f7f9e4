import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { preprocessingSpec } from '../../contract/dataset.ts';
import { GraftError } from '../../contract/errors.ts';
import { type ModelOrigin, modelOriginSchema } from '../../contract/model-origin.ts';
import { loadModel, type Network } from '../../models/index.ts';
import { sha256 } from '../../platform/files.ts';
import { isSavedModel } from '../added-models.ts';
import { ORIGIN } from './export-travelling.ts';
import { originInCapsule } from './origin-in-capsule.ts';

/** A model that came from another project, read and checked, before anything of it is kept. */
export interface TravellingModel {
  origin: ModelOrigin;
  /** `model.json` and `weights.safetensors`. */
  folder: string;
  network: Network;
  /** Removes what was unpacked. */
  close(): void;
}

/**
 * Reads a model that `graft export --format graft` or `graft capsule` wrote in another project, and holds every part to the others.
 *
 * @param path the folder, a file in it, or the capsule
 * @param runId which run of a capsule; default the fine-tuned one
 * @throws GraftError `travelling-missing`, `travelling-format`, `travelling-damaged`, `travelling-run`, `travelling-ensemble`, and what
 * `openCapsule` and `loadModel` throw
 */
export async function openTravelling(path: string, runId?: number): Promise<TravellingModel> {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) {
    throw new GraftError(
      'travelling-missing',
      `Expected a model from another project at ${path}, found nothing there. Choose the folder or the capsule again.`,
    );
  }
  const given = resolve(path);
  const folder = found.isDirectory() ? given : dirname(given);
  if (existsSync(join(folder, ORIGIN)) && (found.isDirectory() || !/\.capsule$/i.test(given))) {
    return checked(readOrigin(join(folder, ORIGIN)), folder, () => {});
  }
  if (found.isFile() && !isSavedModel(given)) return fromCapsule(given, runId);
  throw notTravelling(given);
}

function notTravelling(path: string): GraftError {
  const found = existsSync(join(path, 'model.onnx'))
    ? 'a folder for inference, whose file can be run but not adapted'
    : isSavedModel(path)
      ? 'a model without origin.json, which says how images are prepared and what the classes are'
      : 'neither';
  return new GraftError(
    'travelling-format',
    `Expected the folder of a model for another project, or a study capsule, at ${path}; found ${found}. Where it was trained, write one: graft export --format graft, or graft capsule.`,
  );
}

async function fromCapsule(path: string, runId: number | undefined): Promise<TravellingModel> {
  const folder = mkdtempSync(join(tmpdir(), 'graft-travelling-'));
  const close = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    return checked(await originInCapsule(path, folder, runId), folder, close);
  } catch (error) {
    close();
    throw error;
  }
}

function readOrigin(path: string): ModelOrigin {
  try {
    return modelOriginSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw damaged(`${basename(path)} is not as Graft writes it`, cause);
  }
}

function checked(origin: ModelOrigin, folder: string, close: () => void): TravellingModel {
  const { weights, description, classes, learned, validation } = origin;
  const of = (name: string): string | null =>
    existsSync(join(folder, name)) ? sha256(readFileSync(join(folder, name))) : null;
  for (const [name, expected] of [
    ['model.json', description],
    ['weights.safetensors', weights],
  ] as const) {
    const hash = of(name);
    if (hash === null) throw damaged(`${name} is missing`);
    if (expected !== null && hash !== expected) throw damaged(`${name} was changed after it was written`);
  }
  const model = loadModel(folder);
  if (JSON.stringify(model.classes) !== JSON.stringify(classes))
    throw damaged('the model and its origin name other classes');
  const tables = [learned.classes, ...(validation ? [validation.confusion, ...validation.confusion] : [])];
  if (tables.some(({ length }) => length !== classes.length))
    throw damaged('its counts are of other classes than the model’s');
  const { height, width, channels } = preprocessingSpec.parse(origin.preprocessing);
  const [rows, columns] = model.network.inputShape;
  if (rows !== height || columns !== width || model.imageChannels !== channels)
    throw damaged(
      `the network takes images of ${columns} × ${rows} (${model.imageChannels} channels), and they would be prepared to ${width} × ${height} (${channels})`,
    );
  return { origin, folder, network: model.network, close };
}

const damaged = (what: string, cause?: unknown): GraftError =>
  new GraftError(
    'travelling-damaged',
    `Expected a model as it left its project; ${what}. Ask for it again, and compare its SHA-256 with what the export said.`,
    { cause },
  );
