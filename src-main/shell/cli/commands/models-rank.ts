import { type Command, Option } from 'commander';
import {
  emptyHScore,
  gainSentence,
  type RankedModel,
  type RankingFeedback,
  type StoredRanking,
} from '../../../contract/ranking.ts';
import { freezePresets, type FreezePreset } from '../../../contract/training.ts';
import { projectFolder, type CliContext } from '../context.ts';
import { examples, PROJECT } from '../help.ts';
import { wholeNumber } from '../options.ts';
import { table } from '../table.ts';
import { addSplitOptions, splitChoice, type SplitFlags } from './split-options.ts';

interface RankFlags extends SplitFlags {
  project?: string;
  models?: string[];
  random?: boolean;
  images?: number;
  size?: number;
  seed?: number;
  cost: boolean;
  freeze?: FreezePreset;
  batchSize?: number;
  last?: boolean;
  json?: boolean;
}

export function rankCommand(models: Command, context: CliContext): void {
  const command = models
    .command('rank')
    .summary('rank models by what their features say of your own images, and say what each would cost')
    .description(
      'Runs each model at hand over labelled images of training and validation, as it came, and judges its features: a linear probe and ' +
        'nearest neighbours, whole patients apart, with 95 % intervals (by accuracy; of findings, of which an image may show several, by the ' +
        'mean area under their ROC curves); LogME and H-score beside them. The test set stays closed. ' +
        'A hint for where to begin: the order of fine-tuned models can be another. Features are kept, and a training finds them. ' +
        'Then a few training steps of each are run on this machine, to say what an epoch would take and how much memory.',
    )
    .option(...PROJECT)
    .option('--models <names...>', 'of the library, or added (default: all with weights)')
    .option('--random', 'the same networks from random weights too: what transfer has to beat')
    .option('--images <n>', 'at the most, of whole patients (default: 600)', wholeNumber(10))
    .option('--size <pixels>', 'side of the images for all of them (default: 128)', wholeNumber(16))
    .option('--seed <n>', 'of folds and draws (default: 7)', wholeNumber(0))
    .option('--no-cost', 'measure no training steps')
    .addOption(
      new Option('--freeze <preset>', 'what would learn, for the cost (default: last-stage)').choices(
        freezePresets,
      ),
    )
    .option('--batch-size <n>', 'images in one step, for the cost (default: 16)', wholeNumber(1))
    .option('--last', 'show the last ranking again, with what trainings since say of it')
    .option('--json', 'as JSON');
  addSplitOptions(command);
  command.action((flags: RankFlags) => rank(flags, context));
  examples(
    command,
    ['models rank -p brain', 'all models with weights'],
    ['models rank -p brain --random', 'and what random weights would say'],
    ['models rank -p brain --freeze full --batch-size 8', 'what it would cost to train everything'],
    ['models rank -p brain --last', 'how far the order held'],
  );
}

async function rank(flags: RankFlags, { app, print, ...context }: CliContext): Promise<void> {
  const { models: names, random, images, size, seed, freeze, batchSize } = flags;
  const project = projectFolder(flags.project);
  if (!flags.last) {
    await app.rankModels(
      project,
      {
        split: splitChoice(flags),
        costs: flags.cost,
        settings: {
          ...(freeze ? { freezePreset: freeze } : {}),
          ...(batchSize === undefined ? {} : { batchSize }),
        },
        ...(names ? { models: names } : {}),
        ...(random ? { random } : {}),
        ...(images === undefined ? {} : { images }),
        ...(seed === undefined ? {} : { seed }),
        ...(size === undefined ? {} : { preprocessing: { height: size, width: size } }),
      },
      { signal: context.signal(), onProgress: context.onProgress },
    );
  }
  const stored = app.lastRanking(project);
  if (flags.json) return print(JSON.stringify(stored, null, 2));
  print(stored ? rankingText(stored) : 'No ranking yet: graft models rank makes one.');
}

const seconds = (value: number): string =>
  value < 0.05
    ? '< 0.1 s'
    : value < 9.95
      ? `${value.toFixed(1)} s`
      : value < 600
        ? `${value.toFixed(0)} s`
        : `${(value / 60).toFixed(0)} min`;

const share = ({ value, low, high }: RankedModel['probe']): string =>
  `${value.toFixed(3)} (${low.toFixed(3)}–${high.toFixed(3)})`;

function rankingText({ ranking, feedback, rankedAt }: StoredRanking): string {
  const { models, skipped, withoutWeights, images, patients, size } = ranking;
  const rows = models.map((one) => [
    one.name,
    share(one.probe),
    share(one.neighbours),
    Number(one.logMe.toFixed(3)),
    Number(one.hScore.toFixed(2)),
    one.cost?.headOnly
      ? `${seconds(one.cost.headOnly.onceSeconds)}, then ${seconds(one.cost.headOnly.epochSeconds)}`
      : '–',
    one.cost ? seconds(one.cost.planned.epochSeconds) : '–',
    one.cost ? `${(one.cost.memoryBytes / 1e9).toFixed(1)} GB` : '–',
    Number((one.parameters / 1e6).toFixed(1)),
    Number((one.multiplyAdds / 1e9).toFixed(2)),
  ]);
  const head = [
    'model',
    'probe',
    'neighbours',
    'LogME',
    'H-score',
    'head alone: once, an epoch',
    'fine-tuning: an epoch',
    'memory',
    'weights (M)',
    'multiply-adds (G)',
  ];
  const lines = [
    table(head, rows),
    '',
    `${rankedAt.slice(0, 10)}, on ${images} images of ${patients} patients at ${size} pixels, of training and validation; the test set stays closed. Sorted by the`,
    'probe: a hint for where to begin, and no promise of the order after fine-tuning. Where intervals overlap, these images do not tell models apart.',
    ...(ranking.gains ?? []).map((gain) => gainSentence(gain, (name) => name)),
    ...(models[0]?.measure === 'area'
      ? [
          'An image may show several findings: probe and neighbours are judged by the area under the ROC curve (0.5 is guessing), mean over findings.',
        ]
      : []),
    ...[emptyHScore(models)].filter((text) => text !== null),
    ...costText(models),
    ...feedbackText(feedback),
    ...(withoutWeights.length > 0
      ? [`Without weights, and so not ranked: ${withoutWeights.join(', ')}.`]
      : []),
    ...skipped.map(({ name, reason }) => `Not ranked: ${name}. ${reason}`),
  ];
  return lines.join('\n');
}

function costText(models: readonly RankedModel[]): string[] {
  const cost = models.find((one) => one.cost)?.cost;
  return [
    ...(cost
      ? [
          `Seconds and memory: measured on this machine on ${cost.measuredAt.slice(0, 10)} in steps of ${cost.batch} images of ${cost.width} × ${cost.height}, and reckoned for`,
          `${cost.images} training images; decoding is not in it. Random weights: all layers learn.`,
        ]
      : []),
    ...models.flatMap(({ name, costReason }) =>
      costReason === null ? [] : [`Not measured: ${name}. ${costReason}`],
    ),
  ];
}

function feedbackText({ models, kendall }: RankingFeedback): string[] {
  if (models === 0) return [];
  return [
    kendall === null
      ? `${models} of these models ${models === 1 ? 'was' : 'were'} trained on this split so far; how far the order held is said from three on.`
      : `${models} of these models were trained on this split: their order by validation F1 agrees with the probe's by Kendall's τ ${kendall.toFixed(2)} (1: the same order, 0: none, −1: the opposite).`,
  ];
}
