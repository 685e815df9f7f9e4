import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { ContactSheet, Reporting, TrainOptions, TrainReport } from '../../../app/index.ts';
import type { PreprocessingInput } from '../../../contract/dataset.ts';
import type { PlanInput } from '../../../contract/calls/plans.ts';
import { GraftError } from '../../../contract/errors.ts';
import { approaches, type Approach } from '../../../contract/run.ts';
import {
  freezePresets,
  headOutputs,
  headPoolings,
  headStages,
  monitors,
  schedules,
  type FreezePreset,
  type Monitor,
  type TrainingConfig,
  type TrainingSettings,
} from '../../../contract/training.ts';
import { projectFolder, type CliContext } from '../context.ts';
import { examples, PROJECT } from '../help.ts';
import { decimal, tableFile, wholeNumber, window } from '../options.ts';
import { findingsText } from '../findings-text.ts';
import { runTable } from '../run-table.ts';
import { sweepText } from '../sweep-text.ts';
import {
  addAugmentationOptions,
  augmentationSettings,
  type AugmentationFlags,
} from './augmentation-options.ts';
import { addSplitOptions, splitChoice, type SplitFlags } from './split-options.ts';

export interface TrainFlags extends SplitFlags, AugmentationFlags {
  project?: string;
  resume?: number;
  plan?: string;
  printPlan?: boolean;
  folds?: number;
  fromSweep?: number;
  trial?: number;
  findRate?: boolean;
  previewAugmentation?: string;
  curve?: string;
  model?: string;
  weights?: string;
  freezeUntil?: string;
  freeze?: FreezePreset;
  epochs?: number;
  headEpochs?: number;
  batchSize?: number;
  learningRate?: number;
  headLearningRate?: number;
  dropout?: number;
  weightDecay?: number;
  optimizer?: TrainingConfig['optimizer']['kind'];
  schedule?: TrainingConfig['schedule'];
  pooling?: TrainingConfig['head']['pooling'];
  headStages?: TrainingConfig['head']['stages'];
  output?: TrainingConfig['head']['output'];
  accumulate?: number;
  balanced?: boolean;
  mixup?: number;
  cutmix?: number;
  focal?: number;
  l2sp?: number;
  ema?: number;
  testVersions?: number;
  patience?: number;
  monitor?: Monitor;
  seed?: number;
  engine?: 'compiled' | 'tensorflow' | 'reference';
  threads?: number;
  size?: number;
  values?: 'voi' | 'percentile' | 'full-range';
  window?: { center: number; width: number };
  resize?: 'letterbox' | 'stretch' | 'crop';
  only?: Approach[];
}

export function trainCommand(program: Command, context: CliContext): void {
  const command = program
    .command('train')
    .summary('fine-tune a pre-trained model, with its baselines')
    .description(
      'Trains a pre-trained network on your images: its early stages stay frozen, a new head learns first, then the ' +
        'later stages join at a lower rate. On the same split it also trains what that must be compared with: the ' +
        'majority class, a probe on the network as it came, and the same network from random weights. Each epoch is ' +
        'kept: a training that was stopped, by Ctrl-C or by a power cut, goes on with --resume and ends the same.',
    )
    .option(...PROJECT)
    .option('--resume <run>', 'go on with an interrupted run and those beside it', wholeNumber(1))
    .option('--split <id>', 'a split made before (default: the one made last, or a new one)', wholeNumber(1));
  command
    .option('--plan <file>', 'a plan in YAML or JSON; flags win over it')
    .option('--from-sweep <id>', 'the plan of the best trial of a sweep; flags win over it', wholeNumber(1))
    .option('--trial <n>', 'another trial of that sweep', wholeNumber(1))
    .option('--folds <k>', 'an ensemble: one model a fold, of which the mean answers', wholeNumber(2))
    .option('--find-rate', 'try learning rates from 1e-7 to 1 on this plan, propose one, and train nothing')
    .addOption(
      new Option('--curve <file>', 'the same, with the loss at each rate as a .csv or .json file')
        .argParser(tableFile)
        .implies({ findRate: true }),
    )
    .option(
      '--preview-augmentation <file.png>',
      'write a sheet of training images, each beside versions of it, and train nothing',
      pngPath,
    )
    .option('--print-plan', 'print the plan that these flags mean, with every default, and train nothing');
  addPlanOptions(command);
  command
    .addOption(new Option('--only <approaches...>', 'train only these (default: all)').choices(approaches))
    .action((flags: TrainFlags) => train(flags, context));
  examples(
    command,
    ['train -p brain', 'everything at its default'],
    ['train -p brain --freeze-until stage3 --epochs 20', 'graft models lists the stages'],
    ['train -p two --dataset "Hospital A" --evaluate-on "Hospital B"', 'train at one hospital, test at both'],
    ['train -p brain --augmentation mr --rotate 20', 'what suits MR, turned further'],
    ['train -p brain --preview-augmentation sheet.png', 'how that looks on your images'],
    ['train -p skin --flip both --elastic 0.03 --erase 0.1', 'stronger augmentation'],
    ['train -p brain --only fine-tuned --seed 8', 'one approach, another seed'],
    ['train -p chest --output sigmoid', 'two classes by one number'],
    ['train -p brain --plan plan.yaml --seed 8', 'a plan from a file; the seed from here'],
    ['train --model starter --mixup 0.2 --print-plan > plan.yaml', 'the file that these flags mean'],
    ['train -p brain --freeze full --find-rate', 'which rate this plan wants'],
    ['train -p brain --freeze full --curve rates.csv', 'and the curve'],
    ['train -p brain --folds 5', 'an ensemble of five, with a cross-validated estimate'],
    ['train -p brain --from-sweep 2', 'the best plan that a sweep found'],
    ['train -p brain --resume 4', 'go on after a stop'],
  );
}

