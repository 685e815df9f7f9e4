import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import type { FindingOptions } from '../../../app/index.ts';
import type { ImportReport, LabelReport } from '../../../contract/instances.ts';
import { projectFolder, type CliContext } from '../context.ts';
import { examples, PROJECT } from '../help.ts';

interface FindingFlags {
  multiLabel?: boolean;
  blank?: 'unknown' | 'absent';
}

interface Options extends FindingFlags {
  project?: string;
  labels?: string;
  labelsFromFolders?: boolean;
  dataset?: string;
}

/** An image may show several findings, or none. */
function addFindingOptions(command: Command): Command {
  return command
    .option(
      '--multi-label',
      'several findings in a cell of label, parted by | or ;, or a column of 1, 0 and −1 (in doubt) for each',
    )
    .addOption(
      new Option(
        '--blank <meaning>',
        'an empty cell of a finding: not judged, left out of loss and evaluation, or not there (default: unknown)',
      ).choices(['unknown', 'absent']),
    );
}

const findingOptions = ({ multiLabel, blank }: FindingFlags): FindingOptions => ({
  ...(multiLabel === undefined ? {} : { multiLabel }),
  ...(blank === undefined ? {} : { blank }),
});

export function importCommand(program: Command, context: CliContext): void {
  const command = program
    .command('import')
    .summary('index a folder of DICOM, with labels')
    .description(
      'Indexes a folder tree of DICOM files: any names, with or without extension. The files stay where they are and ' +
        'are never written. What is no image, or is broken, is listed with its reason (graft problems) and stops ' +
        'nothing. Importing a folder again reads only what has changed. The project is made when it is not there.',
    )
    .argument('<folder>', 'folder to index')
    .option(...PROJECT)
    .option('-l, --labels <csv>', 'table with a column label, and path, sop_instance_uid or patient_id')
    .option('--labels-from-folders', "take each image's label from the folder that it lies in")
    .option(
      '-d, --dataset <name>',
      'name of the dataset: a hospital, a scanner (default: the name of the folder)',
    );
  addFindingOptions(command).action(async (folder: string, options: Options) => {
    const project = projectFolder(options.project);
    const { labels, labelsFromFolders, dataset } = options;
    const imported = await context.app.importFolder(
      project,
      resolve(folder),
      {
        ...(dataset === undefined ? {} : { name: dataset }),
        ...(labels === undefined ? {} : { labels: resolve(labels) }),
        ...(labelsFromFolders ? { labelsFromFolders } : {}),
        findings: findingOptions(options),
      },
      { signal: context.signal(), onProgress: context.onProgress },
    );
    context.print(importText(imported.images));
    if (imported.labels) context.print(labelText(imported.labels));
  });
  examples(
    command,
    ['import /data/mri', 'index a folder into ./graft-project'],
    ['import /data/mri --labels /data/labels.csv -p brain', 'with labels from a table'],
    ['import /data/chest --labels Data_Entry.csv --multi-label', 'several findings an image'],
    ['import /data/mri --labels-from-folders', 'glioma/…, normal/… become the labels'],
    ['import /data/b --dataset "Hospital B" -p brain', 'a second hospital in the same project'],
  );
}

export function labelCommand(program: Command, context: CliContext): void {
  const command = program
    .command('label')
    .summary('label images that are in the project, from a table')
    .description(
      'Reads labels for images that were imported before. The table needs a column label and one of path, ' +
        'sop_instance_uid or patient_id; a column split with train, validation and test is kept for graft split. Where an ' +
        'image may show several findings, a cell holds them all (Effusion|Mass, or No Finding), or each has a column of ' +
        '1, 0 and −1; what is in doubt or not judged is left out of the loss and of the evaluation.',
    )
    .argument('<csv>', 'the table')
    .option(...PROJECT)
    .option('-d, --dataset <name>', 'only images of this dataset (default: all)');
  addFindingOptions(command).action(
    async (csv: string, options: FindingFlags & { project?: string; dataset?: string }) => {
      const { app, print } = context;
      const project = projectFolder(options.project);
      print(
        labelText(await app.labelImages(project, resolve(csv), options.dataset, findingOptions(options))),
      );
    },
  );
  examples(
    command,
    ['label labels.csv -p brain', 'label what is in the project'],
    [
      'label chexpert.csv -p chest --multi-label --blank absent',
      'a column for each finding, empty cells are 0',
    ],
  );
}

function importText({
  source,
  files,
  read,
  images,
  patients,
  refused,
  problems,
  seconds,
}: ImportReport): string {
  const lines = [
    `${source.name}: ${images} images of ${patients} patients in ${files} files ` +
      `(${read} read, ${files - read} unchanged) in ${seconds.toFixed(1)} s.`,
  ];
  const reasons = Object.entries(refused).map(([reason, count]) => `${count} ${reason}`);
  if (reasons.length > 0) lines.push(`Refused: ${reasons.join(', ')}. graft problems lists them.`);
  return [...lines, ...problems.map(({ message }) => message)].join('\n');
}

/** What came of a table of labels, for people. */
export const labelText = ({ classes, sentences, predefined }: LabelReport): string =>
  [
    ...sentences,
    ...classes.map(({ name, images, patients }) => `  ${name}: ${images} images of ${patients} patients`),
    // Whoever never hears of the flag trains, and learns without labels, on patients whom the table keeps for the test.
    ...(Object.keys(predefined).length > 0
      ? [
          'Patients are dealt as the table says with graft split --use-split-column; without it they are drawn.',
        ]
      : []),
  ].join('\n');
