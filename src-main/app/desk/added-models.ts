import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { z } from 'zod';
import type { AddedModel } from '../../contract/calls/models.ts';
import { GraftError } from '../../contract/errors.ts';
import { countParameters, loadModel } from '../../models/index.ts';
import { sha256, writeFileAtomic } from '../../platform/files.ts';
import type { Project } from '../../store/index.ts';

const CARD = 'added.json';

const card = z.object({
  modelName: z.string(),
  title: z.string(),
  licence: z.string(),
  source: z.string(),
  sha256: z.string(),
  addedAt: z.string(),
  parameters: z.number(),
});

/** Weights that were added to a project, by their title. */
export function addedModels({ paths }: Project): AddedModel[] {
  if (!existsSync(paths.models)) return [];
  return readdirSync(paths.models)
    .flatMap((id) => {
      const folder = join(paths.models, id);
      const file = join(folder, CARD);
      return existsSync(file) ? [{ id, folder, ...card.parse(JSON.parse(readFileSync(file, 'utf8'))) }] : [];
    })
    .sort((a, b) => a.title.localeCompare(b.title));
}

/**
 * Copies a saved model into the project, after reading it whole.
 *
 * @param input.path the folder with `model.json` and `weights.safetensors`, or one of these files
 * @throws GraftError `weights-format`, and what `loadModel` throws
 */
export function addModel(
  { paths }: Project,
  input: { path: string; title: string; source: string; licence: string },
): AddedModel {
  const from = modelFolderOf(input.path);
  const model = loadModel(from);
  const weights = readFileSync(join(from, 'weights.safetensors'));
  const digest = sha256(weights);
  const id = `${model.network.name.replace(/[^\w.-]/g, '-')}-${digest.slice(0, 8)}`;
  const folder = join(paths.models, id);
  mkdirSync(folder, { recursive: true });
  for (const name of ['model.json', 'weights.safetensors']) cpSync(join(from, name), join(folder, name));
  const { title, source, licence } = input;
  const kept = {
    modelName: model.network.name,
    title,
    licence: licence || 'not stated',
    source,
    sha256: digest,
    addedAt: new Date().toISOString(),
    parameters: countParameters(model.network),
  };
  writeFileAtomic(join(folder, CARD), `${JSON.stringify(kept, null, 2)}\n`);
  return { id, folder, ...kept };
}

export function removeModel({ paths }: Project, id: string): void {
  rmSync(join(paths.models, id), { recursive: true, force: true });
}

/** Formats that people have and that this Graft does not read yet, by ending. */
const OTHERS: Record<string, string> = {
  '.h5': 'Keras weights',
  '.hdf5': 'Keras weights',
  '.keras': 'a Keras model',
  '.pth': 'PyTorch weights',
  '.pt': 'PyTorch weights',
  '.onnx': 'an ONNX model',
  '.pb': 'a TensorFlow graph',
};

function modelFolderOf(path: string): string {
  if (!existsSync(path)) {
    throw new GraftError(
      'weights-missing',
      `Expected a model at ${path}, found nothing there. Choose it again.`,
    );
  }
  if (statSync(path).isDirectory()) return path;
  if (['model.json', 'weights.safetensors'].includes(basename(path))) return dirname(path);
  const kind = OTHERS[extname(path).toLowerCase()];
  throw new GraftError(
    'weights-format',
    kind
      ? `Expected a model saved by Graft (a folder with model.json and weights.safetensors), found ${kind} in ${basename(path)}, which this version does not read.`
      : `Expected a model saved by Graft (a folder with model.json and weights.safetensors), found ${basename(path)}.`,
  );
}
