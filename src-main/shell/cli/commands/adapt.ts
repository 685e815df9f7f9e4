import { type Command, InvalidArgumentError, Option } from 'commander';
import type { AdaptOptions, AdaptReport } from '../../../app/index.ts';
import {
  adaptationMethodFacts,
  adaptationMethods,
  adaptationNormalizations,
  adaptationSchedules,
  type AdaptationSettings,
  adaptationStarts,
} from '../../../contract/adaptation.ts';
import {
  type AdaptationName,
  nameOfAdaptation,
  sourceFreeNames,
  stagesOf,
} from '../../../contract/adaptation-stages.ts';
import { GraftError } from '../../../contract/errors.ts';
import type { InstanceFilter } from '../../../contract/instances.ts';
import { projectFolder, type CliContext } from '../context.ts';
import { examples, PROJECT } from '../help.ts';
import { condition, decimal, wholeNumber } from '../options.ts';
import { runTable } from '../run-table.ts';
import { adaptJudgeCommands } from './adapt-judge.ts';

interface AdaptFlags {
  project?: string;
  run?: number;
  model?: string;
  source?: InstanceFilter;
  target?: InstanceFilter;
  share?: number;
  method?: (AdaptationName | 'all')[];
  strength?: number;
  schedule?: AdaptationSettings['schedule'];
  start?: AdaptationSettings['start'];
  epochs?: number;
  batchSize?: number;
  keep?: AdaptationSettings['keep'];
  normalization?: AdaptationSettings['normalization'];
  discriminator?: number;
  randomFeatures?: number;
  bandwidths?: number[];
  temperature?: number;
  window?: number;
  believed?: { first: number; last: number };
  pseudoLabels?: number;
  resume?: number;
  json?: boolean;
}

const METHODS = adaptationMethods
  .map((method) => {
    const { title, paper, sourceFree, summary } = adaptationMethodFacts[method];
    return `  ${method.padEnd(14)} ${title} (${paper})${sourceFree ? ', without the source’s images' : ''}. ${summary}`;
  })
  .join('\n');

const COMBINING =
  'Joined by +: histogram or fourier first, so that the method learns from images in the look of the target; adabn next, so that it goes on from ' +
  'the finished model with averages of the target; at the end one that learns: adabn+self-training, histogram+mcc, histogram+adabn+dan.';

