import type { Command } from 'commander';
import type { EvaluateReport } from '../../../app/index.ts';
import { addAnalysisOptions, type AnalysisFlags, analysisOf } from '../analysis-options.ts';
import { analysisText } from '../analysis-text.ts';
import { projectFolder, type CliContext } from '../context.ts';
import { examples, PROJECT } from '../help.ts';
import { collect, wholeNumber } from '../options.ts';
import { resultText } from '../result-text.ts';

interface Flags extends AnalysisFlags {
  project?: string;
  run?: number;
  set?: string[];
  json?: boolean;
}

export function evaluateCommand(program: Command, context: CliContext): void {
  const command = program
    .command('evaluate')
    .summary('open the test set and measure every approach')
    .description(
      'Opens the held-out sets of a training on purpose, and measures every approach on the same images: accuracy, ' +
        'precision, recall, F1 (macro) and AUC, with 95 % intervals from a bootstrap over patients. Each opening is ' +
        'counted, and the count is printed in the report. Exact copies of training images are left out, and counted ' +
        'in a second table. Below stand paired tests, thresholds, calibration and prediction sets that the validation images ' +
        'fitted, results by series and patient, and subgroups; how they are made is kept until it is chosen anew.',
    )
    .option(...PROJECT)
    .option('--run <run>', 'any run of the training (default: the last training)', wholeNumber(1))
    .option(
      '--set <name>',
      'only this set: validation, test, or a dataset kept apart; may be repeated',
      collect,
    );
  addAnalysisOptions(command)
    .option('--json', 'every metric, curve and interval, as JSON')
    .action(async (options: Flags) => {
      const analysis = analysisOf(options);
      const report = await context.app.evaluate(
        projectFolder(options.project),
        {
          ...(options.run === undefined ? {} : { runId: options.run }),
          ...(options.set === undefined ? {} : { sets: options.set }),
          ...(analysis === undefined ? {} : { analysis }),
        },
        { signal: context.signal(), onProgress: context.onProgress },
      );
      context.print(options.json ? JSON.stringify(report, null, 2) : evaluationText(report));
    });
  examples(
    command,
    ['evaluate -p brain', 'all sets, all approaches'],
    ['evaluate -p two --set "Hospital B"', 'the other hospital alone'],
    [
      'evaluate -p brain --threshold sensitivity:0.95 --unit patient',
      'patients as cases, at most one in twenty missed',
    ],
    ['evaluate -p brain --subgroups PatientSex,Manufacturer', 'whether a group is served worse'],
    ['evaluate -p brain --json > results.json', 'for scripts'],
  );
}

export function evaluationText({ results, openings, looks }: EvaluateReport): string {
  const counts = Map.groupBy(openings, ({ setName }) => setName);
  const opened = [...counts].map(([name, of]) => `${name} ${of.length} ×`);
  return [
    ...results.map((result) => `${resultText(result)}\n\n${analysisText(result.analysis)}\n`),
    ...Object.values(looks).flatMap(({ sentences }) => sentences),
    `Opened so far: ${opened.join(', ') || 'nothing'}.`,
  ].join('\n');
}
