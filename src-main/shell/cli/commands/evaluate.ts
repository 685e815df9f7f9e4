import type { Command } from 'commander';
import type { EvaluateReport } from '../../../app/index.ts';
import { projectFolder, type CliContext } from '../context.ts';
import { examples, PROJECT } from '../help.ts';
import { collect, wholeNumber } from '../options.ts';
import { resultText } from '../result-text.ts';

export function evaluateCommand(program: Command, context: CliContext): void {
  const command = program
    .command('evaluate')
    .summary('open the test set and measure every approach')
    .description(
      'Opens the held-out sets of a training on purpose, and measures every approach on the same images: accuracy, ' +
        'precision, recall, F1 (macro) and AUC, with 95 % intervals from a bootstrap over patients. Each opening is ' +
        'counted, and the count is printed in the report. Exact copies of training images are left out, and counted ' +
        'in a second table.',
    )
    .option(...PROJECT)
    .option('--run <run>', 'any run of the training (default: the last training)', wholeNumber(1))
    .option(
      '--set <name>',
      'only this set: validation, test, or a dataset kept apart; may be repeated',
      collect,
    )
    .option('--json', 'every metric, curve and interval, as JSON')
    .action(async (options: { project?: string; run?: number; set?: string[]; json?: boolean }) => {
      const report = await context.app.evaluate(
        projectFolder(options.project),
        {
          ...(options.run === undefined ? {} : { runId: options.run }),
          ...(options.set === undefined ? {} : { sets: options.set }),
        },
        { signal: context.signal(), onProgress: context.onProgress },
      );
      context.print(options.json ? JSON.stringify(report, null, 2) : evaluationText(report));
    });
  examples(
    command,
    ['evaluate -p brain', 'all sets, all approaches'],
    ['evaluate -p two --set "Hospital B"', 'the other hospital alone'],
    ['evaluate -p brain --json > results.json', 'for scripts'],
  );
}

export function evaluationText({ results, openings }: EvaluateReport): string {
  const counts = Map.groupBy(openings, ({ setName }) => setName);
  const opened = [...counts].map(([name, of]) => `${name} ${of.length} ×`);
  return [
    ...results.map((result) => `${resultText(result)}\n`),
    `Opened so far: ${opened.join(', ') || 'nothing'}.`,
  ].join('\n');
}