export function adaptCommand(program: Command, context: CliContext): void {
  const command = program
    .command('adapt')
    .summary('make a model fit images of another scanner, hospital or protocol, without their labels')
    .description(
      'Adapts a finished, fine-tuned run to a target: images of another dataset, or with another value of a DICOM attribute. Labels of the ' +
        'target are not looked at, and patients of the locked test set stay out of it. What comes of it is a training of its own: the model as ' +
        'it was, and one run for each method, to be evaluated, reported and exported like any other. With --model it is a model that was trained ' +
        'in another project, whose images may not leave it: only the model travels, and no image of the source is needed here.',
    )
    .option(...PROJECT)
    .option(
      '--run <n>',
      'the run to adapt (default: the newest that was trained); with --model: which run of a capsule',
      wholeNumber(1),
    )
    .option(
      '--model <path>',
      'a model of another project: a folder of graft export --format graft, or a study capsule; kept by its hash, not its path',
    )
    .option(
      '--source <domain>',
      'labelled training images to learn from: a dataset, or attribute=value; may be repeated (default: all of the run’s split)',
      domain,
    )
    .option(
      '--target <domain>',
      'images to adapt to: a dataset, or attribute=value such as Manufacturer=GE, KVP=120; may be repeated',
      domain,
    )
    .option(
      '--share <share>',
      'share of the target’s patients that is learned from; the others stay unseen (default: 1)',
      decimal(0.01, 1),
    )
    .option(
      '--method <name>',
      'how, or several joined by +, such as adabn+self-training; may be repeated; all: each one, one after the other (default: dann; with --model: adabn, shot and adabn+shot)',
      method,
    )
    .option(
      '--strength <weight>',
      'of the method beside the labels; of histogram and adabn how far they go, 0 to 1 (default: the method’s own)',
      decimal(0, 10_000),
    )
    .addOption(
      new Option(
        '--schedule <name>',
        'whether that comes at once or grows (default: the method’s own)',
      ).choices(adaptationSchedules),
    )
    .addOption(
      new Option(
        '--start <from>',
        'recipe: as the adapted run began; model: from its finished weights (default: the method’s own)',
      ).choices(adaptationStarts),
    )
    .option('--epochs <n>', 'default: as the adapted run', wholeNumber(1))
    .option('--batch-size <n>', 'target images of a step (default: as many as labelled ones)', wholeNumber(2))
    .addOption(
      new Option(
        '--keep <which>',
        'last: the last epoch’s weights; source: the best on the source’s validation images (default: last)',
      ).choices(['last', 'source']),
    )
    .addOption(
      new Option(
        '--normalization <how>',
        'BatchNorm on the statistics of each domain by itself, or of both together (default: by-domain)',
      ).choices(adaptationNormalizations),
    )
    .option(
      '--discriminator <width>',
      'DANN, CDAN: width of the domain classifier (default: 256)',
      wholeNumber(4),
    )
    .option(
      '--random-features <n>',
      'CDAN: above so many products of features and classes random projections stand for them (default: 1024)',
      wholeNumber(16),
    )
    .option('--bandwidths <list>', 'DAN: kernels, as factors of the mean distance, such as 0.5,1,2', numbers)
    .option('--temperature <t>', 'MCC: what logits are divided by (default: 2)', decimal(0.01, 100))
    .option(
      '--window <share>',
      'Fourier: half of the window of low frequencies, as a share of the side (default: 0.02)',
      decimal(0, 0.25),
    )
    .option(
      '--believed <shares>',
      'self-training: share of each class that is believed at first and at last (default: 0.1/0.5)',
      shares,
    )
    .option('--pseudo-labels <weight>', 'SHOT: weight of its pseudo-labels (default: 0.3)', decimal(0, 100))
    .option('--resume <run>', 'go on with an adaptation that was stopped', wholeNumber(1))
    .option('--json', 'the runs as JSON')
    .addHelpText('after', `\nMethods:\n${METHODS}\n\n${COMBINING}`)
    .action((flags: AdaptFlags) => adapt(flags, context));
  adaptJudgeCommands(command, context);
  examples(
    command,
    ['adapt -p two --target "Hospital B"', 'the newest run, by DANN, to the other hospital'],
    ['adapt -p two --source "Hospital A" --target "Hospital B" --method all', 'all methods, side by side'],
    ['adapt -p ct --target Manufacturer=GE --target KVP=100 --method shot', 'only the model travels'],
    [
      'adapt -p two --target "Hospital B" --method histogram+mcc --method mcc',
      'is it better with images matched before?',
    ],
    ['adapt -p b --model from-a --target "Hospital B"', 'a model of another hospital; its images stay there'],
    ['evaluate -p two', 'measure the model as it was and the adapted ones on the split’s sets'],
  );
}

async function adapt(flags: AdaptFlags, context: CliContext): Promise<void> {
  const { app, note, print } = context;
  const project = projectFolder(flags.project);
  const reporting = { signal: context.signal(), onProgress: context.onProgress };
  let resumable = flags.resume;
  try {
    if (flags.resume !== undefined) {
      const { runs } = await app.resumeTraining(project, flags.resume, reporting);
      return print(flags.json ? JSON.stringify(runs, null, 2) : runTable(runs.map((run) => ({ run }))));
    }
    const onStart: AdaptOptions['onStart'] = ({ source, runs, facts, warnings, refused }) => {
      resumable = runs.at(-1)!.id;
      const of = ({ images, patients }: { images: number; patients: number }): string =>
        `${images} images of ${patients} patients`;
      note(
        facts.source.images === 0
          ? `Run ${source.id} (${source.config.modelName}) came from another project; the model alone is adapted to ${of(facts.target)}.`
          : `Run ${source.id} (${source.config.modelName}) is adapted from ${of(facts.source)} with labels to ${of(facts.target)} without.`,
      );
      for (const warning of warnings) note(`Note: ${warning}`);
      for (const [reason, left] of Map.groupBy(refused, (one) => one.reason))
        note(`Left out: ${left.map((one) => one.method).join(', ')}. ${reason}`);
    };
    const report = await app.adapt(project, { ...adaptOptions(flags), onStart }, reporting);
    print(flags.json ? JSON.stringify(report, null, 2) : reportText(report, flags.project));
  } catch (thrown) {
    const error = GraftError.from(thrown);
    const stopped = error.kind === 'cancelled' || error.code === 'worker-died';
    if (resumable === undefined || !stopped) throw error;
    const { code, kind, cause } = error;
    const how = `graft adapt --resume ${resumable} -p ${flags.project ?? project}`;
    throw new GraftError(code, `${error.message} Go on with: ${how}`, { kind, cause });
  }
}

