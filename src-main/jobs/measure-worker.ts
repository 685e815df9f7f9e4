import { openExecutor, type Program } from '../engine/index.ts';
import {
  inferenceProgram,
  initialiseParameters,
  MINUS_ONE_TO_ONE,
  modelCard,
  withHead,
} from '../models/index.ts';
import type { WorkerContext } from './protocol.ts';
import { serveWorker } from './serve-worker.ts';

export interface MeasureTask {
  modelName: string;
  /** Side of the images. */
  size: number;
}

export interface Measured {
  imagesPerSecond: number;
}

const BATCH = 8;
const ROUNDS = 5;

/** Runs a model of the library, its weights drawn, on a batch of nothing in particular: speed does not depend on them. */
async function measure(
  { modelName, size }: MeasureTask,
  { onProgress, signal }: WorkerContext<never>,
): Promise<Measured> {
  const card = modelCard(modelName);
  const network = withHead(card.architecture([size, size, card.channels], 2), 2, { dropout: 0, hidden: [] });
  const parameters = initialiseParameters(network, 1);
  const model = {
    network,
    parameters,
    classes: ['one', 'other'],
    preprocessing: MINUS_ONE_TO_ONE,
    imageChannels: card.channels as 1 | 3,
    metadata: {},
  };
  const executor = await openExecutor({});
  try {
    const program: Program = inferenceProgram(model, BATCH);
    const compiled = await executor.compile(program, parameters, { constants: 'all' });
    const [name] = Object.keys(program.inputs);
    const image = new Float32Array(BATCH * size * size * card.channels).fill(0.5);
    const seconds: number[] = [];
    for (let round = 0; round <= ROUNDS && !signal.aborted; round++) {
      const start = performance.now();
      await compiled.run({ [name]: image });
      seconds.push((performance.now() - start) / 1000);
      onProgress({
        phase: `Measuring ${card.title}`,
        done: round,
        total: ROUNDS,
        unit: 'rounds',
        rate: 0,
        secondsLeft: null,
      });
    }
    // The first round warms up.
    const sorted = seconds.slice(1).sort((a, b) => a - b);
    return { imagesPerSecond: BATCH / sorted[sorted.length >> 1] };
  } finally {
    await executor.dispose();
  }
}

serveWorker(measure);
