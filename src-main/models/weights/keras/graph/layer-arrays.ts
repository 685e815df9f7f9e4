import { GraftError } from '../../../../contract/errors.ts';
import type { Numbers } from '../../foreign-builder.ts';
import type { FileTensor } from '../../weight-file.ts';

/** Where a layer's arrays lie in a file. */
export interface LayerPlace {
  /** Names of the models around it, and its own. */
  path: readonly string[];
  /** Where Keras 3 keeps it in files without names: `layers/functional/layers/conv2d_3`. */
  store: string;
}

/**
 * The arrays of one layer, in the layer's own order.
 *
 * @param weights what each may be called; the order is that in which Keras made them
 */
export type FindArrays = (place: LayerPlace, weights: readonly (readonly string[])[]) => Numbers[];

/**
 * Finds a layer's arrays among those of a file, by names, or by numbers where Keras 3 wrote numbers for names.
 *
 * @throws GraftError `weights-file` for an array that is not there, or is there twice
 */
export function layerArrays(tensors: ReadonlyMap<string, FileTensor>, file: string): FindArrays {
  const read = new Map<FileTensor, Numbers>();
  const numbers = (tensor: FileTensor): Numbers => {
    const known = read.get(tensor) ?? { shape: tensor.shape, data: tensor.read() };
    read.set(tensor, known);
    return known;
  };
  const byEnd = Map.groupBy(
    [...tensors.values()].map((tensor) => ({ tensor, path: withoutCount(tensor.name) })),
    ({ path }) => path.split('/').slice(-2).join('/'),
  );
  const find = ({ path, store }: LayerPlace, names: readonly string[], at: number): FileTensor => {
    const numbered = tensors.get(`${store}/vars/${at}`);
    if (numbered) return numbered;
    const layer = path[path.length - 1];
    const outer = path.slice(0, -1);
    const last = layer.split('/').at(-1)!;
    for (const name of names) {
      const found = (byEnd.get(`${last}/${name}`) ?? []).filter((one) =>
        `/${one.path}`.endsWith(`/${layer}/${name}`),
      );
      const [first, ...more] = nearest(found, outer);
      if (first && more.length === 0) return first.tensor;
      const short = tensors.get(`${layer}/${name}`) ?? (first ? undefined : renamed(layer, name));
      if (short) return short;
      if (first) throw wrong(file, layer, `several arrays called ${layer}/${name}`);
    }
    throw wrong(file, layer, `no array ${layer}/${names[0]}`);
  };
  /** A layer that was called otherwise when its weights were made. */
  const renamed = (layer: string, name: string): FileTensor | undefined => {
    const found = [...tensors.values()].filter((tensor) => {
      const parts = withoutCount(tensor.name).split('/');
      return parts[0] === layer && parts.at(-1) === name;
    });
    return found.length === 1 ? found[0] : undefined;
  };
  return (place, weights) => weights.map((names, at) => numbers(find(place, names, at)));
}

/** Those whose paths name most of the models around: inner layers of two models may be called the same. */
function nearest<Found extends { path: string }>(found: readonly Found[], outer: readonly string[]): Found[] {
  const named = ({ path }: Found): number =>
    outer.filter((model) => `/${path}`.includes(`/${model}/`)).length;
  const most = Math.max(...found.map(named));
  return found.filter((one) => named(one) === most);
}

const withoutCount = (path: string): string => path.replace(/^model_weights\//, '').replace(/:\d+$/, '');

const wrong = (file: string, layer: string, found: string): GraftError =>
  new GraftError(
    'weights-file',
    `Expected the weights of the layer ${layer} in ${file}, found ${found}. Save the whole model, with its weights.`,
  );

/** What Keras 3 calls a class in a file: `BatchNormalization` → `batch_normalization` (`to_snake_case` in naming.py). */
export const snakeCase = (className: string): string =>
  className
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