/** What flags mean; what is left out takes its default. */
export function adaptOptions(flags: AdaptFlags): AdaptOptions {
  if (flags.target === undefined) {
    throw new GraftError(
      'usage',
      'Expected a target to adapt to, found none. Name a dataset or an attribute: --target "Hospital B", --target Manufacturer=GE.',
    );
  }
  const asked: readonly (AdaptationName | 'all')[] =
    flags.method ?? (flags.model === undefined ? ['dann'] : sourceFreeNames);
  const { strength, schedule, start, epochs, batchSize, keep, normalization } = flags;
  const { discriminator, randomFeatures, bandwidths, temperature, window, believed, pseudoLabels } = flags;
  return {
    ...given({ runId: flags.run, modelPath: flags.model }),
    domains: { target: flags.target, ...given({ source: flags.source, share: flags.share }) },
    methods: asked.includes('all')
      ? [...new Set([...adaptationMethods, ...asked.filter((name) => name !== 'all')])]
      : [...new Set(asked as AdaptationName[])],
    settings: given({
      strength,
      schedule,
      start,
      epochs,
      batchSize,
      keep,
      normalization,
      discriminator,
      randomFeatures,
      bandwidths,
      temperature,
      window,
      believed,
      pseudoLabels,
    }),
  };
}

/** Without what is undefined. */
const given = <T extends object>(fields: { [Name in keyof T]?: T[Name] | undefined }): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;

function reportText({ runs, facts }: AdaptReport, project: string | undefined): string {
  const where = project === undefined ? '' : ` -p ${project}`;
  const failed = runs.filter(({ error }) => error !== null);
  return [
    runTable(runs.map((run) => ({ run }))),
    ...failed.map(({ id, error }) => `Run ${id} failed: ${error!.message}`),
    facts.source.images === 0
      ? `No image of the source is here. Whether it helped: graft adapt judge${where}; with labelled images: graft evaluate${where} --run ${runs[0].id}`
      : `The figures are those of the source’s validation images. Whether it helped on the target: graft evaluate${where} --run ${runs[0].id}`,
  ].join('\n');
}

/** A dataset’s name, or `attribute=value`: of one attribute either value, of several all. */
function domain(text: string, before: InstanceFilter = {}): InstanceFilter {
  return condition(/^[A-Za-z]+=/.test(text) ? text : `source=${text}`, before);
}

function method(text: string, before: (AdaptationName | 'all')[] = []): (AdaptationName | 'all')[] {
  if (text === 'all') return [...before, text];
  try {
    return [...before, nameOfAdaptation(stagesOf(text))];
  } catch (thrown) {
    throw new InvalidArgumentError(GraftError.from(thrown).message);
  }
}

function numbers(text: string): number[] {
  const values = text.split(',').map(Number);
  if (values.every((value) => value > 0)) return values;
  throw new InvalidArgumentError('Expected numbers above 0, separated by commas, such as 0.5,1,2.');
}

function shares(text: string): { first: number; last: number } {
  const [first, last, ...rest] = text.split('/').map(Number);
  const fits = [first, last].every((value) => value > 0 && value <= 1);
  if (fits && rest.length === 0) return { first, last };
  throw new InvalidArgumentError('Expected two shares up to 1, such as 0.1/0.5.');
}
