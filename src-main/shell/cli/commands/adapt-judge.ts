import { type Command, Option } from 'commander';
import { selectionValidators, type SelectionValidator } from '../../../contract/adaptation-judgement.ts';
import { projectFolder, type CliContext } from '../context.ts';
import { examples, PROJECT } from '../help.ts';
import { auditText, judgementText } from '../judgement-text.ts';
import { decimal, tableFile, wholeNumber } from '../options.ts';

interface JudgeFlags {
  project?: string;
  run?: number;
  selectBy?: SelectionValidator;
  last?: boolean;
  json?: boolean;
}

interface AuditFlags {
  project?: string;
  run?: number;
  difference?: number;
  patients?: number;
  seed?: number;
  list?: string;
  json?: boolean;
}

const RUN: [string, string, (text: string) => number] = [
  '--run <n>',
  'an adapted run, or the one that others were adapted from (default: the newest)',
  wholeNumber(1),
];

/** What surrounds an adaptation: did it help, who checks it, which model stays. */
export function adaptJudgeCommands(adapt: Command, context: CliContext): void {
  const judge = adapt
    .command('judge')
    .summary('how far apart the domains are, whether adapting helped, and which model to keep')
    .description(
      'Looks at both domains through the model that was not adapted and through each that was adapted from it to the same target: distances, ' +
        'validators that need no label, an estimate of the classes’ frequencies in the target, and, where an audit has labels, accuracy with ' +
        'McNemar’s test. Where adapting made things worse an alarm rings and the unadapted model is kept. Test and evaluation sets stay closed.',
    )
    .option(...PROJECT)
    .option(...RUN)
    .addOption(
      new Option(
        '--select-by <validator>',
        'what chooses among those for which no alarm rang (default: the audit, else accuracy estimated without labels, else info-max)',
      ).choices(selectionValidators),
    )
    .option('--last', 'show the last judgement again')
    .option('--json', 'as JSON, the map of both domains with it')
    .action(async (flags: JudgeFlags) => {
      const { app, print } = context;
      const project = projectFolder(flags.project);
      const stored = flags.last
        ? (app.listJudgements(project)[0] ?? null)
        : await app.judgeAdaptation(
            project,
            {
              ...(flags.run === undefined ? {} : { runId: flags.run }),
              ...(flags.selectBy ? { selectBy: flags.selectBy } : {}),
            },
            { signal: context.signal(), onProgress: context.onProgress },
          );
      if (flags.json) return print(JSON.stringify(stored, null, 2));
      print(stored ? judgementText(stored) : 'Nothing was judged yet: graft adapt judge.');
    });
  examples(
    judge,
    ['adapt judge -p two', 'all models adapted to the newest target'],
    ['adapt judge -p two --run 12 --select-by info-max', 'chosen by InfoMax'],
  );
  const audit = adapt
    .command('audit')
    .summary('choose patients of the target to label, so that it can be told whether adapting helped')
    .description(
      'Draws patients of the target by chance, one image of each, never of a locked test or evaluation set: as many as it takes to find a difference ' +
        'of accuracies with a power of 80 %. Once chosen they stay; asking for more adds further ones.',
    )
    .option(...PROJECT)
    .option(...RUN)
    .option('--difference <d>', 'that is to be found (default: 0.15, fifteen points)', decimal(0.01, 1))
    .option('--patients <n>', 'so many, in place of what the difference asks for', wholeNumber(1))
    .option('--seed <n>', 'of the draw (default: 7)', wholeNumber(0))
    .option(
      '--list <file.csv>',
      'writes what is to be labelled; fill in label, then graft label FILE',
      tableFile,
    )
    .option('--json', 'as JSON')
    .action(async (flags: AuditFlags) => {
      const { app, print } = context;
      const project = projectFolder(flags.project);
      const chosen = await app.chooseAudit(project, {
        ...(flags.run === undefined ? {} : { runId: flags.run }),
        ...(flags.difference === undefined ? {} : { difference: flags.difference }),
        ...(flags.patients === undefined ? {} : { patients: flags.patients }),
        ...(flags.seed === undefined ? {} : { seed: flags.seed }),
      });
      if (flags.list !== undefined) app.writeAuditList(project, chosen, flags.list);
      print(flags.json ? JSON.stringify(chosen, null, 2) : auditText(chosen));
    });
  examples(
    audit,
    ['adapt audit -p two --list audit.csv', 'how many, and which'],
    ['adapt audit -p two --difference 0.1', 'more of them, for a smaller difference'],
  );
  const keep = adapt
    .command('keep')
    .summary('decide by hand which model of a judgement is kept')
    .argument('<run>', 'its number', wholeNumber(1))
    .option(...PROJECT)
    .action(async (runId: number, flags: { project?: string }) => {
      const { kept } = await context.app.keepRun(projectFolder(flags.project), runId);
      context.print(`Kept by hand: run ${kept.runId}.`);
    });
  examples(keep, ['adapt keep 14 -p two', 'run 14, whatever the rule says']);
}
