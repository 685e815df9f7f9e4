import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Reporting, SweepOptions } from '../../../app/index.ts';
import { GraftError } from '../../../contract/errors.ts';
import {
  strategies,
  type FieldValue,
  type SweepInput,
  type SweepReport,
  type SweepStrategy,
} from '../../../contract/sweep.ts';
import { monitors, type Monitor } from '../../../contract/training.ts';
import { projectFolder, type CliContext } from '../context.ts';
import { examples, PROJECT } from '../help.ts';
import { wholeNumber } from '../options.ts';
import { SWEEP_LINE, sweepLine, sweepTable } from '../sweep-table.ts';
import { table } from '../table.ts';
import { resumable } from './resumable.ts';
import { addPlanOptions, trainOptions, type TrainFlags } from './train.ts';

type Space = SweepInput['space'];

interface SweepFlags extends TrainFlags {
  sweep?: string;
  vary?: Space;
  strategy?: SweepStrategy;
  trials?: number;
  folds?: number;
  objective?: Monitor;
  sweepSeed?: number;
  factor?: number;
  minimumEpochs?: number;
  printBest?: boolean;
  json?: boolean;
}

export function sweepCommand(program: Command, context: CliContext): void {
  const command = program
    .command('sweep')
    .summary('search for a better plan, on training and validation patients')
    .description(
      'Trains a plan again and again with other values of some of its fields, and compares what each reached on the ' +
        'validation images, or, with --folds, in a cross-validation of whole patients, stratified by class. The test ' +
        'set stays closed. Features of frozen layers are computed once for all trials. A sweep that was stopped, by ' +
        'Ctrl-C or by a power cut, goes on with --resume: finished trainings are not repeated.',
    )
    .option(...PROJECT)
    .option('--plan <file>', 'the plan that trials change, in YAML or JSON; flags win over it')
    .option('--sweep <file>', 'the space and how it is searched, in YAML or JSON; flags win over it')
    .option(
      '--vary <field=values>',
      'a field of the plan: a list (rate=1e-3,1e-4), a range (0..0.5), or one of logarithms (1e-5..1e-2:log); may be repeated',
      vary,
    )
    .addOption(new Option('--strategy <name>', 'grid, random or halving (default: grid)').choices(strategies))
    .option('--trials <n>', 'draws of random and halving (default: 20)', wholeNumber(1))
    .option('--folds <k>', 'cross-validate over so many folds (default: the split as it is)', wholeNumber(2))
    .addOption(
      new Option('--objective <value>', 'what is compared (default: what early stopping watches)').choices(
        monitors,
      ),
    )
    .option('--sweep-seed <n>', 'of the draws and the folds (default: 7)', wholeNumber(0))
    .option('--factor <n>', 'of halving: one in so many goes on (default: 3)', wholeNumber(2))
    .option('--minimum-epochs <n>', 'of halving: epochs of the first round at least', wholeNumber(1))
    .option('--resume <id>', 'go on with a sweep that was stopped', wholeNumber(1))
    .option('--print-best', 'print the best plan as YAML, and nothing else')
    .option('--json', 'the result as JSON')
    .option('--split <id>', 'a split made before (default: the one made last, or a new one)', wholeNumber(1))
    .enablePositionalOptions();
  addPlanOptions(command);
  command.action((flags: SweepFlags) => sweep(flags, context));
  examples(
    command,
    ['sweep -p brain --freeze feature-extraction --vary head.dropout=0,0.3,0.5 --folds 5', 'a grid'],
    ['sweep -p brain --vary learningRate=1e-5..1e-2:log --strategy random --trials 20', 'rates at random'],
    ['sweep -p brain --plan plan.yaml --sweep sweep.yaml', 'both from files'],
    ['sweep -p brain --sweep sweep.yaml --print-best > best.yaml', 'the plan that won'],
    ['sweep -p brain --resume 2', 'go on after a stop'],
    ['train -p brain --from-sweep 2', 'train the best plan'],
  );
  listCommand(command, context);
  showCommand(command, context);
}

async function sweep(flags: SweepFlags, context: CliContext): Promise<void> {
  const { app, note } = context;
  const project = projectFolder(flags.project);
  const reporting: Reporting = { signal: context.signal(), onProgress: context.onProgress };
  await resumable('sweep', flags, async (begun) => {
    const report =
      flags.resume === undefined
        ? await app.sweepPlans(
            project,
            {
              ...sweepOptions(flags, context),
              onStart: ({ sweep: { id }, trials, split }) => {
                begun(id);
                note(`Sweep ${id}: ${trials} trials on split ${split.id}.`);
              },
              onWarnings: (warnings) => warnings.forEach(({ message }) => note(`Note: ${message}`)),
            },
            reporting,
          )
        : await app.resumeSweep(project, flags.resume, reporting);
    show(report, flags, context);
  });
}

