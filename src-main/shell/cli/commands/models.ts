import type { Command } from 'commander';
import { projectFolder, type CliContext } from '../context.ts';
import { examples, PROJECT } from '../help.ts';
import { table } from '../table.ts';

export function modelsCommand(program: Command, context: CliContext): void {
  const command = program
    .command('models')
    .summary('list models to start from, and exported ones')
    .description(
      'Lists the networks to start from, with their stages for --freeze-until, and the exported models.',
    )
    .option(...PROJECT)
    .option('--json', 'as JSON')
    .action((options: { project?: string; json?: boolean }) => {
      const models = context.app.listModels(projectFolder(options.project));
      if (options.json) return context.print(JSON.stringify(models, null, 2));
      context.print(
        table(
          ['model', 'size', 'weights (M)', 'multiply-adds (G)', 'pre-trained', 'stages'],
          models.library.map((one) => [
            one.name,
            one.inputSize,
            Number((one.parameters / 1e6).toFixed(1)),
            Number((one.multiplyAdds / 1e9).toFixed(2)),
            one.pretrained ? 'yes' : 'no',
            one.stages.join(' '),
          ]),
        ),
      );
      if (models.exported.length === 0) return;
      const rows = models.exported.map((one) => [
        one.path,
        one.runId,
        Number((one.bytes / 1e6).toFixed(1)),
        one.largestDifference.toExponential(1),
        one.exportedAt,
      ]);
      context.print(`\n${table(['exported', 'run', 'MB', 'largest difference', 'when'], rows)}`);
    });
  examples(command, ['models', 'what there is to start from'], ['models -p brain', 'and what was exported']);
}