/** Every control of a plan. */
export function addPlanOptions(command: Command): void {
  addSplitOptions(command);
  addModelOptions(command);
  addLearningOptions(command);
  addAugmentationOptions(command);
  addImageOptions(command);
  command
    .addOption(
      new Option('--engine <name>', 'what runs the training (default: compiled)').choices([
        'compiled',
        'tensorflow',
        'reference',
      ]),
    )
    .option('--threads <n>', 'threads of the CPU (default: all cores)', wholeNumber(1));
}

function addModelOptions(command: Command): void {
  command
    .option('--model <name>', 'network to start from; graft models lists them (default: starter)')
    .option('--weights <name>', 'pretrained, random, or the folder of a saved model (default: pretrained)')
    .option('--freeze-until <stage>', 'this stage and all before it stay as they are')
    .addOption(
      new Option('--freeze <preset>', 'instead of a stage (default: last-stage learns)').choices(
        freezePresets,
      ),
    )
    .option('--epochs <n>', 'all epochs, those of the head alone included (default: 20)', wholeNumber(1))
    .option('--head-epochs <n>', 'epochs in which only the head learns (default: 5)', wholeNumber(0))
    .option('--batch-size <n>', 'images in one step (default: 16)', wholeNumber(1))
    .option('--learning-rate <r>', 'of fine-tuning (default: 0.0003)', decimal(0, 10))
    .option('--head-learning-rate <r>', 'of the head while it learns alone (default: 0.003)', decimal(0, 10))
    .option('--dropout <share>', 'features silenced before the head (default: 0.3)', decimal(0, 0.99))
    .option('--weight-decay <w>', '(default: 0.01)', decimal(0, 1))
    .addOption(new Option('--optimizer <name>', '(default: adamw)').choices(['adamw', 'adam', 'sgd']))
    .addOption(new Option('--schedule <name>', 'of the learning rate (default: cosine)').choices(schedules))
    .addOption(new Option('--pooling <name>', 'of the head (default: average)').choices(headPoolings))
    .addOption(
      new Option(
        '--head-stages <which>',
        'stages whose features the head reads, "--pooling deviation --head-stages all" as the probe does (default: last)',
      ).choices(headStages),
    )
    .addOption(
      new Option(
        '--output <name>',
        'softmax: one class of several; sigmoid: one number for two classes, or one for each finding (default: auto)',
      ).choices(headOutputs),
    )
    .option(
      '--patience <n>',
      'epochs without a better value before a phase ends (default: 6)',
      wholeNumber(1),
    )
    .addOption(new Option('--monitor <value>', 'what better means (default: val_loss)').choices(monitors))
    .option('--seed <n>', 'of every random draw in training (default: 7)', wholeNumber(0));
}

