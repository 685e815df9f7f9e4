import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { type ReportFormat, reportFormats } from '../../../contract/report-files.ts';
import { projectFolder, type CliContext } from '../context.ts';
import { examples, PROJECT } from '../help.ts';
import { wholeNumber } from '../options.ts';

export function reportCommand(program: Command, context: CliContext): void {
  const command = program
    .command('report')
    .summary('write the report: HTML, PDF, JSON, CSV tables, model card')
    .description(
      'Writes what was evaluated: data, split, model, what was frozen, curves, metrics with intervals, baselines, versions and seeds, ' +
        'and the checklists CLAIM 2024 and TRIPOD+AI answered from the records. HTML is one file that needs nothing else, PDF the same on ' +
        'paper, JSON the same as data (docs/report.schema.json), csv a folder with one table for each result, card a model card in ' +
        'Markdown. It opens no test set itself.',
    )
    .option(...PROJECT)
    .option('--run <run>', 'any run of the training (default: the last training)', wholeNumber(1))
    .option(
      '--format <list>',
      `any of ${reportFormats.join(', ')}, with commas between (default: all)`,
      formatList,
    )
    .option('-o, --output <folder>', 'where the files go (default: reports in the project)')
    .action(async (options: { project?: string; run?: number; output?: string; format?: ReportFormat[] }) => {
      const written = await context.app.writeReport(
        projectFolder(options.project),
        {
          ...(options.run === undefined ? {} : { runId: options.run }),
          ...(options.format === undefined ? {} : { formats: options.format }),
          ...(options.output === undefined ? {} : { folder: resolve(options.output) }),
        },
        { signal: context.signal(), onProgress: context.onProgress },
      );
      const lines = Object.values(written.files).map(
        ({ path, seconds }) => `${path}  (${seconds.toFixed(1)} s)`,
      );
      context.print(lines.join('\n'));
    });
  examples(
    command,
    ['report -p brain', 'of the last training'],
    ['report -p brain --run 3 -o ~/paper', 'of another, elsewhere'],
    ['report -p brain --format pdf,csv', 'only to print, and to compute with'],
  );
}

function formatList(text: string): ReportFormat[] {
  const names = text.split(',').map((name) => name.trim().toLowerCase());
  const wrong = names.find((name) => !(reportFormats as readonly string[]).includes(name));
  if (wrong === undefined) return [...new Set(names as ReportFormat[])];
  throw new InvalidArgumentError(
    `Expected some of ${reportFormats.join(', ')} with commas between, found "${wrong}".`,
  );
}
