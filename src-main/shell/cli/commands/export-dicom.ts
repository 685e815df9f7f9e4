import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { type ExplanationMethod, explanationMethods } from '../../../contract/explanation.ts';
import { leftOutSentences } from '../../../app/index.ts';
import { projectFolder, type CliContext } from '../context.ts';
import { examples, PROJECT } from '../help.ts';
import { wholeNumber } from '../options.ts';

interface Options {
  project?: string;
  run?: number;
  set?: string;
  deidentify?: boolean;
  heatmaps?: ExplanationMethod;
  pdf?: string;
  output?: string;
}

export function exportDicomCommand(program: Command, context: CliContext): void {
  const command = program
    .command('export-dicom')
    .summary('write predictions as Structured Reports, heatmaps as pictures, a report as PDF, all in DICOM')
    .description(
      'Writes what a model predicted for a set that was evaluated as DICOM: a Structured Report (TID 1500) for each study, with the ' +
        'probability of each class for each image, the model as observer, and references to the images. Who the patient is, is read ' +
        'from the image at that moment, so that a PACS files the document with the patient; --deidentify leaves that out. Files are ' +
        'written; send them with a tool of your PACS.',
    )
    .option(...PROJECT)
    .option('--run <run>', 'which run (default: the fine-tuned one of the last training)', wholeNumber(1))
    .option('--set <name>', 'whose predictions (default: test)')
    .option('--deidentify', 'keyed hashes in place of patients and UIDs, no dates')
    .addOption(
      new Option(
        '--heatmaps [method]',
        'also a picture of each image with what spoke for the answer, as Secondary Capture (default method: gradcam)',
      )
        .choices(explanationMethods)
        .preset('gradcam' satisfies ExplanationMethod),
    )
    .option('--pdf <file>', 'a report as PDF, which becomes an Encapsulated PDF beside them')
    .option('-o, --output <folder>', 'where the files go (default: reports/dicom-<run> in the project)')
    .action(async ({ project, run, set, deidentify, heatmaps, pdf, output }: Options) => {
      const written = await context.app.exportDicom(
        projectFolder(project),
        {
          identified: deidentify !== true,
          ...(run === undefined ? {} : { runId: run }),
          ...(set === undefined ? {} : { setName: set }),
          ...(heatmaps === undefined ? {} : { heatmaps }),
          ...(pdf === undefined ? {} : { pdf: resolve(pdf) }),
          ...(output === undefined ? {} : { folder: resolve(output) }),
        },
        { signal: context.signal(), onProgress: context.onProgress },
      );
      context.print(
        `${written.folder}\n${written.files.length} DICOM files on ${written.images} images` +
          `${deidentify ? ', without who the patients are' : ', which say who the patients are'}.` +
          leftOutSentences(written)
            .map((sentence) => `\n${sentence}`)
            .join(''),
      );
    });
  examples(
    command,
    ['export-dicom -p brain', 'of the test set'],
    ['export-dicom -p brain --set validation --deidentify -o out', 'to be shown around'],
    ['export-dicom -p brain --heatmaps --pdf report.pdf', 'with heatmaps, and a report'],
  );
}