/** Each is off unless it is asked for. */
function addLearningOptions(command: Command): void {
  command
    .option('--accumulate <n>', 'batches whose gradients make one step (default: 1)', wholeNumber(1))
    .option('--balanced', 'draw each class equally often')
    .option('--mixup <alpha>', 'blend pairs of images and their labels', decimal(0, 10))
    .option('--cutmix <alpha>', 'paste a piece of one image into another', decimal(0, 10))
    .option('--focal <gamma>', 'focal loss: what is right already counts less', decimal(0, 10))
    .option('--l2sp <strength>', 'pull the backbone towards its pre-trained weights', decimal(0, 10))
    .option('--test-versions <n>', 'altered versions judged beside each image at evaluation', wholeNumber(0))
    .option('--ema <decay>', 'validate and keep a running mean of the weights', decimal(0, 0.9999));
}

function addImageOptions(command: Command): void {
  command
    .option('--size <pixels>', "side of the images (default: the model's own)", wholeNumber(16))
    .addOption(
      new Option(
        '--values <range>',
        'what becomes black and white (default: voi, the window of the file)',
      ).choices(['voi', 'percentile', 'full-range']),
    )
    .option('--window <centre/width>', 'one window for all images, such as -600/1500', window)
    .addOption(
      new Option('--resize <way>', '(default: letterbox, nothing is cut off)').choices([
        'letterbox',
        'stretch',
        'crop',
      ]),
    );
}

async function train(flags: TrainFlags, context: CliContext): Promise<void> {
  const { app, note, print } = context;
  const project = projectFolder(flags.project);
  const reporting: Reporting = { signal: context.signal(), onProgress: context.onProgress };
  let resumable = flags.resume;
  const begin: Pick<TrainOptions, 'onStart' | 'onWarnings' | 'onAugmentation'> = {
    onStart: ({ runs, split }) => {
      resumable = runs[0].id;
      const names = runs.map(({ id, approach }) => `${id} ${approach}`).join(', ');
      note(`Split ${split.id}, runs ${names}.`);
    },
    onWarnings: (warnings) => warnings.forEach(({ message }) => note(`Note: ${message}`)),
    onAugmentation: ({ preset, explanation, warnings }) => {
      note(`Augmentation ${preset}: ${explanation.join(' ')}`);
      for (const { text, advice } of warnings) note(`Warning: ${text} ${advice}`);
    },
  };
  const given = trainOptions(flags, startingPlan(flags, context));
  const { folds } = flags;
  const options = folds === undefined ? given : { ...given, settings: { ...given.settings, folds } };
  if (flags.previewAugmentation !== undefined) {
    const { previewAugmentation: path } = flags;
    return print(sheetText(await app.previewAugmentation(project, options, path, reporting.signal)));
  }
  if (flags.findRate) {
    const found = await app.findLearningRate(project, options, reporting);
    if (flags.curve !== undefined) app.writeCurve(resolve(flags.curve), found);
    return print(sweepText(found.sweep));
  }
  if (flags.printPlan) return print(app.planText(options, project).trimEnd());
  try {
    const report =
      flags.resume === undefined
        ? await app.trainModel(project, { ...options, ...begin }, reporting)
        : await app.resumeTraining(project, flags.resume, reporting);
    print(reportText(report));
  } catch (thrown) {
    if (resumable === undefined) throw thrown;
    throw withHint(
      GraftError.from(thrown),
      `graft train --resume ${resumable} -p ${flags.project ?? project}`,
    );
  }
}

/** What flags are laid over: a plan from a file, or the one that a sweep found. */
function startingPlan({ plan, fromSweep, trial, project }: TrainFlags, { app }: CliContext): PlanInput {
  if (fromSweep === undefined) {
    if (trial !== undefined)
      throw new GraftError('usage', 'Expected --from-sweep beside --trial, found no sweep. Name it.');
    return plan === undefined ? {} : app.readPlanFile(plan);
  }
  if (plan !== undefined) {
    throw new GraftError('usage', 'Expected a plan from a file or from a sweep, found both. Leave one out.');
  }
  return app.planFromSweep(projectFolder(project), fromSweep, trial) as PlanInput;
}

const sheetText = ({ path, images, versions, told }: ContactSheet): string =>
  [
    `${path}: ${images} training images, each with ${versions} versions of it, as this plan would draw them.`,
    `Augmentation ${told.preset}: ${told.explanation.join(' ')}`,
    ...told.warnings.map(({ text, advice }) => `Warning: ${text} ${advice}`),
  ].join('\n');