function sweepOptions(flags: SweepFlags, { app }: CliContext): SweepOptions {
  const file = flags.sweep === undefined ? null : app.readSweepFile(flags.sweep);
  const { strategy, trials, folds, objective, sweepSeed: seed, factor, minimumEpochs } = flags;
  const space = { ...file?.space, ...flags.vary };
  if (Object.keys(space).length === 0) {
    throw new GraftError(
      'usage',
      'Expected fields to vary, found none. Name them with --vary, such as --vary learningRate=1e-4,1e-3, or in a file with --sweep.',
    );
  }
  const given = { strategy, trials, folds, objective, seed, factor, minimumEpochs };
  return {
    plan: trainOptions(flags, flags.plan === undefined ? {} : app.readPlanFile(flags.plan)),
    sweep: {
      ...file,
      ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
      space,
    },
  };
}

function show(report: SweepReport, flags: SweepFlags, { app, print }: CliContext): void {
  if (flags.json) return print(JSON.stringify(report, null, 2));
  const project = projectFolder(flags.project);
  const plan = (): string => app.planText(app.planFromSweep(project, report.id)).trimEnd();
  if (flags.printBest) return print(plan());
  print(reportText(report));
}

function reportText(report: SweepReport): string {
  const { id, best, definition } = report;
  const judged =
    definition.folds === null
      ? 'on the validation images'
      : `mean and standard error over ${definition.folds} folds of whole patients`;
  const next =
    best === null
      ? `No trial has a value yet. Go on with: graft sweep --resume ${id}`
      : `Trial ${best} is the best (${judged}). The test set is still closed. Next: graft train --from-sweep ${id}, or graft sweep show ${id} --print-best for its plan.`;
  return [sweepTable(report), '', next].join('\n');
}

function listCommand(sweepOf: Command, context: CliContext): void {
  const command = sweepOf
    .command('list')
    .description('Lists the sweeps of a project, the newest first, also while one is going on.')
    .option(...PROJECT)
    .option('--json', 'as JSON')
    .action((options: { project?: string; json?: boolean }) => {
      const reports = context.app.listSweeps(projectFolder(options.project));
      if (options.json) return context.print(JSON.stringify(reports, null, 2));
      if (reports.length === 0) return context.print('No sweeps yet. Start one with graft sweep.');
      context.print(table(SWEEP_LINE, reports.map(sweepLine)));
    });
  examples(command, ['sweep list -p brain', 'a table']);
}

function showCommand(sweepOf: Command, context: CliContext): void {
  const command = sweepOf
    .command('show <id>')
    .description('Shows the trials of a sweep, the best first.')
    .option(...PROJECT)
    .option('--print-best', 'print the best plan as YAML, and nothing else')
    .option('--json', 'as JSON')
    .action((id: string, options: { project?: string; printBest?: boolean; json?: boolean }) => {
      const report = context.app.showSweep(projectFolder(options.project), wholeNumber(1)(id));
      show(report, options as SweepFlags, context);
    });
  examples(
    command,
    ['sweep show 2 -p brain', 'a table'],
    ['sweep show 2 -p brain --print-best > best.yaml', 'the plan that won'],
  );
}

/** `learningRate=1e-4,1e-3`, `head.dropout=0..0.5`, `learningRate=1e-5..1e-2:log`, `head.hidden=[[],[64]]`. */
export function vary(text: string, before: Space = {}): Space {
  const at = text.indexOf('=');
  const field = text.slice(0, Math.max(0, at)).trim();
  const values = text.slice(at + 1).trim();
  if (field === '' || values === '') {
    throw new InvalidArgumentError('Expected field=values, such as learningRate=1e-4,1e-3.');
  }
  const range = /^(.+?)\.\.(.+?)(:log)?$/.exec(values);
  const [low, high] = [Number(range?.[1]), Number(range?.[2])];
  if (range && Number.isFinite(low) && Number.isFinite(high))
    return { ...before, [field]: { low, high, log: range[3] !== undefined } };
  return { ...before, [field]: values.startsWith('[') ? jsonList(values) : values.split(',').map(scalar) };
}

function jsonList(text: string): FieldValue[] {
  try {
    const value = JSON.parse(text) as FieldValue;
    if (Array.isArray(value)) return value;
  } catch {
    // Said below.
  }
  throw new InvalidArgumentError(`Expected a list in JSON, such as [[], [64]]; found ${text}.`);
}

/** A number, true, false or null where it is one; else the text. */
function scalar(text: string): FieldValue {
  const word = text.trim();
  if (['true', 'false', 'null'].includes(word)) return JSON.parse(word) as FieldValue;
  const number = Number(word);
  return word !== '' && Number.isFinite(number) ? number : word;
}
