import type { PreprocessingName } from '../../contract/weights.ts';
import { IMAGENET } from '../library.ts';
import { CAFFE, MINUS_ONE_TO_ONE, type Preprocessing } from '../preprocessing.ts';

const PREPROCESSINGS: Record<PreprocessingName, Preprocessing> = {
  torch: IMAGENET,
  tf: MINUS_ONE_TO_ONE,
  caffe: CAFFE,
  xrv: { scale: [2048], offset: [-1024] },
  unit: { scale: [1], offset: [0] },
  bytes: { scale: [255], offset: [0] },
};

/**
 * What images have to be, by its name among people, for a network of so many channels. A grey image stands for all channels at
 * once, so what is done to them is done to their mean.
 */
export function preprocessingOf(name: PreprocessingName, channels: number): Preprocessing {
  const { scale, offset, channelOrder } = PREPROCESSINGS[name];
  if (channels === 3) return { scale, offset, ...(channelOrder ? { channelOrder } : {}) };
  const mean = (values: readonly number[]): number[] => [
    values.reduce((sum, value) => sum + value, 0) / values.length,
  ];
  return { scale: mean(scale), offset: mean(offset) };
}
