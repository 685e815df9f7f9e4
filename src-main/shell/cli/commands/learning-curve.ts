import { InvalidArgumentError, Option, type Command } from 'commander';
import type { LearningCurveOptions, Reporting } from '../../../app/index.ts';
import { type CurveMetric, curveMetrics } from '../../../contract/learning-curve.ts';
import { projectFolder, type CliContext } from '../context.ts';
import { examples, PROJECT } from '../help.ts';
import { learningCurveText } from '../learning-curve-text.ts';
import { decimal, wholeNumber } from '../options.ts';
import { resumable } from './resumable.ts';
import { addPlanOptions, trainOptions, type TrainFlags } from './train.ts';

interface Flags extends TrainFlags {
  shares?: number[];
  repeats?: number;
  metric?: CurveMetric;
  target?: number;
  show?: number | true;
  json?: boolean;
}

export function learningCurveCommand(program: Command, context: CliContext): void {
  const command = program
    .command('learning-curve')
    .summary('what more training patients would bring')
    .description(
      'Trains one plan on growing shares of the training patients, several times each, and judges all of them on the same validation ' +
        'images; the test set stays closed. Through the scores goes an inverse power law (Figueroa et al. 2012), which says where they ' +
        'level off and what up to three times as many patients would bring. A curve that was stopped goes on with --resume: finished ' +
        'trainings are not repeated. The report shows the newest one of its split.',
    )
    .option(...PROJECT)
    .option('--plan <file>', 'the plan that is trained, in YAML or JSON; flags win over it')
    .option(
      '--shares <list>',
      'shares of the training patients (default: 0.1,0.2,0.4,0.7,1); four different numbers of patients make a curve',
      sharesOf,
    )
    .option(
      '--repeats <n>',
      'trainings of each share, with other patients each time (default: 3)',
      wholeNumber(1),
    )
    .addOption(
      new Option('--metric <value>', 'what is shown (default: val_balanced_accuracy)').choices(curveMetrics),
    )
    .option('--target <score>', 'a score whose number of patients is asked for', decimal(0.001, 0.999))
    .option('--resume <id>', 'go on with a curve that was stopped', wholeNumber(1))
    .option('--show [id]', 'train nothing: show a curve as it stands (default: the newest)', wholeNumber(1))
    .option('--json', 'as JSON')
    .option('--split <id>', 'a split made before (default: the one made last, or a new one)', wholeNumber(1));
  addPlanOptions(command);
  command.action((flags: Flags) => learningCurve(flags, context));
  examples(
    command,
    ['learning-curve -p brain', 'fifteen trainings of the default plan'],
    [
      'learning-curve -p brain --plan plan.yaml --shares 0.25,0.5,0.75,1 --repeats 5 --target 0.9',
      'of your own plan',
    ],
    ['learning-curve -p brain --resume 4', 'go on after a stop'],
    ['learning-curve -p brain --show', 'the newest, also while it is trained'],
  );
}

async function learningCurve(
  flags: Flags,
  { app, note, print, signal, onProgress }: CliContext,
): Promise<void> {
  const project = projectFolder(flags.project);
  const reporting: Reporting = { signal: signal(), onProgress };
  const { target } = flags;
  await resumable('learning-curve', flags, async (begun) => {
    const report =
      flags.show !== undefined
        ? app.showLearningCurve(project, flags.show === true ? null : flags.show, target)
        : flags.resume !== undefined
          ? await app.resumeLearningCurve(project, flags.resume, reporting, target)
          : await app.trainLearningCurve(
              project,
              {
                ...optionsOf(flags, app.readPlanFile),
                onStart: ({ sweep: { id }, trials, split }) => {
                  begun(id);
                  note(`Learning curve ${id}: ${trials} trainings on split ${split.id}.`);
                },
                onWarnings: (warnings) => warnings.forEach(({ message }) => note(`Note: ${message}`)),
              },
              reporting,
            );
    print(flags.json ? JSON.stringify(report, null, 2) : learningCurveText(report, target));
  });
}

function optionsOf(flags: Flags, readPlanFile: CliContext['app']['readPlanFile']): LearningCurveOptions {
  const { shares, repeats, metric, target } = flags;
  const design = { shares, repeats, metric };
  return {
    plan: trainOptions(flags, flags.plan === undefined ? {} : readPlanFile(flags.plan)),
    design: Object.fromEntries(Object.entries(design).filter(([, value]) => value !== undefined)),
    ...(target === undefined ? {} : { target }),
  };
}

function sharesOf(text: string): number[] {
  const shares = text.split(',').map(Number);
  if (shares.some((share) => !(share > 0 && share <= 1)))
    throw new InvalidArgumentError('Expected shares above 0 and up to 1, such as 0.25,0.5,1.');
  return shares;
}
