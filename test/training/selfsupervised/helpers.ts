import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type SelfSupervisionConfig,
  selfSupervisionSchema,
  type SelfSupervisionSettings,
} from '../../../src-main/contract/self-supervision.ts';
import type { SelfSupervisionTask } from '../../../src-main/training/index.ts';
import { sample, stripes, tinyModelFolder } from '../helpers.ts';

export const unlabelled = (own: SelfSupervisionSettings): SelfSupervisionConfig =>
  selfSupervisionSchema.parse({
    batchSize: 8,
    epochs: 3,
    projection: 16,
    threads: 1,
    learningRate: 3e-3,
    ...own,
  });

/** A pre-training of the tiny network on 26 images of stripes, in a folder of its own. */
export const unlabelledTask = (own: SelfSupervisionSettings = {}): SelfSupervisionTask => ({
  config: unlabelled({ initial: tinyModelFolder(), ...own }),
  images: stripes,
  samples: Array.from({ length: 26 }, (_, at) => sample(at)),
  folder: mkdtempSync(join(tmpdir(), 'graft-unlabelled-')),
});
