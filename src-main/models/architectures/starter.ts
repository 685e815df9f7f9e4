import { NetworkBuilder } from '../builder.ts';
import type { Network } from '../network.ts';
import { basicBlock } from './resnet.ts';

const FILTERS = [48, 96, 160, 224];
const BLOCKS = 2;

/**
 * The network that Graft ships pre-trained: a residual network small enough for a laptop's CPU, made for images
 * around 128². Stages stem (to a quarter of the resolution), stage1 … stage4 and head. 2.9 million weights, 6 MB in half
 * precision; one of twice as many transferred no better.
 */
export function starter(inputShape: readonly [number, number, number], classes: number): Network {
  const b = new NetworkBuilder('starter', inputShape, 'stem', { epsilon: 1e-5, momentum: 0.95 });
  b.conv2d('stem_conv', 32, 3, { strides: 2 });
  b.normalize('stem_bn');
  b.activate('stem_relu');
  b.maxPool('stem_pool', 3, 2, 'same');
  FILTERS.forEach((filters, at) => {
    b.stage(`stage${at + 1}`);
    for (let block = 1; block <= BLOCKS; block++) {
      const strides = at > 0 && block === 1 ? 2 : 1;
      basicBlock(b, `stage${at + 1}_block${block}`, filters, strides, { project: block === 1 });
    }
  });
  b.head(classes);
  return b.build();
}
