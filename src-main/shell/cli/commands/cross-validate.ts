import { Option, type Command } from 'commander';
import type { CrossValidateOptions, Reporting } from '../../../app/index.ts';
import type { CrossValidationReport } from '../../../contract/cross-validation.ts';
import { approaches } from '../../../contract/run.ts';
import { projectFolder, type CliContext } from '../context.ts';
import { CROSS_VALIDATION_LINE, crossValidationLine, crossValidationText } from '../cross-validation-text.ts';
import { examples, PROJECT } from '../help.ts';
import { decimal, wholeNumber } from '../options.ts';
import { table } from '../table.ts';
import { resumable } from './resumable.ts';
import { addPlanOptions, trainOptions, type TrainFlags } from './train.ts';

interface Flags extends TrainFlags {
  foldSeed?: number;
  validation?: number;
  includeTest?: boolean;
  sweep?: string;
  json?: boolean;
}

export function crossValidateCommand(program: Command, context: CliContext): void {
  const command = program
    .command('cross-validate')
    .summary('judge a plan by every patient, each kept from what it judges')
    .description(
      'Deals patients to folds, whole and stratified by class; trains the plan and what it must be compared with on all ' +
        'folds but one, and judges that one; then the next. All patients together give every metric with an interval by ' +
        'patient and paired tests; the folds give a spread and a corrected t-test. With --sweep the plan is tuned anew ' +
        'within what each fold learns from, so that no patient has a say in choosing what it judges (nested). ' +
        'Patients that are kept for a test stay out, unless --include-test opens them, which is counted. In a project ' +
        'without a split all patients are dealt. Stopped, it goes on with --resume: finished trainings are not repeated.',
    )
    .option(...PROJECT)
    .option('--folds <k>', 'outer folds (default: 5)', wholeNumber(2))
    .option('--fold-seed <n>', 'of how patients are dealt to folds (default: 7)', wholeNumber(0))
    .option(
      '--validation <share>',
      'of the patients that a fold learns from, to stop its trainings (default: 0.2)',
      decimal(0.05, 0.5),
    )
    .option('--include-test', 'deal patients kept for a test as well; counted as an opening of each such set')
    .option(
      '--sweep <file>',
      'tune within each fold: a space and how it is searched, as graft sweep takes it',
    )
    .option('--plan <file>', 'the plan in YAML or JSON; flags win over it')
    .option('--resume <id>', 'go on with a cross-validation that was stopped', wholeNumber(1))
    .option('--json', 'every metric, curve and interval, as JSON')
    .option('--split <id>', 'whose patients are dealt (default: the split made last)', wholeNumber(1))
    .enablePositionalOptions();
  addPlanOptions(command);
  command
    .addOption(new Option('--only <approaches...>', 'train only these (default: all)').choices(approaches))
    .action((flags: Flags) => run(flags, context));
  examples(
    command,
    ['cross-validate -p brain --folds 5', 'training and validation patients, five folds'],
    [
      'cross-validate -p brain --plan plan.yaml --only probe fine-tuned',
      'a plan from a file, two approaches',
    ],
    ['cross-validate -p brain --sweep sweep.yaml', 'nested: tuned within each fold'],
    ['cross-validate -p brain --include-test', 'all patients; opens the test set, and counts it'],
    ['cross-validate -p brain --resume 2', 'go on after a stop'],
    ['cross-validate show 2 -p brain --json > folds.json', 'for scripts'],
  );
  listCommand(command, context);
  showCommand(command, context);
}

async function run(flags: Flags, context: CliContext): Promise<void> {
  const { app, note } = context;
  const project = projectFolder(flags.project);
  const reporting: Reporting = { signal: context.signal(), onProgress: context.onProgress };
  await resumable('cross-validate', flags, async (begun) => {
    const report =
      flags.resume === undefined
        ? await app.crossValidate(
            project,
            {
              ...optionsOf(flags, context),
              onStart: (started) => {
                begun(started.id);
                note(startText(started));
              },
              onWarnings: (warnings) => warnings.forEach(({ message }) => note(`Note: ${message}`)),
            },
            reporting,
          )
        : await app.resumeCrossValidation(project, flags.resume, reporting);
    show(report, flags, context);
  });
}

function optionsOf(flags: Flags, { app }: CliContext): CrossValidateOptions {
  const plan = trainOptions(flags, flags.plan === undefined ? {} : app.readPlanFile(flags.plan));
  const { folds, foldSeed: seed, validation } = flags;
  const given = { folds, seed, validation, approaches: plan.approaches };
  return {
    plan,
    crossValidation: {
      ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
      ...(flags.includeTest ? { patients: 'all' as const } : {}),
      ...(flags.sweep === undefined ? {} : { sweep: app.readSweepFile(flags.sweep) }),
    },
  };
}

function startText({ id, folds, dealt, splitId }: CrossValidationReport): string {
  const count = (sets: CrossValidationReport['dealt']['locked']): number =>
    sets.reduce((sum, { patients }) => sum + patients, 0);
  const locked = dealt.locked.length > 0 ? ` ${count(dealt.locked)} kept for a test stay out.` : '';
  const opened =
    dealt.opened.length > 0
      ? ` ${count(dealt.opened)} of them were kept for a test: counted as an opening.`
      : '';
  return `Cross-validation ${id}: ${dealt.patients} patients of split ${splitId} in ${folds.length} folds.${locked}${opened}`;
}

function show(report: CrossValidationReport, { json }: { json?: boolean }, { print }: CliContext): void {
  print(json ? JSON.stringify(report, null, 2) : crossValidationText(report));
}

function listCommand(parent: Command, context: CliContext): void {
  const command = parent
    .command('list')
    .description('Lists the cross-validations of a project, the newest first, also while one is going on.')
    .option(...PROJECT)
    .option('--json', 'as JSON')
    .action((options: { project?: string; json?: boolean }) => {
      const reports = context.app.listCrossValidations(projectFolder(options.project));
      if (options.json) return context.print(JSON.stringify(reports, null, 2));
      if (reports.length === 0)
        return context.print('No cross-validations yet. Start one with graft cross-validate.');
      context.print(table(CROSS_VALIDATION_LINE, reports.map(crossValidationLine)));
    });
  examples(command, ['cross-validate list -p brain', 'a table']);
}

function showCommand(parent: Command, context: CliContext): void {
  const command = parent
    .command('show <id>')
    .description('Shows the folds of a cross-validation, and what all of them came to.')
    .option(...PROJECT)
    .option('--json', 'as JSON')
    .action((id: string, options: { project?: string; json?: boolean }) => {
      const report = context.app.showCrossValidation(projectFolder(options.project), wholeNumber(1)(id));
      show(report, options, context);
    });
  examples(
    command,
    ['cross-validate show 2 -p brain', 'tables'],
    ['cross-validate show 2 -p brain --json', 'all of it'],
  );
}
