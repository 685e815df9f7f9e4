import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ByteFile } from '../byte-file.ts';
import type { WeightFile, WeightFormat } from '../weight-file.ts';
import { readZip } from '../zip.ts';
import { openHdf5 } from './hdf5.ts';
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
  return openTensors(file, path, 'keras-h5');
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
    const entry = (await readZip(file)).get('model.weights.h5');
    if (!entry) throw file.wrong('an archive without weights');
    const inner = join(folder, 'model.weights.h5');
    writeFileSync(inner, entry.read(0, entry.size));
    const weights = await openTensors(file, inner, 'keras-v3');
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

async function openTensors(file: ByteFile, path: string, format: WeightFormat): Promise<WeightFile> {
  try {
    const { arrays, close } = await openHdf5(path, file);
    const tensors = layerNames(arrays);
    if (tensors.size === 0) {
      close();
      throw file.wrong('no weights');
    }
    return {
      path: file.path,
      format,
      family: 'keras',
      tensors,
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
