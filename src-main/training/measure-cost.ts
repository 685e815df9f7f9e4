import type { MeasuredCost, PhaseCost } from '../contract/cost.ts';
import type { Sample } from '../contract/dataset.ts';
import { GraftError } from '../contract/errors.ts';
import type { TrainingConfig } from '../contract/training.ts';
import { type Executor, openExecutor, sizeOf } from '../engine/index.ts';
import { type Model, modelCard, shippedWeights } from '../models/index.ts';
import { answerOf } from './answers.ts';
import type { PhaseInputs } from './batches.ts';
import type { ImageSource, TrainingDataset } from './data.ts';
import { FEATURE_BATCH } from './feature-cache.ts';
import { PhaseLoop } from './loop.ts';
import { objectiveFor } from './objective.ts';
import { type Phase, planPhases } from './phase.ts';
import { prefixProgram, suffixInputShape } from './programs.ts';
import type { RunContext } from './run-context.ts';
import { startingModel } from './starting-model.ts';

/** What is to be measured: a plan, how many classes there are, and what images are like. */
export interface CostTask {
  config: TrainingConfig;
  classes: number;
  /** Whether an image may show any number of them. */
  multiLabel: boolean;
  images: Pick<ImageSource, 'height' | 'width' | 'channels'>;
}

/** Runs that are timed, after one that warms up; fewer where they take longer than so many seconds together, but at least one. */
const ROUNDS = 5;
const PATIENCE = 6;
/** Moves weights by less than they can be told apart by, and yet makes the optimiser work. */
const RATE = 1e-12;

/**
 * Takes the time of what a training does again and again: the frozen layers on a batch, a training step of the plan's last phase,
 * validation; once as the plan says and once with the whole backbone frozen. Weights that Graft does not ship are drawn.
 *
 * @throws GraftError `cancelled`, and what `startingModel` and `planFreeze` throw
 */
export async function measureCost(
  task: CostTask,
  { signal, onProgress }: RunContext = {},
): Promise<Pick<MeasuredCost, 'headOnly' | 'planned'>> {
  const { config, images } = task;
  const dataset = drawnDataset(task);
  const model = startingModel(withWeights(config), dataset.classes, images, dataset.multiLabel);
  const planned = planPhases(config, model).at(-1)!;
  const alone = planPhases({ ...config, ...HEAD_ALONE }, model).at(-1)!;
  const transfers = config.initial !== 'random';
  const steps = transfers ? 2 : 1;
  const tell = (done: number): void =>
    onProgress?.({
      phase: 'Measuring training steps',
      done,
      total: steps,
      unit: 'plans',
      rate: 0,
      secondsLeft: null,
    });
  const measure = async (phase: Phase): Promise<PhaseCost> => {
    // One after the other, so that what the first has taken of the memory is given back.
    const executor = await openExecutor({
      engine: config.engine,
      ...(config.threads === null ? {} : { threads: config.threads }),
    });
    try {
      return await costOf(executor, model, phase, { config, dataset }, signal);
    } finally {
      await executor.dispose();
    }
  };
  tell(0);
  const headOnly = transfers ? await measure(alone) : null;
  tell(steps - 1);
  const same = headOnly !== null && planned.name === 'feature-extraction';
  return { headOnly, planned: same ? headOnly : await measure(planned) };
}

const HEAD_ALONE: Partial<TrainingConfig> = {
  freezePreset: 'feature-extraction',
  freezeUntil: null,
  trainableLayers: null,
  unfreeze: null,
};

/** One batch of images of all classes in turn. */
function drawnDataset({ config, classes, multiLabel }: CostTask): TrainingDataset {
  const names = Array.from({ length: classes }, (_, at) => `class ${at + 1}`);
  const train = Array.from({ length: config.batchSize }, (_, at): Sample => {
    const label = at % classes;
    return {
      cacheIndex: at,
      instanceId: at,
      frameIndex: 0,
      patientKey: '',
      ...(multiLabel ? { label: -1, findings: names.map((_, c) => (c === label ? 1 : 0)) } : { label }),
    };
  });
  return { classes: names, multiLabel, train, validation: [] };
}

/** The plan is that of pre-trained weights even where there are none to measure with. */
function withWeights(config: TrainingConfig): TrainingConfig {
  const { initial, modelName } = config;
  const shipped = initial !== 'pretrained' || shippedWeights(modelCard(modelName)) !== null;
  return shipped ? config : { ...config, initial: 'random' };
}

async function costOf(
  executor: Executor,
  model: Model,
  phase: Phase,
  { config, dataset }: { config: TrainingConfig; dataset: TrainingDataset },
  signal: AbortSignal | undefined,
): Promise<PhaseCost> {
  const { cut } = phase.plan;
  const frozenSeconds = cut === null ? 0 : await prefixSeconds(executor, model, cut, signal);
  const answers = dataset.train.map(answerOf);
  const loop = await PhaseLoop.open({
    executor,
    model,
    phase,
    config,
    inputs: drawnInputs(sizeOf(suffixInputShape({ ...model, cut }))),
    objective: objectiveFor(config, dataset),
    training: answers,
    validation: answers,
    starts: new Map(model.parameters.names.map((name) => [name, model.parameters.get(name).data])),
    ...(signal ? { signal } : {}),
  });
  try {
    const stepSeconds = await timed(signal, async () => {
      await loop.sweep([RATE], () => true);
    });
    const judgeSeconds = await timed(signal, async () => {
      await loop.validate(1);
    });
    return { frozenSeconds, stepSeconds, judgeSeconds: judgeSeconds / answers.length };
  } finally {
    await loop.dispose();
  }
}

async function prefixSeconds(
  executor: Executor,
  model: Model,
  cut: string,
  signal: AbortSignal | undefined,
): Promise<number> {
  const program = prefixProgram({ ...model, cut }, FEATURE_BATCH);
  const compiled = await executor.compile(program, model.parameters, { constants: 'all' });
  const x = new Float32Array(sizeOf(program.inputs.x.shape));
  draw(x, 0, x.length);
  try {
    return (await timed(signal, () => compiled.run({ x }))) / FEATURE_BATCH;
  } finally {
    await compiled.dispose();
  }
}

/** Between 0 and 1 as images are, and features roughly. */
function draw(into: Float32Array, offset: number, count: number): void {
  for (let i = 0; i < count; i++) into[offset + i] = 0.5 + 0.5 * Math.sin(i);
}

const drawnInputs = (size: number): PhaseInputs => ({
  readTraining: async ({ indexes }, into) => draw(into, 0, indexes.length * size),
  readValidation: (_, into, offset) => draw(into, offset, size),
  account: { bytes: 0, seconds: 0 },
  close: async () => {},
});

/** Median seconds of some runs. */
async function timed(signal: AbortSignal | undefined, work: () => Promise<unknown>): Promise<number> {
  const seconds: number[] = [];
  const begin = performance.now();
  for (let round = 0; round <= ROUNDS; round++) {
    if (signal?.aborted) throw GraftError.cancelled('The measurement');
    const start = performance.now();
    await work();
    const end = performance.now();
    if (round > 0) seconds.push((end - start) / 1000);
    if (round > 0 && end - begin > 1000 * PATIENCE) break;
  }
  seconds.sort((a, b) => a - b);
  return seconds[seconds.length >> 1];
}
