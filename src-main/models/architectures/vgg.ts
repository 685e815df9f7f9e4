import { NetworkBuilder } from '../builder.ts';
import type { Network } from '../network.ts';

const FILTERS = [64, 128, 256, 512, 512];

/**
 * VGG as in Keras (Simonyan and Zisserman 2015), with Keras's layer names; the ReLU that Keras keeps inside a
 * convolution is a layer of its own. Stages block1 … block5, each with the pool that ends it, and head. The backbone
 * ends where Keras's does with `include_top=False`: the head is pooled and dense as everywhere in Graft, and the two
 * dense layers of 4,096 units before the classes, 120 of the paper's 138 million parameters, are left out.
 */
function vgg(
  name: string,
  inputShape: readonly [number, number, number],
  classes: number,
  convolutions: readonly number[],
): Network {
  const b = new NetworkBuilder(name, inputShape, 'block1');
  convolutions.forEach((count, at) => {
    const block = `block${at + 1}`;
    b.stage(block);
    for (let i = 1; i <= count; i++) {
      b.conv2d(`${block}_conv${i}`, FILTERS[at], 3, { useBias: true });
      b.activate(`${block}_conv${i}_relu`);
    }
    b.maxPool(`${block}_pool`, 2, 2, 'valid');
  });
  b.head(classes);
  return b.build();
}

export const vgg16 = (inputShape: readonly [number, number, number], classes: number): Network =>
  vgg('vgg16', inputShape, classes, [2, 2, 3, 3, 3]);

export const vgg19 = (inputShape: readonly [number, number, number], classes: number): Network =>
  vgg('vgg19', inputShape, classes, [2, 2, 4, 4, 4]);
