import type { Command } from 'commander';
import type { Split } from '../../../contract/dataset.ts';
import { projectFolder, type CliContext } from '../context.ts';
import { examples, PROJECT } from '../help.ts';
import { table } from '../table.ts';
import { addSplitOptions, splitChoice, type SplitFlags } from './split-options.ts';

export function splitCommand(program: Command, context: CliContext): void {
  const command = program
    .command('split')
    .summary('deal patients to train, validation and test')
    .description(
      'Deals the labelled images to train, validation and test: by patient, so that nobody is on two sides; ' +
        'stratified by class, where an image may show several findings by each of them; drawn from a seed; stored with its ' +
        'hash and never changed.',
    )
    .option(...PROJECT);
  addSplitOptions(command).action(async (options: SplitFlags & { project?: string }) => {
    const choice = splitChoice(options);
    const split = await context.app.createSplit(projectFolder(options.project), {
      ...choice,
      options: choice.options ?? {},
    });
    context.print(splitText(split));
  });
  examples(
    command,
    ['split -p brain', '70/15/15 of the patients'],
    ['split -p brain --fractions 60/20/20 --split-seed 7', 'other shares, another deal'],
    ['split -p brain --use-split-column', 'as the table of labels says'],
    ['split -p two --dataset "Hospital A" --evaluate-on "Hospital B"', 'one hospital, tested at the other'],
    ['split -p brain --where Manufacturer=SIEMENS', 'one vendor alone'],
  );
}

export function splitText({ id, hash, classes, multiLabel, counts, leftOut }: Split): string {
  const rows = Object.entries(counts).map(([role, count]) => [
    role,
    count.patients,
    count.images,
    ...count.classes,
    ...(multiLabel ? [count.none ?? 0] : []),
  ]);
  const lines = [
    `Split ${id} (${hash.slice(0, 12)}):`,
    table(['set', 'patients', 'images', ...classes, ...(multiLabel ? ['no finding'] : [])], rows),
  ];
  for (const [reason, count] of Object.entries(leftOut)) lines.push(`Left out: ${count} (${reason}).`);
  return lines.join('\n');
}
