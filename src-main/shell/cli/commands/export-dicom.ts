import { resolve } from 'node:path';
import type { Command } from 'commander';
import { unwrittenText } from '../../../app/index.ts';
import { projectFolder, type CliContext } from '../context.ts';
import { examples, PROJECT } from '../help.ts';
import { wholeNumber } from '../options.ts';

interface Options {
  project?: string;
  run?: number;
  set?: string;
  deidentify?: boolean;
  pdf?: string;
  output?: string;
}

export function exportDicomCommand(program: Command, context: CliContext): void {
  const command = program
    .command('export-dicom')
    .summary('write predictions as Structured Reports, and a report as Encapsulated PDF')
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
    .option('--pdf <file>', 'a report as PDF, which becomes an Encapsulated PDF beside them')
    .option('-o, --output <folder>', 'where the files go (default: reports/dicom-<run> in the project)')
    .action(async ({ project, run, set, deidentify, pdf, output }: Options) => {
      const written = await context.app.exportDicom(
        projectFolder(project),
        {
          identified: deidentify !== true,
          ...(run === undefined ? {} : { runId: run }),
          ...(set === undefined ? {} : { setName: set }),
          ...(pdf === undefined ? {} : { pdf: resolve(pdf) }),
          ...(output === undefined ? {} : { folder: resolve(output) }),
        },
        { signal: context.signal(), onProgress: context.onProgress },
      );
      const left = unwrittenText(written.unwritten);
      context.print(
        `${written.folder}\n${written.files.length} DICOM files on ${written.images} images` +
          `${deidentify ? ', without who the patients are' : ', which say who the patients are'}.` +
          `${left ? `\nWithout a document: ${left}.` : ''}`,
      );
    });
  examples(
    command,
    ['export-dicom -p brain', 'of the test set'],
    ['export-dicom -p brain --set validation --deidentify -o out', 'to be shown around'],
    ['export-dicom -p brain --pdf report.pdf', 'with a report'],
  );
}
