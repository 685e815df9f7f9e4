import { resolve } from 'node:path';
import type { Command } from 'commander';
import { projectFolder, type CliContext } from '../context.ts';
import { examples, PROJECT } from '../help.ts';
import { wholeNumber } from '../options.ts';

export function reportCommand(program: Command, context: CliContext): void {
  const command = program
    .command('report')
    .summary('write the report as HTML and JSON')
    .description(
      'Writes what was evaluated as one HTML file that needs nothing else, and the same as JSON: data, split, model, ' +
        'what was frozen, curves, metrics with intervals, baselines, versions and seeds. It opens no test set itself.',
    )
    .option(...PROJECT)
    .option('--run <run>', 'any run of the training (default: the last training)', wholeNumber(1))
    .option('-o, --output <folder>', 'where the files go (default: reports in the project)')
    .action(async (options: { project?: string; run?: number; output?: string }) => {
      const written = await context.app.writeReport(
        projectFolder(options.project),
        {
          ...(options.run === undefined ? {} : { runId: options.run }),
          ...(options.output === undefined ? {} : { folder: resolve(options.output) }),
        },
        { signal: context.signal(), onProgress: context.onProgress },
      );
      context.print(`${written.html}\n${written.json}`);
    });
  examples(
    command,
    ['report -p brain', 'of the last training'],
    ['report -p brain --run 3 -o ~/paper', 'of another, elsewhere'],
  );
}
