import { serveTasks } from '../platform/worker-pool.ts';
import { decodeFrame } from './decode/decode-frame.ts';
import { pixelHash } from './pixel-hash.ts';
import type { DecodeResult, DecodeTask } from './types.ts';
import { displayValues } from './values.ts';

serveTasks<DecodeTask, DecodeResult>(async (task) => {
  const frame = await decodeFrame(task.path, task.frameIndex ?? 0);
  const { rows, columns, samplesPerPixel } = frame;
  const stored = task.stored ?? (!task.display && !task.hash);
  return {
    ...(stored ? { stored: frame } : {}),
    ...(task.display
      ? { display: { rows, columns, samplesPerPixel, values: displayValues(frame, task.display) } }
      : {}),
    ...(task.hash ? { hash: pixelHash(frame) } : {}),
  };
});