function pngPath(text: string): string {
  if (text.toLowerCase().endsWith('.png')) return resolve(text);
  throw new InvalidArgumentError('Expected the path of a PNG file, such as sheet.png.');
}

/** A stop is no loss: what to type to go on stands in the message. */
export function withHint(error: GraftError, command: string): GraftError {
  const resumable = error.kind === 'cancelled' || error.code === 'worker-died';
  if (!resumable) return error;
  const { code, kind, cause } = error;
  return new GraftError(code, `${error.message} Go on with: ${command}`, { kind, cause });
}

const reportText = ({ runs, findings }: TrainReport): string =>
  [
    runTable(runs.map((run) => ({ run }))),
    '',
    ...findingsText(runs.map((run) => ({ run, findings: findings.get(run.id) ?? [] }))),
    'The test set is still closed. Next: graft evaluate opens it, graft report writes the report.',
  ].join('\n');

/** What flags mean, on top of a plan. */
export function trainOptions(flags: TrainFlags, plan: PlanInput = {}): TrainOptions {
  const { splitId, options } = plan.split ?? {};
  const approaches = flags.only ?? plan.approaches;
  const { augmentation, ...rest } = plan.settings ?? {};
  // Whoever names a preset wants it in place of what the plan says of augmentation.
  const below = flags.augmentation || !augmentation ? rest : { ...rest, augmentation };
  return {
    split: over(
      { ...(splitId === undefined || splitId === null ? {} : { splitId }), ...(options ? { options } : {}) },
      splitChoice(flags),
    ),
    settings: over(below, settingsOf(flags)),
    preprocessing: over(plan.preprocessing ?? {}, preprocessingOf(flags)),
    ...(approaches ? { approaches } : {}),
  };
}

/** One thing laid over another, part by part; a part that says nothing covers nothing. */
function over<T extends object>(below: T, above: T): T {
  const laid = { ...below } as Record<string, unknown>;
  for (const [name, value] of Object.entries(above)) {
    const under = laid[name];
    if (!isPlain(value)) laid[name] = value;
    else if (Object.keys(value).length > 0) laid[name] = isPlain(under) ? over(under, value) : value;
  }
  return laid as T;
}

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function settingsOf(flags: TrainFlags): TrainingSettings {
  const { model, weights, freeze, patience, monitor, optimizer, dropout } = flags;
  return defined({
    modelName: model,
    initial: weights === undefined ? undefined : initialWeights(weights),
    freezeUntil: flags.freezeUntil,
    freezePreset: freeze,
    epochs: flags.epochs,
    headEpochs: flags.headEpochs,
    batchSize: flags.batchSize,
    learningRate: flags.learningRate,
    headLearningRate: flags.headLearningRate,
    weightDecay: flags.weightDecay,
    seed: flags.seed,
    engine: flags.engine,
    threads: flags.threads,
    workers: flags.workers,
    head: defined({ dropout, pooling: flags.pooling, stages: flags.headStages, output: flags.output }),
    schedule: flags.schedule,
    accumulate: flags.accumulate,
    balancedSampling: flags.balanced,
    mixup: flags.mixup,
    cutmix: flags.cutmix,
    focalGamma: flags.focal,
    l2sp: flags.l2sp,
    ema: flags.ema,
    testVersions: flags.testVersions,
    optimizer: optimizer === undefined ? undefined : { kind: optimizer },
    earlyStopping: defined({ patience, monitor }),
    augmentation: augmentationSettings(flags),
  });
}

function initialWeights(text: string): string {
  if (text === 'pretrained' || text === 'random') return text;
  const folder = resolve(text);
  if (existsSync(folder)) return folder;
  throw new GraftError(
    'usage',
    `Expected pretrained, random, or the folder of a saved model for --weights; there is no folder ${folder}.`,
  );
}

function preprocessingOf({ size, values, window: fixed, resize }: TrainFlags): Partial<PreprocessingInput> {
  const intensity = fixed ? { kind: 'window' as const, ...fixed } : values && { kind: values };
  return defined({ height: size, width: size, intensity, resize });
}

/** Without the keys that were not given, so that defaults take their place. */
function defined<T extends object>(values: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
