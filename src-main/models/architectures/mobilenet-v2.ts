import { NetworkBuilder, TORCHVISION } from '../builder.ts';
import type { Network, Variant } from '../network.ts';

/** Filters, stride and stage of each inverted residual block, for width 1. */
const BLOCKS: readonly { filters: number; strides: number; stage: string }[] = [
  { filters: 24, strides: 2, stage: 'stage2' },
  { filters: 24, strides: 1, stage: 'stage2' },
  { filters: 32, strides: 2, stage: 'stage3' },
  { filters: 32, strides: 1, stage: 'stage3' },
  { filters: 32, strides: 1, stage: 'stage3' },
  { filters: 64, strides: 2, stage: 'stage4' },
  { filters: 64, strides: 1, stage: 'stage4' },
  { filters: 64, strides: 1, stage: 'stage4' },
  { filters: 64, strides: 1, stage: 'stage4' },
  { filters: 96, strides: 1, stage: 'stage5' },
  { filters: 96, strides: 1, stage: 'stage5' },
  { filters: 96, strides: 1, stage: 'stage5' },
  { filters: 160, strides: 2, stage: 'stage6' },
  { filters: 160, strides: 1, stage: 'stage6' },
  { filters: 160, strides: 1, stage: 'stage6' },
  { filters: 320, strides: 1, stage: 'stage7' },
];
const EXPANSION = 6;

/**
 * MobileNetV2 of width 1 as in Keras (Sandler et al. 2018), with Keras's layer names. Stages stage1 (the stem and
 * the first block) … stage7 by resolution and width, top (the last 1×1 convolution), head. torchvision's, and timm's,
 * differ in the padding of strided convolutions and the epsilon.
 */
export function mobilenetV2(
  inputShape: readonly [number, number, number],
  classes: number,
  variant: Variant = 'keras',
): Network {
  const keras = variant === 'keras';
  const normalization = keras ? { epsilon: 1e-3, momentum: 0.999 } : TORCHVISION;
  const b = new NetworkBuilder('mobilenet_v2', inputShape, 'stage1', normalization, variant);
  if (!keras) b.padForStride('Conv1_pad', 3);
  b.conv2d('Conv1', 32, 3, { strides: 2, padding: keras ? 'same' : 'valid' });
  b.normalize('bn_Conv1');
  b.activate('Conv1_relu', 'relu6');
  b.depthwiseConv2d('expanded_conv_depthwise', 3);
  b.normalize('expanded_conv_depthwise_BN');
  b.activate('expanded_conv_depthwise_relu', 'relu6');
  b.conv2d('expanded_conv_project', 16, 1);
  b.normalize('expanded_conv_project_BN');
  let channels = 16;
  BLOCKS.forEach(({ filters, strides, stage }, at) => {
    b.stage(stage);
    const base = `block_${at + 1}`;
    const x = b.last;
    b.conv2d(`${base}_expand`, channels * EXPANSION, 1, {}, x);
    b.normalize(`${base}_expand_BN`);
    b.activate(`${base}_expand_relu`, 'relu6');
    if (strides === 2) b.padForStride(`${base}_pad`, 3);
    b.depthwiseConv2d(`${base}_depthwise`, 3, { strides, padding: strides === 2 ? 'valid' : 'same' });
    b.normalize(`${base}_depthwise_BN`);
    b.activate(`${base}_depthwise_relu`, 'relu6');
    b.conv2d(`${base}_project`, filters, 1);
    const y = b.normalize(`${base}_project_BN`);
    if (strides === 1 && channels === filters) b.sum(`${base}_add`, x, y);
    channels = filters;
  });
  b.stage('top');
  b.conv2d('Conv_1', 1280, 1);
  b.normalize('Conv_1_bn');
  b.activate('out_relu', 'relu6');
  b.head(classes, { poolName: 'global_average_pooling2d' });
  return b.build();
}
