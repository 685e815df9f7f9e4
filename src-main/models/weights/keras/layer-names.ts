import type { FileTensor } from '../weight-file.ts';

/** Keras 1 on Theano called weights so. */
const OLD_NAMES: Record<string, string> = {
  W: 'kernel',
  b: 'bias',
  running_mean: 'moving_mean',
  running_std: 'moving_variance',
  running_var: 'moving_variance',
};

/**
 * Arrays by layer and weight. Files of Keras 1 and 2 repeat the layer's name in each weight's (`model_weights/conv1/conv1/kernel:0`,
 * nested models in between): the last two parts say what is needed, and where two arrays would get the same name, each keeps all
 * of its own. Those of Keras 3 keep numbers for names, and stay as they are.
 */
export function layerNames(arrays: ReadonlyMap<string, FileTensor>): ReadonlyMap<string, FileTensor> {
  const named = [...arrays].map(([path, tensor]) => ({ path, tensor, short: shortName(path) }));
  const taken = new Map<string, number>();
  for (const { short } of named) taken.set(short, (taken.get(short) ?? 0) + 1);
  return new Map(
    named.map(({ path, tensor, short }) => {
      const name = taken.get(short) === 1 ? short : withoutCount(path);
      return [name, tensor];
    }),
  );
}

const withoutCount = (path: string): string => path.replace(/^model_weights\//, '').replace(/:\d+$/, '');

function shortName(path: string): string {
  const parts = withoutCount(path).split('/');
  // `layers/conv2d_3/vars/0`
  if (parts.at(-2) === 'vars') return parts.join('/');
  const [last, weight] = parts.slice(-2);
  if (weight === undefined) return last;
  // Until Keras 3 two layers of DenseNet had a slash in their names.
  const layer = parts.at(-3) === 'conv1' && /^(conv|bn)$/.test(last) ? `conv1_${last}` : last;
  // `block1_conv1/block1_conv1_W_1`, of Keras 1: the layer's name, the weight's, a count.
  const old = weight.startsWith(`${layer}_`) ? weight.slice(layer.length + 1).replace(/_\d+$/, '') : weight;
  return `${layer}/${Object.hasOwn(OLD_NAMES, old) ? OLD_NAMES[old] : old}`;
}
