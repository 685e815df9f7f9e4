import { type Command, Option } from 'commander';
import {
  type ExplanationMethod,
  type SanityCheck,
  explanationMethods,
} from '../../../contract/explanation.ts';
import type { ExplainReport } from '../../../app/index.ts';
import { projectFolder, type CliContext } from '../context.ts';
import { examples, PROJECT } from '../help.ts';
import { collect, wholeNumber } from '../options.ts';
import { table } from '../table.ts';

interface ExplainFlags {
  project?: string;
  run?: number;
  image?: string[];
  frame?: number;
  worst?: number;
  set?: string;
  method: ExplanationMethod;
  layer?: string;
  class?: string;
  patch?: number;
  stride?: number;
  check: boolean;
  out?: string;
  json?: boolean;
}

export function explainCommand(program: Command, context: CliContext): void {
  const command = program
    .command('explain')
    .summary('show what in an image speaks for a class')
    .description(
      'Writes a map over each image of what speaks for a class: by Grad-CAM, Grad-CAM++ or occlusion, as PNG beside the image, and all ' +
        'values as JSON. Beside the maps stands a check: weights are drawn anew from the answers down, and the maps have to change, else ' +
        'they show the image and not what the model has learned. Images of a set that was not opened stay closed.',
    )
    .option(...PROJECT)
    .option(
      '--run <run>',
      'a run with a model (default: the fine-tuned one of the last training)',
      wholeNumber(1),
    )
    .option('--image <uid>', 'SOP Instance UID, or number of an image; may be repeated', collect)
    .option(
      '--frame <n>',
      'frame of these images, from 0 (default: what the network was shown)',
      wholeNumber(0),
    )
    .option(
      '--worst <n>',
      'so many wrong answers, the surest first (default: 10, where no image is named)',
      wholeNumber(1),
    )
    .option('--set <name>', 'of which set (default: test where it was opened)')
    .addOption(
      new Option('--method <method>', 'how')
        .choices(explanationMethods)
        .default('gradcam' satisfies ExplanationMethod),
    )
    .option('--layer <name>', 'of the network (default: the last that has places in the image)')
    .option('--class <name>', 'class or finding to explain (default: what the model said)')
    .option(
      '--patch <pixels>',
      'side of the patch that occlusion covers (default: an eighth of the image)',
      wholeNumber(1),
    )
    .option('--stride <pixels>', 'step of the patch (default: half a patch)', wholeNumber(1))
    .option('--no-check', 'draw no weights anew')
    .option('--out <folder>', 'where the files go (default: reports/explanations-run-<run> in the project)')
    .option('--json', 'what was written, and the check, as JSON')
    .action((flags: ExplainFlags) => explain(flags, context));
  examples(
    command,
    ['explain -p brain', 'the ten worst errors, by Grad-CAM'],
    ['explain -p brain --image 2.25.17 --method occlusion --out maps', 'one image, patch by patch'],
    [
      'explain -p brain --set validation --worst 5 --method gradcam++ --layer conv4_block6_out',
      'at a finer layer',
    ],
  );
}

async function explain(flags: ExplainFlags, { app, print, ...context }: CliContext): Promise<void> {
  const { run, image, frame, worst, set, method, layer, patch, stride, check, out } = flags;
  const report = await app.explain(
    projectFolder(flags.project),
    {
      method,
      check,
      ...(run === undefined ? {} : { runId: run }),
      ...(image === undefined ? {} : { images: image }),
      ...(frame === undefined ? {} : { frame }),
      ...(worst === undefined ? {} : { worst }),
      ...(set === undefined ? {} : { set }),
      ...(layer === undefined ? {} : { layer }),
      ...(flags.class === undefined ? {} : { className: flags.class }),
      ...(patch === undefined ? {} : { patch }),
      ...(stride === undefined ? {} : { stride }),
      ...(out === undefined ? {} : { folder: out }),
    },
    { signal: context.signal(), onProgress: context.onProgress },
  );
  if (!flags.json) return print(reportText(report));
  const { folder, json, files } = report;
  const pictures = files.map(({ picture }) => picture);
  print(JSON.stringify({ run: report.run.id, folder, json, pictures, check: report.check }, null, 2));
}

function reportText({ run, folder, json, files, check, coarse }: ExplainReport): string {
  const rows = files.map(({ picture, explanation }) => {
    const { classes, classIndex, probabilities } = explanation;
    return [picture, classes[classIndex], probabilities[classIndex].toFixed(3)];
  });
  return [
    table(['picture', 'explains', 'probability'], rows),
    '',
    `Maps of run ${run.id} (${run.approach})${files[0].explanation.layer ? ` at the layer ${files[0].explanation.layer}` : ''}, in ${folder}; values in ${json}.`,
    ...ensembleText(files, check),
    ...(coarse ? [coarse] : []),
    ...(check ? checkText(check) : []),
    'A map shows what the answer depends on in this image. It does not show that the model is right, nor that it is right for the right reason.',
  ].join('\n');
}

/** Nothing of a single model. */
function ensembleText(files: ExplainReport['files'], check: SanityCheck | null): string[] {
  const members = Math.max(...files.map(({ explanation }) => explanation.members));
  const alone = files.filter(({ explanation }) => explanation.fold !== null).length;
  if (members === 1 && alone === 0) return [];
  const whose =
    alone === files.length ? 'All are' : `${alone} of ${files.length} ${alone === 1 ? 'is' : 'are'}`;
  const others = alone > 0 ? 'Every other' : 'Each';
  return [
    ...(alone > 0
      ? [
          `${whose} of patients that the ensemble learned from: only the member of their fold answers, which has not seen them.`,
        ]
      : []),
    ...(members > 1
      ? [`${others} is the mean of the maps of ${members} members, each with 1 as its largest value.`]
      : []),
    ...(check
      ? ['The check is that of one member: the one that alone answers for the first image, else the first.']
      : []),
  ];
}

const checkText = ({ steps, sentence }: SanityCheck): string[] => [
  sentence,
  `From the answers down: ${steps.map(({ stage, spearman, ssim }) => `${stage} ${spearman.toFixed(2)} / ${ssim.toFixed(2)}`).join(', ')} (rank correlation / structural similarity).`,
];
