import type { Preprocessing } from '../contract/dataset.ts';
import { decodeFrame, pixelHash } from '../dicom/index.ts';
import { serveTasks } from '../platform/worker-pool.ts';
import { prepareFrame } from './preprocess.ts';

export interface PrepareTask {
  path: string;
  frameIndex: number;
  preprocessing: Preprocessing;
  storedChannels: 1 | 3;
  pixelAspect: number;
}

export interface PreparedFrame {
  /** SHA-256 of the stored values, see `pixelHash`. */
  hash: string;
  tensor: Uint16Array;
}

// One decoding serves both: what duplicates are found by, and what training is fed.
serveTasks<PrepareTask, PreparedFrame>(async (task) => {
  const frame = await decodeFrame(task.path, task.frameIndex);
  return {
    hash: pixelHash(frame),
    tensor: prepareFrame(frame, task.preprocessing, task.storedChannels, task.pixelAspect),
  };
});
