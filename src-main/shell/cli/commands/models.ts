import { basename, dirname, extname, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { Lineage } from '../../../contract/self-supervision.ts';
import { preprocessingNames, type WeightOptions, type WeightReport } from '../../../contract/weights.ts';
import { projectFolder, type CliContext } from '../context.ts';
import { examples, PROJECT } from '../help.ts';
import { table } from '../table.ts';
import { rankCommand } from './models-rank.ts';

interface WeightFlags {
  as?: string;
  preprocessing?: WeightOptions['preprocessing'];
  oneChannel?: boolean;
  ownGraph?: boolean;
  json?: boolean;
}

interface AddFlags extends WeightFlags {
  project?: string;
  title?: string;
  source?: string;
  sourceTask?: string;
  licence?: string;
}

export function modelsCommand(program: Command, context: CliContext): void {
  const command = program
    .command('models')
    .summary('list models to start from, add weights, and list exported ones')
    .description(
      'Lists the networks to start from, with their stages for --freeze-until, weights that were added to the project, ' +
        'and the exported models. `graft models add` brings weights of your own.',
    )
    .option(...PROJECT)
    .option('--json', 'as JSON')
    // What stands behind a sub-command is that one's.
    .enablePositionalOptions()
    .action((options: { project?: string; json?: boolean }) => list(options, context));
  examples(
    command,
    ['models', 'what there is to start from'],
    ['models -p brain', 'and what was added and exported'],
    ['models inspect resnet50.pth', 'which network a weights file is of'],
  );
  rankCommand(command, context);
  inspectCommand(command, context);
  addCommand(command, context);
}

function list(options: { project?: string; json?: boolean }, context: CliContext): void {
  const models = context.app.listModels(projectFolder(options.project));
  if (options.json) return context.print(JSON.stringify(models, null, 2));
  context.print(
    table(
      ['model', 'size', 'weights (M)', 'multiply-adds (G)', 'pre-trained', 'stages'],
      models.library.map((one) => [
        one.name,
        one.inputSize,
        Number((one.parameters / 1e6).toFixed(1)),
        Number((one.multiplyAdds / 1e9).toFixed(2)),
        one.pretrained ? 'yes' : 'no',
        one.stages.join(' '),
      ]),
    ),
  );
  if (models.added.length > 0) {
    const rows = models.added.map((one) => [
      one.id,
      one.title,
      one.modelName,
      one.licence,
      one.source || '–',
      one.lineage ? lineageText(one.lineage) : (one.report?.format ?? 'Graft'),
    ]);
    context.print(`\n${table(['added', 'title', 'network', 'licence', 'from', 'format'], rows)}`);
  }
  for (const { id, title, images, startedAt } of models.unfinished)
    context.print(
      `\nUnfinished: pre-training ${id}, ${title}, ${images} images, begun ${startedAt}. Go on: graft pretrain --resume ${id}`,
    );
  if (models.exported.length === 0) return;
  const rows = models.exported.map((one) => [
    one.path,
    one.runId,
    Number((one.bytes / 1e6).toFixed(1)),
    one.largestDifference.toExponential(1),
    one.exportedAt,
  ]);
  context.print(`\n${table(['exported', 'run', 'MB', 'largest difference', 'when'], rows)}`);
}

/** "SimCLR (Chen et al. 2020) from starter, 20.0 times over 737 images" */
const lineageText = ({ methodTitle, parent, epochs, images }: Lineage): string =>
  `${methodTitle} from ${parent.name}, ${epochs.toFixed(1)} times over ${images} images`;

function inspectCommand(models: Command, context: CliContext): void {
  const command = models
    .command('inspect <file>')
    .summary('say which network a weights file is of, and what of it fits')
    .description(
      'Reads weights of PyTorch (.pth, .pt), Keras (.h5, .weights.h5, .keras), TensorFlow.js (model.json or its folder) or safetensors, ' +
        'of any origin, without executing anything in them, and says which network of the library they are of; or a network of ONNX, ' +
        'which comes as the file describes it, in stages that can be frozen. Nothing is kept.',
    )
    .option('--json', 'as JSON');
  addWeightOptions(command).action(async (file: string, flags: WeightFlags) => {
    const report = await context.app.inspectWeights(file, optionsOf(flags), { signal: context.signal() });
    context.print(flags.json ? JSON.stringify(report, null, 2) : reportText(report));
  });
  examples(
    command,
    ['models inspect resnet50.pth', ''],
    ['models inspect mobilenet/model.json', 'of TensorFlow.js, with its shards beside it'],
    ['models inspect convnext_tiny.onnx', 'a network of its own, with the stages that it is cut into'],
    ['models inspect model.keras --json', 'for scripts'],
  );
}

function addCommand(models: Command, context: CliContext): void {
  const command = models
    .command('add <file>')
    .summary('bring weights of your own into a project')
    .description(
      'Reads a weights file as `graft models inspect` does and keeps it in the project as a model to start from, with where it comes ' +
        'from, its licence and its checksum: reports print all of them. Or copies the folder of a model that Graft saved.',
    )
    .option(...PROJECT)
    .option('--title <text>', 'what it is called from now on (default: the name of the file)')
    .option('--source <text>', 'where it comes from: an address, a paper')
    .option('--source-task <text>', 'what it was trained for: "ImageNet, 1,000 classes"')
    .option('--licence <text>', 'licence of the weights (default: not stated)')
    .option('--json', 'as JSON');
  addWeightOptions(command).action(async (file: string, flags: AddFlags) => {
    const added = await context.app.addModel(
      projectFolder(flags.project),
      {
        path: file,
        title: flags.title ?? titleOf(file),
        source: flags.source ?? '',
        sourceTask: flags.sourceTask ?? '',
        licence: flags.licence ?? '',
        options: optionsOf(flags),
      },
      { signal: context.signal() },
    );
    if (flags.json) return context.print(JSON.stringify(added, null, 2));
    if (added.report) context.print(reportText(added.report));
    context.print(`\nAdded as ${added.id}. Start from it: graft train --model ${added.id}`);
  });
  examples(
    command,
    ['models add resnet50.pth -p brain --licence BSD-3-Clause --source torchvision', ''],
    ['models add radimagenet.h5 -p brain --one-channel', 'for grey images'],
    ['train -p brain --model resnet50-1a2b3c4d', 'start from what was added'],
  );
}

function addWeightOptions(command: Command): Command {
  return command
    .option('--as <network>', 'the network that it is of (default: found by names and shapes)')
    .addOption(
      new Option(
        '--preprocessing <name>',
        'what images have to be for it (default: what such weights usually want)',
      ).choices(preprocessingNames),
    )
    .option('--one-channel', 'sum the first convolution over its channels, for grey images')
    .option('--own-graph', 'take the network that the file describes (ONNX) even where the library has it');
}

function optionsOf({ as, preprocessing, oneChannel, ownGraph }: WeightFlags): Partial<WeightOptions> {
  return {
    ...(as === undefined ? {} : { architecture: as }),
    ...(preprocessing === undefined ? {} : { preprocessing }),
    oneChannel: oneChannel ?? false,
    ownGraph: ownGraph ?? false,
  };
}

/** `model.json` is called so in all models of TensorFlow.js: its folder tells them apart. */
function titleOf(file: string): string {
  const name = basename(file) === 'model.json' ? basename(dirname(resolve(file))) : basename(file);
  return basename(name, extname(name)) || name;
}

/** What was made of a file, for people. */
function reportText(report: WeightReport): string {
  const { unmatched, adapted } = report;
  const shown = unmatched.slice(0, 6).join(', ');
  const lines = [
    ['file', report.format],
    ...networkText(report),
    ...adapted.map(({ name, how }) => ['changed', `${name}: ${how}`]),
    ...(unmatched.length > 0
      ? [['not used', `${unmatched.length}: ${shown}${unmatched.length > 6 ? ' …' : ''}`]]
      : []),
    [
      'last layer',
      report.classes === null ? 'none that fits; a new head is made anyway' : `${report.classes} classes`,
    ],
    [
      'input',
      `${report.inputSize} × ${report.inputSize}${report.graph?.fixedSize ? ' and no other size' : ''}, ${report.channels === 1 ? '1 channel' : `${report.channels} channels`}`,
    ],
    [
      'images prepared as',
      `${report.preprocessing}${report.preprocessingGiven ? '' : ', which such weights usually want; say otherwise with --preprocessing'}`,
    ],
  ];
  return lines.map(([what, text]) => `${what.padEnd(20)}${text}`).join('\n');
}

function networkText(report: WeightReport): string[][] {
  const { graph, parameters, title, architecture } = report;
  const millions = `${(parameters / 1e6).toFixed(1)} million weights`;
  if (graph) {
    return [
      ['network', `${title}, its own graph: ${graph.source}`],
      ['', `${graph.nodes} nodes, ${graph.layers} layers that can be frozen, ${millions}`],
      ['stages', graph.stages.join(' ')],
    ];
  }
  return [
    ['network', `${title} (${architecture}), names of ${report.naming}`],
    ['arrays used', `${report.matched} of ${report.arrays}, ${millions}`],
  ];
}
