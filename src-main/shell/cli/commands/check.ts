import type { Command } from 'commander';
import type {
  CheckKind,
  FailureReport,
  LeakageReport,
  ProbeOutcome,
  ShortcutReport,
} from '../../../contract/checks.ts';
import type { Estimate } from '../../../contract/evaluation.ts';
import { projectFolder, type CliContext } from '../context.ts';
import { examples, PROJECT } from '../help.ts';
import { wholeNumber } from '../options.ts';
import { table } from '../table.ts';

interface CheckFlags {
  project?: string;
  run?: number;
  images?: number;
  set?: string;
  json?: boolean;
}

/** `check` with one command for each thing that can be asked. */
export function checkCommand(program: Command, context: CliContext): void {
  const check = program
    .command('check')
    .summary('ask whether a model is right for the right reason, and what its errors have in common')
    .description(
      'Looks for shortcuts, for what a split by image would hide, and for what errors have in common. No check opens a set.',
    );
  const print = (flags: CheckFlags, report: object, text: string): void =>
    context.print(flags.json ? JSON.stringify(report, null, 2) : text);
  const reporting = (): object => ({ signal: context.signal(), onProgress: context.onProgress });
  const optionsOf = ({ run, images, set }: CheckFlags): object => ({
    ...(run === undefined ? {} : { runId: run }),
    ...(images === undefined ? {} : { images }),
    ...(set === undefined ? {} : { set }),
  });
  const ask = (name: string, summary: string, description: string): Command =>
    check
      .command(name)
      .summary(summary)
      .description(description)
      .option(...PROJECT)
      .option(
        '--run <run>',
        'a run with a model (default: the fine-tuned one of the last training)',
        wholeNumber(1),
      )
      .option('--json', 'as JSON');
  const some = ['--images <n>', 'at the most, of whole patients (default: 600)', wholeNumber(20)] as const;

  const report = <Kind extends CheckKind>(kind: Kind, flags: CheckFlags) =>
    context.app.checkRun(projectFolder(flags.project), kind, optionsOf(flags), reporting());

  const shortcuts = ask(
    'shortcuts',
    'can the features tell scanner, site or sex, and the border alone the label?',
    "Fits a linear probe on the model's frozen features of training and validation images, whole patients apart: does it tell scanner, site, sex …, " +
      'and does the label go with them? Covers the middle of the images and asks for the label again. Balanced accuracy with a 95 % interval by patient, ' +
      'and a p-value from labels exchanged between patients, adjusted by Holm.',
  )
    .option(...some)
    .action(async (flags: CheckFlags) => {
      const found = await report('shortcuts', flags);
      print(flags, found, shortcutText(found.report));
    });
  const leakage = ask(
    'leakage',
    'how much better would a split by image look?',
    'Judges the same frozen features, of the network that training started from, twice: images dealt to folds by image, and by patient. The difference is what ' +
      'recognising a patient brings.',
  )
    .option(...some)
    .action(async (flags: CheckFlags) => {
      const found = await report('leakage', flags);
      print(flags, found, leakageText(found.report));
    });
  const failures = ask(
    'failures',
    'what do the errors have in common?',
    'Groups the wrong answers on an evaluated set by what was said and by what the model sees, and looks for near-duplicates and images of low quality.',
  )
    .option('--set <name>', 'which (default: test where it was opened)')
    .action(async (flags: CheckFlags) => {
      const found = await report('failures', flags);
      print(flags, found, failureText(found.report));
    });
  examples(
    shortcuts,
    ['check shortcuts -p brain', 'the last training'],
    ['check shortcuts -p brain --run 4 --images 1000', 'another run, more images'],
  );
  examples(leakage, ['check leakage -p brain', 'on the data of the last training']);
  examples(failures, ['check failures -p brain --set test', 'errors on the test set, once it was opened']);
  examples(
    check,
    ['check shortcuts -p brain', 'right for the right reason?'],
    ['check failures -p brain', 'what errors have in common'],
  );
}

const number = ({ value, low, high }: Estimate): string =>
  `${value === null ? '–' : value.toFixed(3)}${low === null || high === null ? '' : ` (${low.toFixed(3)}–${high.toFixed(3)})`}`;

const cells = ({ balancedAccuracy, chance, pValue }: ProbeOutcome): string[] => [
  number(balancedAccuracy),
  chance.toFixed(3),
  pValue.toFixed(3),
];

function shortcutText({
  attributes,
  border,
  skipped,
  sentence,
  images,
  patients,
  margin,
}: ShortcutReport): string {
  const rows = [
    ...attributes.map((one) => [
      one.attribute,
      ...cells(one),
      one.association.cramersV.toFixed(2),
      one.verdict,
    ]),
    ...border.flatMap(({ finding, border: alone, whole, verdict }) => {
      const of = finding === null ? '' : ` (${finding})`;
      return [
        [`label from the border alone${of}`, ...cells(alone), '', verdict],
        [`label from whole images${of}`, ...cells(whole), '', ''],
      ];
    }),
  ];
  return [
    table(['what', 'balanced accuracy', 'chance', 'p', 'goes with the label (V)', 'verdict'], rows),
    '',
    `${images} images of ${patients} patients, of training and validation; the border is ${Math.round(100 * margin)} % of each side.`,
    ...skipped.map(({ attribute, reason }) => `Not asked: ${attribute}, since ${reason}.`),
    '',
    sentence,
  ].join('\n');
}

function leakageText({ rows, images, patients, folds, model, finding, sentence }: LeakageReport): string {
  const judges = { probe: 'linear probe', neighbour: 'nearest neighbour' };
  return [
    table(
      ['accuracy', 'split by image', 'split by patient', 'inflation'],
      rows.map(({ judge, byImage, byPatient, inflation }) => [
        judges[judge],
        number(byImage),
        number(byPatient),
        number(inflation),
      ]),
    ),
    '',
    `${folds} folds of ${images} images of ${patients} patients, of training and validation; frozen features of ${model}${finding === null ? '' : `, asked for ${finding}`}.`,
    '',
    sentence,
  ].join('\n');
}

function failureText({ sentences, byConfusion, byFeatures, nearDuplicates, quality }: FailureReport): string {
  const share = (wrong: number, of: number): string => `${wrong} of ${of}`;
  const groups = [
    ...byConfusion.map(({ title, wrong, of }) => [title, share(wrong, of)]),
    ...byFeatures.map(({ title, wrong, of }) => [title, share(wrong, of)]),
    ...quality.map(({ problem, wrong, of }) => [`Image quality: ${problem}`, share(wrong, of)]),
  ];
  const pairs = nearDuplicates.map(({ first, second, kind, distance, samePatient, sameLabel }) => [
    `image ${first.instanceId} (${first.set})`,
    `image ${second.instanceId} (${second.set})`,
    kind === 'pixels' ? 'same pixels' : `${distance} bits apart`,
    samePatient ? 'same patient' : 'other patient',
    sameLabel ? 'same label' : 'other label',
  ]);
  return [
    ...(groups.length > 0 ? [table(['group', 'wrong'], groups), ''] : []),
    ...(pairs.length > 0 ? [table(['image', 'like', 'how', 'whose', 'label'], pairs.slice(0, 20)), ''] : []),
    ...sentences,
  ].join('\n');
}
