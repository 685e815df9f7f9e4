import { ByteFile } from '../byte-file.ts';
import { numberTypes } from '../number-types.ts';
import type { FileTensor, WeightFile } from '../weight-file.ts';
import { readZip, type ZipEntry } from '../zip.ts';
import { findTensors } from './find-tensors.ts';
import { PickleBytes, PickleWindow } from './pickle-source.ts';
import { makeOfTorch, readTensor, storageType, type TorchStorage } from './tensors.ts';
import { unpickle, type PickleHooks } from './unpickle.ts';

const KIND = 'PyTorch weights (.pth or .pt)';
const LARGEST_PICKLE = 256 * 1024 * 1024;
/** What a file of before PyTorch 1.6 begins with, as a pickled number (torch/serialization.py). */
const LEGACY_MAGIC = 0x1950a86a20f9469cfc6cn;

/**
 * Reads a file of `torch.save`: a state dict, a checkpoint that holds one, or a whole module, in the archives of
 * PyTorch 1.6 and later, TorchScript's among them, or the single pickle of before. Nothing in it is executed.
 *
 * @throws GraftError `weights-missing`, `weights-file`
 */
export async function readPyTorchFile(path: string): Promise<WeightFile> {
  const file = new ByteFile(path, KIND);
  try {
    const [first, second] = file.size >= 2 ? file.read(0, 2) : [0, 0];
    // PK: an archive.
    const root = first === 0x50 && second === 0x4b ? await readArchive(file) : readLegacy(file);
    const tensors = new Map<string, FileTensor>();
    for (const [name, tensor] of findTensors(root))
      tensors.set(name, { name, shape: tensor.shape, read: () => readTensor(tensor) });
    if (tensors.size === 0) throw file.wrong('no weights');
    return { path, format: 'pytorch', family: 'pytorch', tensors, metadata: {}, close: () => file.close() };
  } catch (error) {
    file.close();
    throw error;
  }
}

async function readArchive(file: ByteFile): Promise<unknown> {
  const entries = await readZip(file);
  const pickle = [...entries.values()].find(({ name }) => name === 'data.pkl' || name.endsWith('/data.pkl'));
  if (!pickle) throw file.wrong('an archive without data.pkl');
  if (pickle.size > LARGEST_PICKLE) throw file.wrong('a description of more than 256 MB');
  const folder = pickle.name.slice(0, -'data.pkl'.length);
  const order = entries.get(`${folder}byteorder`);
  if (order && new TextDecoder().decode(order.read(0, Math.min(order.size, 16))).trim() === 'big')
    throw file.wrong('numbers in big-endian order, which Graft does not read,');
  const source = new PickleBytes(pickle.read(0, pickle.size), () => file.wrong('its end too early'));
  return unpickle(
    source,
    hooksFor(file, (key) => entries.get(`${folder}data/${key}`)),
  );
}

/** Storages are known by the pickle's persistent ids `('storage', class, key, device, count)`. */
function hooksFor(
  file: ByteFile,
  find: (key: string, bytes: number) => Pick<ZipEntry, 'size' | 'read'> | undefined,
): PickleHooks {
  const storages = new Map<string, TorchStorage>();
  return {
    wrong: (found) => file.wrong(found),
    make: (global, args) => makeOfTorch(global, args, (found) => file.wrong(found)),
    persistent: (id) => {
      const [tag, callable, key, , count] = Array.isArray(id) ? (id as unknown[]) : [];
      const type = storageType(callable);
      if (tag !== 'storage' || type === undefined || !Number.isSafeInteger(count) || (count as number) < 0)
        throw file.wrong('a storage of an unknown kind');
      const name = String(key);
      const known = storages.get(name);
      if (known) return known;
      const bytes = (count as number) * (type === null ? 1 : numberTypes[type]);
      const data = find(name, bytes);
      if (!data) throw file.wrong(`no data for the storage ${name}`);
      if (data.size < bytes) throw file.wrong(`too little data for the storage ${name}`);
      const storage: TorchStorage = {
        key: name,
        type,
        bytes,
        read: (begin, length) => data.read(begin, length),
      };
      storages.set(name, storage);
      return storage;
    },
  };
}

/** Three pickles of a header, the object, the keys of its storages, then each storage: a count and its bytes. */
function readLegacy(file: ByteFile): unknown {
  const source = new PickleWindow(
    (at, length) => file.read(at, length),
    0,
    file.size,
    () => file.wrong('its end too early'),
  );
  const places = new Map<string, { start: number; size: number }>();
  const hooks = hooksFor(file, (key, size) => ({
    size,
    read: (begin, length) => {
      const place = places.get(key);
      if (!place || begin + length > place.size) throw file.wrong(`too little data for the storage ${key}`);
      return file.read(place.start + begin, length);
    },
  }));
  const sizes = new Map<string, { bytes: number; each: number }>();
  const plain: PickleHooks = {
    ...hooks,
    persistent: (id) => {
      const storage = hooks.persistent(id) as TorchStorage;
      if (storage.bytes > file.size) throw file.wrong(`too little data for the storage ${storage.key}`);
      sizes.set(storage.key, { bytes: storage.bytes, each: storage.type ? numberTypes[storage.type] : 1 });
      return storage;
    },
  };
  const magic = unpickle(source, plain);
  if (magic !== LEGACY_MAGIC) throw file.wrong('something else');
  unpickle(source, plain); // The version of the format.
  const system: unknown = unpickle(source, plain);
  if (system instanceof Map && system.get('little_endian') === false)
    throw file.wrong('numbers in big-endian order, which Graft does not read,');
  const root = unpickle(source, plain);
  const keys: unknown = unpickle(source, plain);
  if (!Array.isArray(keys)) throw file.wrong('no list of its storages');
  let position = source.position;
  for (const key of (keys as unknown[]).map(String)) {
    const size = sizes.get(key);
    if (!size) throw file.wrong(`a storage ${key} that nothing uses`);
    const count = Number(new DataView(file.read(position, 8).buffer).getBigInt64(0, true));
    if (count * size.each !== size.bytes)
      throw file.wrong(`the storage ${key} of another size than declared`);
    places.set(key, { start: position + 8, size: size.bytes });
    position += 8 + size.bytes;
  }
  if (position > file.size) throw file.wrong('its end too early');
  return root;
}
