import type { LayerKind, Network, ParameterSpec } from '../../network.ts';
import { parameterSpecs } from '../../network.ts';
import type { WeightFile } from '../weight-file.ts';
import type { Naming } from './naming.ts';

/**
 * Keras's names of a network's layers are Graft's own. Layers that Keras numbers by session (InceptionV3's `conv2d_94`)
 * are told by their order, the lowest number first; the files of Keras 3 number all of them.
 */
export function kerasNamings(network: Network, file: WeightFile): Naming[] {
  const plain: Naming = { source: 'Keras', separator: '/', layer: (name) => name, weights: weightNames };
  return [
    plain,
    ...(network.name === 'resnet50' ? [{ ...plain, ...RESNET_2018 }] : []),
    ...(network.name === 'inception_v3' ? [{ ...plain, layer: bySession(file) }] : []),
    numbered(network),
  ];
}

/** ResNet-50 of before 2019: `conv3_block2_1_conv` → `res3b_branch2a`, as in Caffe. */
const RESNET_2018: Pick<Naming, 'source' | 'variant' | 'layer'> = {
  source: 'Keras before 2019',
  variant: 'keras-2018',
  layer: (name) => {
    const [, stage, block, part, kind] = /^conv(\d)_block(\d)_(\d)_(conv|bn)$/.exec(name) ?? [];
    if (stage === undefined)
      return { conv1_conv: 'conv1', conv1_bn: 'bn_conv1', predictions: 'fc1000' }[name] ?? null;
    const branch = part === '0' ? '1' : `2${'abc'[Number(part) - 1]}`;
    return `${kind === 'conv' ? 'res' : 'bn'}${stage}${'abcdef'[Number(block) - 1]}_branch${branch}`;
  },
};

/** Keras 3 calls the filters of depthwise convolutions what it calls all others. */
const weightNames = ({ weight }: ParameterSpec): string[] =>
  weight === 'depthwise_kernel' ? ['depthwise_kernel', 'kernel'] : [weight];

function bySession(file: WeightFile): Naming['layer'] {
  const counted: Record<string, number[]> = {
    conv2d: numbers(file, 'conv2d'),
    batch_normalization: numbers(file, 'batch_normalization'),
  };
  return (name) => {
    const [, kind, number = '0'] = /^(conv2d|batch_normalization)(?:_(\d+))?$/.exec(name) ?? [];
    if (kind === undefined) return name;
    const found = counted[kind][Number(number)];
    return found === undefined ? null : found === 0 ? kind : `${kind}_${found}`;
  };
}

/** The numbers in the names of a kind of layer, ascending; 0 where there is none. */
function numbers(file: WeightFile, kind: string): number[] {
  const pattern = new RegExp(`(?:^|/)${kind}(?:_(\\d+))?/[^/]+$`);
  const found = new Set<number>();
  for (const name of file.tensors.keys()) {
    const match = pattern.exec(name);
    if (match) found.add(Number(match[1] ?? 0));
  }
  return [...found].sort((a, b) => a - b);
}

const CLASSES: Partial<Record<LayerKind, string>> = {
  conv2d: 'conv2d',
  depthwiseConv2d: 'depthwise_conv2d',
  batchNormalization: 'batch_normalization',
  dense: 'dense',
};

/** `layers/conv2d_3/vars/0`: the layer by its class and place in Keras's order, the weight by its place in the layer. */
function numbered(network: Network): Naming {
  const names = new Map<string, string>();
  const made = new Map<string, number>();
  for (const { name, kind } of kerasOrder(network)) {
    const layer = CLASSES[kind];
    if (layer === undefined) continue;
    const count = made.get(layer) ?? 0;
    made.set(layer, count + 1);
    names.set(name, `layers/${layer}${count === 0 ? '' : `_${count}`}`);
  }
  const places = new Map<string, string>();
  for (const [, specs] of Map.groupBy(parameterSpecs(network), ({ layer }) => layer))
    specs.forEach(({ name }, at) => places.set(name, `vars/${at}`));
  return {
    source: 'Keras 3, by number',
    separator: '/',
    layer: (name) => names.get(name) ?? null,
    weights: ({ name }) => [places.get(name)!],
  };
}

/**
 * Layers in the order in which Keras lists those of a functional model: by their distance from the output, and within that by
 * when a walk from the output back along the inputs first meets them (`map_graph` in keras/src/ops/function.py).
 */
function kerasOrder({ layers }: Network): Network['layers'] {
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  const distance = new Map<string, number>();
  for (const { name, inputs } of layers.toReversed())
    for (const input of inputs)
      distance.set(input, Math.max(distance.get(input) ?? 0, (distance.get(name) ?? 0) + 1));
  const met = new Map<string, number>();
  const walk = (name: string): void => {
    if (met.has(name)) return;
    met.set(name, met.size);
    byName.get(name)!.inputs.forEach(walk);
  };
  walk(layers[layers.length - 1].name);
  const place = ({ name }: { name: string }): number => met.get(name) ?? -1;
  return layers.toSorted(
    (a, b) => (distance.get(b.name) ?? 0) - (distance.get(a.name) ?? 0) || place(a) - place(b),
  );
}
