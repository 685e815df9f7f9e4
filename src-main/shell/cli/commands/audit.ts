import type { Command } from 'commander';
import type { AuditTrail } from '../../../contract/audit.ts';
import { GraftError } from '../../../contract/errors.ts';
import { projectFolder, type CliContext } from '../context.ts';
import { examples, PROJECT } from '../help.ts';
import { wholeNumber } from '../options.ts';

const SHOWN = 20;

export function auditCommand(program: Command, context: CliContext): void {
  const command = program
    .command('audit')
    .summary('what was done in a project, and whether that record is whole')
    .description(
      'Lists what was done in a project: imports, changes of labels, splits, trainings, openings of test sets, exports. Each entry holds ' +
        'the hash of the one before it, and the last hash is also kept outside the project, so that a changed, missing or moved entry is ' +
        'found. With --verify a trail that is not whole ends with exit code 1.',
    )
    .option(...PROJECT)
    .option('--verify', 'only check the trail; exit code 1 where it is broken')
    .option('--last <count>', 'how many entries are listed, the newest first', wholeNumber(1), SHOWN)
    .option('--all', 'list every entry')
    .option('--json', 'as JSON')
    .action(
      (options: { project?: string; verify?: boolean; last: number; all?: boolean; json?: boolean }) => {
        const most = options.verify ? 0 : options.all ? undefined : options.last;
        const trail = context.app.readAudit(projectFolder(options.project), most);
        const { verification } = trail;
        if (options.json) context.print(JSON.stringify(options.verify ? verification : trail, null, 2));
        else context.print(options.verify ? verificationText(trail) : trailText(trail));
        if (options.verify && !verification.intact)
          throw new GraftError(
            'audit-broken',
            'Expected an audit trail that stands as it was written, found one that does not. Compare the project with a backup.',
          );
      },
    );
  examples(
    command,
    ['audit -p brain', 'the last acts'],
    ['audit -p brain --verify', 'is it whole?'],
    ['audit -p brain --all --json > audit.json', 'for an archive'],
  );
}

const verificationText = ({ verification: { sentence, disagreements, head } }: AuditTrail): string =>
  [
    sentence,
    ...disagreements.filter((one) => one !== sentence),
    ...(head ? [`Hash of the last entry: ${head}`] : []),
  ].join('\n');

function trailText(trail: AuditTrail): string {
  const lines = trail.entries.map(
    ({ seq, at, sentence }) =>
      `${String(seq).padStart(6)}  ${at.slice(0, 19).replace('T', ' ')}  ${sentence}`,
  );
  const left = trail.total - trail.entries.length;
  if (left > 0 && lines.length > 0) lines.push(`        … and ${left} before (--all)`);
  return [...lines, ...(lines.length > 0 ? [''] : []), verificationText(trail)].join('\n');
}
