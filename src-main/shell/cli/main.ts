import { Command, CommanderError } from 'commander';
import { GraftError } from '../../contract/errors.ts';
import { auditCommand } from './commands/audit.ts';
import { adaptCommand } from './commands/adapt.ts';
import { capsuleCommand, verifyCommand } from './commands/capsule.ts';
import { checkCommand } from './commands/check.ts';
import { crossValidateCommand } from './commands/cross-validate.ts';
import { demoCommand } from './commands/demo.ts';
import { evaluateCommand } from './commands/evaluate.ts';
import { explainCommand } from './commands/explain.ts';
import { exportCommand } from './commands/export.ts';
import { exportDicomCommand } from './commands/export-dicom.ts';
import { importCommand, labelCommand } from './commands/import.ts';
import { learningCurveCommand } from './commands/learning-curve.ts';
import { modelsCommand } from './commands/models.ts';
import { planSizeCommand } from './commands/plan-size.ts';
import { pretrainCommand } from './commands/pretrain.ts';
import { problemsCommand } from './commands/problems.ts';
import { reportCommand } from './commands/report.ts';
import { runsCommand } from './commands/runs.ts';
import { splitCommand } from './commands/split.ts';
import { sweepCommand } from './commands/sweep.ts';
import { trainCommand } from './commands/train.ts';
import { createContext } from './context.ts';
import { errorText } from './error-text.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';

/** The launcher holds this channel: when it is killed outright, so is this. */
function endWithLauncher(): void {
  if (!process.channel) return;
  process.on('disconnect', () => process.exit(EXIT.failed));
  process.channel.unref();
}

async function main(): Promise<void> {
  endWithLauncher();
  const context = createContext();
  const program = new Command('graft')
    .description(
      'Transfer learning on private medical images, on your own machine: DICOM in, an evaluated model and a report out.',
    )
    .option('--verbose', 'show the technical cause of an error')
    .addHelpText(
      'after',
      '\nThe way through: import → split → (sweep) → train → (adapt) → evaluate → report → export. graft <command> --help has examples.' +
        '\nExit codes: 0 done, 1 failed, 2 wrong usage, 130 stopped with Ctrl-C.',
    )
    // What stands behind a command is that one's: `graft models add -p` means the project that weights are added to.
    .enablePositionalOptions()
    .exitOverride();
  const commands = [
    importCommand,
    labelCommand,
    problemsCommand,
    splitCommand,
    pretrainCommand,
    sweepCommand,
    trainCommand,
    adaptCommand,
    evaluateCommand,
    crossValidateCommand,
    planSizeCommand,
    learningCurveCommand,
    explainCommand,
    checkCommand,
    reportCommand,
    exportCommand,
    exportDicomCommand,
    capsuleCommand,
    verifyCommand,
    runsCommand,
    modelsCommand,
    auditCommand,
    demoCommand,
  ];
  for (const add of commands) add(program, context);
  for (const command of program.commands.flatMap((one) => [one, ...one.commands]))
    command.exitOverride().option('--verbose', 'show the technical cause of an error');
  try {
    await program.parseAsync();
  } catch (thrown) {
    process.exitCode = fail(thrown);
  } finally {
    context.endProgress();
  }

  function fail(thrown: unknown): number {
    // Commander has printed its own message, or the help that was asked for.
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.done : EXIT.usage;
    const error = GraftError.from(thrown);
    context.note(errorText(error, process.argv.includes('--verbose')));
    return exitCodeOf(error);
  }
}

await main();
