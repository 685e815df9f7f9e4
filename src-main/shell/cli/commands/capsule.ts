import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Agreement, CapsuleVerification } from '../../../contract/capsule.ts';
import { GraftError } from '../../../contract/errors.ts';
import { projectFolder, type CliContext } from '../context.ts';
import { examples, PROJECT } from '../help.ts';
import { wholeNumber } from '../options.ts';

export function capsuleCommand(program: Command, context: CliContext): void {
  const command = program
    .command('capsule')
    .summary('write one file with everything that a study was')
    .description(
      'Writes a study into one file: plan, split, seeds, versions, weights, what each model said of each image, metrics, and the end of ' +
        'the audit trail. Images and patients stand in it as hashes. graft verify runs it again.',
    )
    .option(...PROJECT)
    .option('--run <run>', 'any run of the training (default: the last training)', wholeNumber(1))
    .option('-o, --output <file>', 'where it goes (default: reports/study-<number>.capsule in the project)')
    .action(async (options: { project?: string; run?: number; output?: string }) => {
      const written = await context.app.writeCapsule(
        projectFolder(options.project),
        {
          ...(options.run === undefined ? {} : { runId: options.run }),
          ...(options.output === undefined ? {} : { path: resolve(options.output) }),
        },
        { signal: context.signal(), onProgress: context.onProgress },
      );
      context.print(
        `${written.path}\n${(written.bytes / 1e6).toFixed(1)} MB, ${written.files} files, SHA-256 ${written.sha256}.`,
      );
    });
  examples(
    command,
    ['capsule -p brain', 'of the last training'],
    ['capsule -p brain --run 3 -o study.capsule', 'of another, elsewhere'],
  );
}

export function verifyCommand(program: Command, context: CliContext): void {
  const command = program
    .command('verify')
    .argument('<capsule>', 'a study capsule')
    .summary('run a study capsule again, and say what agrees')
    .description(
      'Checks a study capsule against a project that has its images: the files, the split, the weights, what each model says of each ' +
        'image, the metrics and the audit trail, row by row, and how exactly. With --retrain everything is trained again from the plan. ' +
        'Held-out sets are opened for it, which is counted. Exit code 1 where something does not agree.',
    )
    .option(...PROJECT)
    .option('--retrain', 'also train again from the plan, and compare weights, epochs and answers')
    .option('--json', 'as JSON')
    .action(async (path: string, options: { project?: string; retrain?: boolean; json?: boolean }) => {
      const found = await context.app.verifyCapsule(
        projectFolder(options.project),
        resolve(path),
        { retrain: options.retrain === true },
        { signal: context.signal(), onProgress: context.onProgress },
      );
      context.print(options.json ? JSON.stringify(found, null, 2) : verificationText(found));
      if (!found.agrees)
        throw new GraftError(
          'capsule-differs',
          'Expected a capsule that agrees with this project, found rows that do not. Look at the first of them: the others may follow from it.',
        );
    });
  examples(
    command,
    ['verify study.capsule -p brain', 'does it still come out so?'],
    ['verify study.capsule -p brain --retrain', 'also from the images on'],
  );
}

const MARKS: Record<Agreement, string> = {
  exactly: 'exactly',
  closely: 'closely',
  no: 'NO',
  unknown: '?',
  told: '-',
};

function verificationText({ rows }: CapsuleVerification): string {
  const width = Math.max(...rows.map(({ what }) => what.length));
  return rows
    .map(({ what, agrees, detail }) => `${MARKS[agrees].padEnd(8)} ${what.padEnd(width)}  ${detail}`)
    .join('\n');
}
