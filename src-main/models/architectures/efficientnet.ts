import { NetworkBuilder, TORCHVISION } from '../builder.ts';
import type { Network, Variant } from '../network.ts';

interface BlockSettings {
  filters: number;
  repeats: number;
  kernel: number;
  /** Of the first repeat; the others have 1. */
  strides: number;
  expansion: number;
}

const BLOCKS: readonly BlockSettings[] = [
  { filters: 16, repeats: 1, kernel: 3, strides: 1, expansion: 1 },
  { filters: 24, repeats: 2, kernel: 3, strides: 2, expansion: 6 },
  { filters: 40, repeats: 2, kernel: 5, strides: 2, expansion: 6 },
  { filters: 80, repeats: 3, kernel: 3, strides: 2, expansion: 6 },
  { filters: 112, repeats: 3, kernel: 5, strides: 1, expansion: 6 },
  { filters: 192, repeats: 4, kernel: 5, strides: 2, expansion: 6 },
  { filters: 320, repeats: 1, kernel: 3, strides: 1, expansion: 6 },
];

/**
 * EfficientNet-B0 as in Keras (Tan and Le 2019), with Keras's layer names. Stages stem, block1 … block7, top (the
 * last 1×1 convolution) and head. Keras's first layers (a rescaling of 0 … 255 to 0 … 1, and a normalisation with the
 * statistics of ImageNet) are in the model card's preprocessing instead; the dropout of whole branches and of the
 * head, which act only in training and in Keras's own recipe, are left out. torchvision's, and timm's, differ in the padding
 * of strided convolutions and the epsilon.
 */
export function efficientnetB0(
  inputShape: readonly [number, number, number],
  classes: number,
  variant: Variant = 'keras',
): Network {
  const normalization = variant === 'keras' ? undefined : TORCHVISION;
  const b = new NetworkBuilder('efficientnet_b0', inputShape, 'stem', normalization, variant);
  b.padForStride('stem_conv_pad', 3);
  b.conv2d('stem_conv', 32, 3, { strides: 2, padding: 'valid' });
  b.normalize('stem_bn');
  b.activate('stem_activation', 'swish');
  let channels = 32;
  BLOCKS.forEach((settings, at) => {
    b.stage(`block${at + 1}`);
    for (let repeat = 0; repeat < settings.repeats; repeat++) {
      const base = `block${at + 1}${'abcd'[repeat]}_`;
      invertedResidual(b, base, channels, { ...settings, strides: repeat === 0 ? settings.strides : 1 });
      channels = settings.filters;
    }
  });
  b.stage('top');
  b.conv2d('top_conv', 1280, 1);
  b.normalize('top_bn');
  b.activate('top_activation', 'swish');
  b.head(classes);
  return b.build();
}

function invertedResidual(
  b: NetworkBuilder,
  base: string,
  channels: number,
  { filters, kernel, strides, expansion }: BlockSettings,
): void {
  const x = b.last;
  const wide = channels * expansion;
  if (expansion > 1) {
    b.conv2d(`${base}expand_conv`, wide, 1);
    b.normalize(`${base}expand_bn`);
    b.activate(`${base}expand_activation`, 'swish');
  }
  if (strides === 2) b.padForStride(`${base}dwconv_pad`, kernel);
  b.depthwiseConv2d(`${base}dwconv`, kernel, { strides, padding: strides === 2 ? 'valid' : 'same' });
  b.normalize(`${base}bn`);
  b.activate(`${base}activation`, 'swish');
  squeezeAndExcite(b, base, wide, Math.floor(channels / 4));
  b.conv2d(`${base}project_conv`, filters, 1);
  const y = b.normalize(`${base}project_bn`);
  if (strides === 1 && channels === filters) b.sum(`${base}add`, y, x);
}

/** Each channel times a number in 0 … 1 that its average over the image, and those of the others, decide (Hu et al. 2018). */
function squeezeAndExcite(b: NetworkBuilder, base: string, channels: number, squeezed: number): void {
  const x = b.last;
  b.add(`${base}se_squeeze`, { kind: 'globalAveragePooling2d', config: {} });
  b.add(`${base}se_reshape`, { kind: 'reshape', config: { shape: [1, 1, channels] } });
  b.conv2d(`${base}se_reduce`, squeezed, 1, { useBias: true });
  b.activate(`${base}se_reduce_activation`, 'swish');
  b.conv2d(`${base}se_expand`, channels, 1, { useBias: true });
  const excitation = b.activate(`${base}se_expand_activation`, 'sigmoid');
  b.add(`${base}se_excite`, { kind: 'multiply', config: {} }, [x, excitation]);
}
