import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { exportFormats, type ExportFormat } from '../../../app/index.ts';
import { projectFolder, type CliContext } from '../context.ts';
import { examples, PROJECT } from '../help.ts';
import { wholeNumber } from '../options.ts';

interface Options {
  project?: string;
  run?: number;
  format: ExportFormat[];
  output?: string;
}

/** `onnx,tfjs` */
function formats(text: string): ExportFormat[] {
  const found = [...new Set(text.split(',').map((one) => one.trim()))];
  const known = found.filter((one): one is ExportFormat =>
    (exportFormats as readonly string[]).includes(one),
  );
  if (known.length === found.length) return known;
  throw new InvalidArgumentError(`Expected formats of ${exportFormats.join(', ')}, such as onnx,tfjs.`);
}

export function exportCommand(program: Command, context: CliContext): void {
  const command = program
    .command('export')
    .summary('write a model as ONNX, for TensorFlow.js or as a folder, checked against the trainer')
    .description(
      'Writes a trained model as an ONNX file of standard operators, with class names and preprocessing inside; as a model of ' +
        'TensorFlow.js; or as a folder that says how to use it. It is run on images of the project, and is kept only when its ' +
        "probabilities equal the trainer's to 1e-5. As graft it is a folder that another Graft can adapt to its own images (graft adapt " +
        '--model), with counts of what it was trained on, and no image, patient or path.',
    )
    .option(...PROJECT)
    .option('--run <run>', 'which run (default: the fine-tuned one of the last training)', wholeNumber(1))
    .option(
      '--format <formats>',
      'onnx; tfjs (a folder for TensorFlow.js); folder (ONNX with preprocessing, labels, thresholds and examples in Python and ' +
        'JavaScript); graft (for graft adapt --model in another project); several with commas',
      formats,
      ['onnx'],
    )
    .option(
      '-o, --output <path>',
      'where it goes (default: models/run-<run>.onnx and the like in the project)',
    )
    .action(async (options: Options) => {
      const project = projectFolder(options.project);
      if (options.output !== undefined && options.format.length > 1)
        throw new InvalidArgumentError('Expected one format with --output, as it names one place.');
      for (const format of options.format) {
        const model = await context.app.exportModel(
          project,
          {
            format,
            ...(options.run === undefined ? {} : { runId: options.run }),
            ...(options.output === undefined ? {} : { path: resolve(options.output) }),
          },
          { signal: context.signal(), onProgress: context.onProgress },
        );
        context.print(
          `${resolve(project, model.path)}\n${(model.bytes / 1e6).toFixed(1)} MB, run ${model.runId}; largest difference ` +
            `from the trainer on ${model.imagesCompared} images: ${model.largestDifference.toExponential(1)}.` +
            (format === 'graft'
              ? `\nSHA-256 of the weights, to be compared where it arrives: ${model.sha256}`
              : ''),
        );
      }
    });
  examples(
    command,
    ['export -p brain', 'the fine-tuned model'],
    ['export -p brain --run 3 -o m.onnx', 'another'],
    ['export -p brain --format tfjs,folder', 'for a browser, and for a colleague'],
    ['export -p brain --format graft -o from-a', 'for another hospital, to be adapted there'],
  );
}
