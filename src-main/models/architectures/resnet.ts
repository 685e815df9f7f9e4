import { NetworkBuilder, TORCHVISION } from '../builder.ts';
import type { Network, Variant } from '../network.ts';

/** Residual blocks of each of the stages conv2 … conv5. */
type Depths = readonly [number, number, number, number];

const NORMALIZATION = { epsilon: 1.001e-5, momentum: 0.99 };
const NORMALIZATIONS = {
  keras: NORMALIZATION,
  'keras-2018': { ...NORMALIZATION, epsilon: 1e-3 },
  torchvision: TORCHVISION,
};

/**
 * ResNet of bottleneck blocks as in Keras (`keras.applications.ResNet50`, version 1: the stride in the first 1×1
 * convolution, biases in all), after He et al. 2016. Stages conv1 … conv5 and head; layer names are Keras's. torchvision's has
 * the stride in the 3×3 convolution ("version 1.5") and no biases; Keras's of before 2019 has another epsilon.
 */
function bottleneckResnet(
  name: string,
  inputShape: readonly [number, number, number],
  classes: number,
  depths: Depths,
  variant: Variant,
): Network {
  const useBias = variant !== 'torchvision';
  const b = new NetworkBuilder(name, inputShape, 'conv1', NORMALIZATIONS[variant], variant);
  stem(b, useBias);
  depths.forEach((blocks, at) => {
    const stage = `conv${at + 2}`;
    const filters = 64 << at;
    b.stage(stage);
    for (let block = 1; block <= blocks; block++) {
      const base = `${stage}_block${block}`;
      const strides = at > 0 && block === 1 ? 2 : 1;
      const x = b.last;
      let shortcut = x;
      if (block === 1) {
        b.conv2d(`${base}_0_conv`, filters * 4, 1, { strides, padding: 'valid', useBias }, x);
        shortcut = b.normalize(`${base}_0_bn`);
      }
      const first = variant === 'torchvision' ? 1 : strides;
      b.conv2d(`${base}_1_conv`, filters, 1, { strides: first, padding: 'valid', useBias }, x);
      b.normalize(`${base}_1_bn`);
      b.activate(`${base}_1_relu`);
      const second = strides / first;
      if (second > 1) b.padForStride(`${base}_2_pad`, 3);
      b.conv2d(`${base}_2_conv`, filters, 3, {
        strides: second,
        padding: second > 1 ? 'valid' : 'same',
        useBias,
      });
      b.normalize(`${base}_2_bn`);
      b.activate(`${base}_2_relu`);
      b.conv2d(`${base}_3_conv`, filters * 4, 1, { padding: 'valid', useBias });
      const y = b.normalize(`${base}_3_bn`);
      b.sum(`${base}_add`, shortcut, y);
      b.activate(`${base}_out`);
    }
  });
  b.head(classes);
  return b.build();
}

/**
 * ResNet of basic blocks (two 3×3 convolutions, stride in the first) as in torchvision (`resnet18`, `resnet34`), after
 * He et al. 2016. Keras has none of these; layers are called as Keras calls those of ResNet-50, so that runs and freeze
 * plans made before, and the freeze maps of all ResNets, speak of the same layers. `torchvisionLayer` translates.
 */
function basicResnet(
  name: string,
  inputShape: readonly [number, number, number],
  classes: number,
  depths: Depths,
): Network {
  const b = new NetworkBuilder(name, inputShape, 'conv1', TORCHVISION);
  stem(b, false);
  depths.forEach((blocks, at) => {
    b.stage(`conv${at + 2}`);
    for (let block = 1; block <= blocks; block++) {
      const strides = at > 0 && block === 1 ? 2 : 1;
      basicBlock(b, `conv${at + 2}_block${block}`, 64 << at, strides, {
        project: strides > 1,
        padBefore: strides > 1,
      });
    }
  });
  b.head(classes);
  return b.build();
}

/**
 * Two 3×3 convolutions and a shortcut. `project` puts a 1×1 convolution in the shortcut, needed when the block
 * changes the number of channels or the resolution. `padBefore` puts one pixel on all sides before the first
 * convolution, as torchvision does, where `same` at stride 2 puts it below and to the right alone.
 */
export function basicBlock(
  b: NetworkBuilder,
  base: string,
  filters: number,
  strides: number,
  { project, padBefore = false }: { project: boolean; padBefore?: boolean },
): void {
  const x = b.last;
  let shortcut = x;
  if (project) {
    b.conv2d(`${base}_0_conv`, filters, 1, { strides, padding: 'valid' }, x);
    shortcut = b.normalize(`${base}_0_bn`);
  }
  const from = padBefore ? b.pad(`${base}_1_pad`, [1, 1, 1, 1], x) : x;
  b.conv2d(`${base}_1_conv`, filters, 3, { strides, padding: padBefore ? 'valid' : 'same' }, from);
  b.normalize(`${base}_1_bn`);
  b.activate(`${base}_1_relu`);
  b.conv2d(`${base}_2_conv`, filters, 3);
  const y = b.normalize(`${base}_2_bn`);
  b.sum(`${base}_add`, shortcut, y);
  b.activate(`${base}_out`);
}

/** What torchvision calls a layer of ResNet-18 or -34: `conv3_block1_0_bn` → `layer2.0.downsample.1`. */
export function torchvisionLayer(name: string): string {
  const [, stage, block, part, kind] = /^conv(\d)_block(\d+)_(\d)_(conv|bn)$/.exec(name) ?? [];
  if (stage === undefined) return { conv1_conv: 'conv1', conv1_bn: 'bn1', predictions: 'fc' }[name] ?? name;
  const inBlock = part === '0' ? `downsample.${kind === 'conv' ? 0 : 1}` : `${kind}${part}`;
  return `layer${Number(stage) - 1}.${Number(block) - 1}.${inBlock}`;
}

function stem(b: NetworkBuilder, useBias: boolean): void {
  b.pad('conv1_pad', [3, 3, 3, 3]);
  b.conv2d('conv1_conv', 64, 7, { strides: 2, padding: 'valid', useBias });
  b.normalize('conv1_bn');
  b.activate('conv1_relu');
  b.pad('pool1_pad', [1, 1, 1, 1]);
  b.maxPool('pool1_pool', 3, 2, 'valid');
}

export const resnet18 = (inputShape: readonly [number, number, number], classes: number): Network =>
  basicResnet('resnet18', inputShape, classes, [2, 2, 2, 2]);

export const resnet34 = (inputShape: readonly [number, number, number], classes: number): Network =>
  basicResnet('resnet34', inputShape, classes, [3, 4, 6, 3]);

export const resnet50 = (
  inputShape: readonly [number, number, number],
  classes: number,
  variant: Variant = 'keras',
): Network => bottleneckResnet('resnet50', inputShape, classes, [3, 4, 6, 3], variant);
