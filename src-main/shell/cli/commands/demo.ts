import type { ReportFormat } from '../../../contract/report-files.ts';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { examples } from '../help.ts';
import { durationText } from '../progress-line.ts';
import { evaluationText } from './evaluate.ts';

export function demoCommand(program: Command, context: CliContext): void {
  const command = program
    .command('demo')
    .summary('the whole job on sample data')
    .description(
      'Draws two small hospitals as DICOM files, imports them, trains on the first, evaluates on both and exports the ' +
        'model. Takes a few minutes. No patient is shown in these images.',
    )
    .option('-o, --output <folder>', 'where it goes; an earlier demo there is replaced', 'graft-demo')
    .action(async (options: { output: string }) => {
      const start = performance.now();
      let step = 0;
      const report = await context.app.demo(
        resolve(options.output),
        { onStep: (text) => context.note(`\n${++step}. ${text}`) },
        { signal: context.signal(), onProgress: context.onProgress },
      );
      context.print(`\n${evaluationText(report.evaluation)}\n`);
      context.print(
        [
          `Project  ${report.project}`,
          `Report   ${report.report.html}`,
          ...['pdf', 'json', 'csv', 'card'].flatMap((format) => {
            const file = report.report.files[format as ReportFormat];
            return file ? [`         ${file.path}`] : [];
          }),
          `Model    ${resolve(report.project, report.exported.path)} (checked against the trainer)`,
          `Done in ${durationText((performance.now() - start) / 1000)}.`,
        ].join('\n'),
      );
    });
  examples(command, ['demo', 'into ./graft-demo'], ['demo --output ~/graft-demo', 'into another folder']);
}
