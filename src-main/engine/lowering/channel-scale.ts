import type { GraphNode } from '../graph/node.ts';
import { finishBlocked } from './convolution.ts';
import { lowerElementwise } from './elementwise.ts';
import type { Emitter } from './emitter.ts';
import { channelScale, type Fusion } from './fusion.ts';

/**
 * An image times one number for each channel, with the bias, sum and activation that go with it (BatchNorm before a convolution, and its
 * gradient). Of blocked images a depthwise 1×1 convolution does all of it in one parallel pass, where a product that is spread over
 * the image goes block by block and each further step is a pass of its own; others are done step by step.
 */
export function lowerChannelScale(e: Emitter, node: GraphNode, fusion: Fusion): void {
  const { image, scale } = channelScale(fusion.convolution)!;
  if (e.native(image) !== 'blocked') return fusion.chain.forEach((step) => lowerElementwise(e, step));
  const channels = node.shape[3];
  const weights = e.reshape(e.value(scale), [channels, 1, 1, 1]);
  finishBlocked(e, node, fusion, e.value(image, 'blocked'), weights, {
    kernel_shape: [1, 1],
    group: channels,
  });
}
