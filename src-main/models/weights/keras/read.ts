import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ByteFile } from '../byte-file.ts';
import type { WeightFile, WeightFormat } from '../weight-file.ts';
import { readZip } from '../zip.ts';
import { kerasGraph } from './graph/file-graph.ts';
import type { RootTexts } from './hdf5.ts';
import { layerNames } from './layer-names.ts';

/**
 * Reads a file of Keras: `.h5` of `save_weights` or `save` of Keras 1 to 3, or `.weights.h5` of Keras 3. Arrays are called
 * `layer/weight`, or `layers/conv2d_3/vars/0` where Keras 3 writes numbers for names. Nothing in it is executed: layers with
 * code of their own are bytes here.
 *
 * @throws GraftError `weights-missing`, `weights-file`
 */
export async function readKerasFile(path: string): Promise<WeightFile> {
  const file = new ByteFile(path, 'weights of Keras (.h5)');
  return openTensors(file, path, 'keras-h5', (texts) => texts);
}

/**
 * Reads a `.keras` archive of Keras 3, whose weights are an HDF5 file inside of it: it is unpacked to a temporary file, which goes
 * when the weights are closed.
 *
 * @throws GraftError `weights-missing`, `weights-file`
 */
export async function readKerasArchive(path: string): Promise<WeightFile> {
  const file = new ByteFile(path, 'a model of Keras (.keras)');
  const folder = mkdtempSync(join(tmpdir(), 'graft-keras-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const entries = await readZip(file);
    const entry = entries.get('model.weights.h5');
    if (!entry) throw file.wrong('an archive without weights');
    const text = (name: string): string | undefined => {
      const found = entries.get(name);
      if (!found || found.size > LARGEST_JSON) return undefined;
      return new TextDecoder().decode(found.read(0, found.size));
    };
    const version = objectIn(text('metadata.json')).keras_version;
    const described: RootTexts = {
      model_config: text('config.json'),
      keras_version: typeof version === 'string' ? version : undefined,
    };
    const inner = join(folder, 'model.weights.h5');
    writeFileSync(inner, entry.read(0, entry.size));
    const weights = await openTensors(file, inner, 'keras-v3', () => described);
    return {
      ...weights,
      close: () => {
        weights.close();
        remove();
      },
    };
  } catch (error) {
    remove();
    file.close();
    throw error;
  }
}

/** Configurations of the largest networks come to a few million bytes. */
const LARGEST_JSON = 64 * 2 ** 20;

async function openTensors(
  file: ByteFile,
  path: string,
  format: WeightFormat,
  describe: (texts: RootTexts) => RootTexts,
): Promise<WeightFile> {
  try {
    // Only here: the library is compiled when it is loaded, which nobody else should wait for.
    const { openHdf5 } = await import('./hdf5.ts');
    const { arrays, texts, close } = await openHdf5(path, file);
    const tensors = layerNames(arrays);
    if (tensors.size === 0) {
      close();
      throw file.wrong('no weights');
    }
    const { model_config: model, keras_version: version = '' } = describe(texts);
    const graph = kerasGraph(file.path, { model: objectIn(model), version, suffix: '-keras' }, tensors);
    return {
      path: file.path,
      format,
      family: 'keras',
      tensors,
      ...(graph ? { graph } : {}),
      metadata: {},
      close: () => {
        close();
        file.close();
      },
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

/** An object in JSON; an empty one for anything else. */
function objectIn(text: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
