import type { Command } from 'commander';
import type { ImageName, ProblemReport } from '../../../app/index.ts';
import { projectFolder, type CliContext } from '../context.ts';
import { examples, PROJECT } from '../help.ts';

export function problemsCommand(program: Command, context: CliContext): void {
  const command = program
    .command('problems')
    .summary('list refused files, undecodable images and exact copies')
    .description(
      'Lists what the import refused and why, images whose pixels could not be decoded, and images that hold exactly ' +
        'the same pixels, also under different patients and in different encodings. Copies are known once the images ' +
        'were prepared, which the first training does.',
    )
    .option(...PROJECT)
    .option('--json', 'as JSON')
    .action((options: { project?: string; json?: boolean }) => {
      const problems = context.app.listProblems(projectFolder(options.project));
      context.print(options.json ? JSON.stringify(problems, null, 2) : problemText(problems));
    });
  examples(command, ['problems -p brain', 'a list'], ['problems -p brain --json', 'for scripts']);
}

const name = ({ source, path, frameIndex }: ImageName): string =>
  `${source}/${path}${frameIndex > 0 ? ` (frame ${frameIndex + 1})` : ''}`;

function problemText({ refused, undecodable, duplicates }: ProblemReport): string {
  const lines: string[] = [];
  const section = (title: string, items: readonly string[]): void => {
    if (items.length > 0) lines.push(`${title} (${items.length}):`, ...items.map((item) => `  ${item}`), '');
  };
  section(
    'Refused files',
    refused.map(({ source, path, reason, message }) => `${source}/${path}: ${message} [${reason}]`),
  );
  section(
    'Images that could not be decoded',
    undecodable.map((image) => `${name(image)}: ${image.message} [${image.code}]`),
  );
  section(
    'Pictures that occur more than once',
    duplicates.map(
      ({ images, patients }) =>
        `${images.map(name).join(' = ')}${patients > 1 ? ` (${patients} different patients)` : ''}`,
    ),
  );
  return lines.length > 0 ? lines.join('\n').trimEnd() : 'No problems found.';
}
