import { resolve } from 'node:path';
import type { Command } from 'commander';
import { projectFolder, type CliContext } from '../context.ts';
import { examples, PROJECT } from '../help.ts';
import { wholeNumber } from '../options.ts';

export function exportCommand(program: Command, context: CliContext): void {
  const command = program
    .command('export')
    .summary('write a model as ONNX, checked against the trainer')
    .description(
      'Writes a trained model as an ONNX file of standard operators, with class names and preprocessing inside. The ' +
        "file is run on images of the project, and is kept only when its probabilities equal the trainer's to 1e-5.",
    )
    .option(...PROJECT)
    .option('--run <run>', 'which run (default: the fine-tuned one of the last training)', wholeNumber(1))
    .option('-o, --output <file>', 'where it goes (default: models/run-<run>.onnx in the project)')
    .action(async (options: { project?: string; run?: number; output?: string }) => {
      const project = projectFolder(options.project);
      const model = await context.app.exportModel(
        project,
        {
          ...(options.run === undefined ? {} : { runId: options.run }),
          ...(options.output === undefined ? {} : { path: resolve(options.output) }),
        },
        { signal: context.signal(), onProgress: context.onProgress },
      );
      context.print(
        `${resolve(project, model.path)}\n${(model.bytes / 1e6).toFixed(1)} MB, run ${model.runId}; largest difference ` +
          `from the trainer on ${model.imagesCompared} images: ${model.largestDifference.toExponential(1)}.`,
      );
    });
  examples(
    command,
    ['export -p brain', 'the fine-tuned model'],
    ['export -p brain --run 3 -o m.onnx', 'another'],
  );
}
