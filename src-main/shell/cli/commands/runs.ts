import type { Command } from 'commander';
import type { RunSummary } from '../../../app/index.ts';
import { projectFolder, type CliContext } from '../context.ts';
import { examples, PROJECT } from '../help.ts';
import { findingsText } from '../findings-text.ts';
import { runTable } from '../run-table.ts';

export function runsCommand(program: Command, context: CliContext): void {
  const command = program
    .command('runs')
    .summary('list trainings')
    .description(
      'Lists the trainings of a project, also while one is going on. Interrupted ones can be resumed.',
    )
    .option(...PROJECT)
    .option('--json', 'everything that is recorded, as JSON')
    .action((options: { project?: string; json?: boolean }) => {
      const runs = context.app.listRuns(projectFolder(options.project));
      if (options.json) return context.print(JSON.stringify(runs, null, 2));
      if (runs.length === 0) return context.print('No trainings yet. Start one with graft train.');
      context.print(runsText(runs));
      const problems = runs.map(({ run, findings }) => ({
        run,
        findings: findings.filter(({ tone }) => tone === 'problem'),
      }));
      const told = findingsText(problems);
      if (told.length > 0) context.print(['', ...told].join('\n'));
    });
  examples(command, ['runs -p brain', 'a table'], ['runs -p brain --json', 'for scripts']);
}

/** Trainings of their own, then the members of each ensemble, those of each sweep, and those of each fold of a cross-validation. */
function runsText(runs: readonly RunSummary[]): string {
  const own = runs.filter(({ place, member, fold }) => !place && !member && !fold);
  const sweeps = Map.groupBy(
    runs.filter(({ place }) => place),
    ({ place }) => `Sweep ${place!.sweepId}`,
  );
  const ensembles = Map.groupBy(
    runs.filter(({ member }) => member),
    ({ member }) => `Members of run ${member!.ensembleId}`,
  );
  const folds = Map.groupBy(
    runs.filter(({ fold, place, member }) => fold && !place && !member),
    ({ fold }) => `Cross-validation ${fold!.crossValidationId}, fold ${fold!.fold}`,
  );
  return [
    ...(own.length > 0 ? [runTable(own.map(rowOf))] : []),
    ...[...ensembles, ...sweeps, ...folds].map(([title, of]) => `${title}:\n${runTable(of.map(rowOf))}`),
  ].join('\n\n');
}

const rowOf = ({ run, epochs, place }: RunSummary): Parameters<typeof runTable>[0][number] => ({
  run,
  epochsSoFar: epochs.length,
  ...(place ? { place } : {}),
});
