import { NetworkBuilder, TORCHVISION } from '../builder.ts';
import type { Network, Variant } from '../network.ts';

/** Blocks of the stages conv2 … conv5. */
const BLOCKS = [6, 12, 24, 16];
const GROWTH = 32;

/**
 * DenseNet-121 as in Keras (Huang et al. 2017), with Keras's layer names. Stages conv1 (the stem) … conv5, each of
 * conv2 … conv4 with the transition that halves its channels and resolution, and head. Normalisation comes before
 * each convolution; each block adds 32 channels to what all blocks before it made. torchvision's differs in the epsilon.
 */
export function densenet121(
  inputShape: readonly [number, number, number],
  classes: number,
  variant: Variant = 'keras',
): Network {
  const normalization = variant === 'keras' ? { epsilon: 1.001e-5, momentum: 0.99 } : TORCHVISION;
  const b = new NetworkBuilder('densenet121', inputShape, 'conv1', normalization, variant);
  b.pad('zero_padding2d', [3, 3, 3, 3]);
  b.conv2d('conv1_conv', 64, 7, { strides: 2, padding: 'valid' });
  b.normalize('conv1_bn');
  b.activate('conv1_relu');
  b.pad('zero_padding2d_1', [1, 1, 1, 1]);
  b.maxPool('pool1', 3, 2, 'valid');
  let channels = 64;
  BLOCKS.forEach((blocks, at) => {
    const stage = `conv${at + 2}`;
    b.stage(stage);
    for (let block = 1; block <= blocks; block++) denseBlock(b, `${stage}_block${block}`);
    channels += blocks * GROWTH;
    if (at < BLOCKS.length - 1) {
      channels /= 2;
      transition(b, `pool${at + 2}`, channels);
    }
  });
  b.normalize('bn');
  b.activate('relu');
  b.head(classes);
  return b.build();
}

function denseBlock(b: NetworkBuilder, base: string): void {
  const x = b.last;
  b.normalize(`${base}_0_bn`);
  b.activate(`${base}_0_relu`);
  b.conv2d(`${base}_1_conv`, 4 * GROWTH, 1, { padding: 'valid' });
  b.normalize(`${base}_1_bn`);
  b.activate(`${base}_1_relu`);
  const added = b.conv2d(`${base}_2_conv`, GROWTH, 3);
  b.concatenate(`${base}_concat`, [x, added]);
}

function transition(b: NetworkBuilder, base: string, channels: number): void {
  b.normalize(`${base}_bn`);
  b.activate(`${base}_relu`);
  b.conv2d(`${base}_conv`, channels, 1, { padding: 'valid' });
  b.averagePool(`${base}_pool`, 2, 2, 'valid');
}
