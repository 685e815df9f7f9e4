import { type Command, Option } from 'commander';
import type { PretrainOptions } from '../../../app/index.ts';
import type { AddedModel } from '../../../contract/calls/models.ts';
import { GraftError } from '../../../contract/errors.ts';
import {
  selfSupervisedMethods,
  type SelfSupervisedMethodName,
  type SelfSupervisionSettings,
  type ViewConfig,
} from '../../../contract/self-supervision.ts';
import { projectFolder, type CliContext } from '../context.ts';
import { examples, PROJECT } from '../help.ts';
import { collect, decimal, wholeNumber } from '../options.ts';

interface PretrainFlags {
  project?: string;
  unlabelled?: boolean;
  resume?: number;
  discard?: number;
  from?: string;
  title?: string;
  dataset?: string[];
  split?: number;
  method?: SelfSupervisedMethodName;
  minutes?: number;
  epochs?: number;
  size?: number;
  batchSize?: number;
  learningRate?: number;
  freezeUntil?: string;
  batchNorm?: SelfSupervisionSettings['batchNormalization'];
  temperature?: number;
  cropScale?: number;
  rotate?: number;
  intensity?: number;
  gamma?: number;
  blur?: number;
  noise?: number;
  flipHorizontal?: boolean;
  flipVertical?: boolean;
  seed?: number;
  threads?: number;
  json?: boolean;
}

export function pretrainCommand(program: Command, context: CliContext): void {
  const command = program
    .command('pretrain')
    .summary('adapt a network to your own images, without their labels')
    .description(
      'Continues a model on the images of the project without looking at a label, and adds what comes of it as a model to start from. ' +
        'Patients of the test set and of evaluation sets are left out: to learn from their images, even without labels, would make results ' +
        'look better than they are. What was done is kept: a pre-training that was stopped goes on with --resume and ends the same.',
    )
    .option(...PROJECT)
    .option('--unlabelled', 'learn without labels (the only way there is: it says what this does)')
    .option('--from <model>', 'the model to continue: of the library, or added (default: starter)')
    .option('--title <text>', 'what the new model is called')
    .addOption(
      new Option('--method <name>', 'how to learn without labels (default: simclr)').choices(
        selfSupervisedMethods,
      ),
    )
    .option('-d, --dataset <name>', 'only images of this dataset; may be repeated (default: all)', collect)
    .option(
      '--split <n>',
      'whose held-out patients are left out (default: the split made last, or a new one)',
      wholeNumber(1),
    )
    .option('--minutes <m>', 'as long as this machine needs for so many minutes', decimal(0.01, 100_000))
    .option('--epochs <n>', 'or so many looks at each image (default: 100)', wholeNumber(1))
    .option('--size <pixels>', 'side of the images (default: the model’s own)', wholeNumber(16))
    .option('--batch-size <n>', 'images of a step, each in two views (default: 64)', wholeNumber(2))
    .option('--learning-rate <rate>', 'at its height (default: 0.001)', decimal(1e-8, 10))
    .option('--freeze-until <stage>', 'leave this stage and all before it as they are: faster')
    .addOption(
      new Option(
        '--batch-norm <mode>',
        'training: its averages follow these images; inference: they stay (default: training)',
      ).choices(['training', 'inference']),
    )
    .option('--temperature <t>', 'of SimCLR (default: 0.2)', decimal(0.01, 10))
    .option(
      '--crop-scale <share>',
      'least share of an image that a view shows (default: 0.4)',
      decimal(0.08, 1),
    )
    .option('--rotate <degrees>', 'largest turn of a view (default: 15)', decimal(0, 180))
    .option('--intensity <by>', 'largest change of brightness and contrast (default: 0.3)', decimal(0, 1))
    .option('--gamma <factor>', 'largest factor of the grey values’ exponent (default: 1.5)', decimal(1, 4))
    .option('--blur <share>', 'largest blur, as a share of the side (default: 0.01)', decimal(0, 0.1))
    .option('--noise <deviation>', 'largest noise (default: 0.05)', decimal(0, 0.5))
    .option('--flip-horizontal', 'views may be mirrored: only where left and right do not matter')
    .option('--flip-vertical', 'views may be upside down')
    .option('--seed <n>', 'of order, views and heads (default: 7)', wholeNumber(0))
    .option('--threads <n>', 'of the engine (default: as many as there are cores)', wholeNumber(1))
    .option('--resume <n>', 'go on with a pre-training that was stopped', wholeNumber(1))
    .option('--discard <n>', 'throw away a pre-training that was stopped', wholeNumber(1))
    .option('--json', 'the new model as JSON')
    .action((flags: PretrainFlags) => pretrain(flags, context));
  examples(
    command,
    [
      'pretrain -p brain --unlabelled --minutes 20',
      'continue the starter on all images but the test patients’',
    ],
    ['pretrain -p brain --unlabelled --method vicreg --dataset hospital-b', 'on those of one dataset'],
    ['pretrain -p brain --resume 1', 'go on after a stop'],
    ['train -p brain --model starter-simclr-1a2b3c4d', 'start from what came of it'],
  );
}

async function pretrain(flags: PretrainFlags, context: CliContext): Promise<void> {
  const { app, note, print } = context;
  const project = projectFolder(flags.project);
  if (flags.discard !== undefined) {
    await app.discardPretraining(project, flags.discard);
    return print(`Pre-training ${flags.discard} was thrown away.`);
  }
  if (flags.epochs !== undefined && flags.minutes !== undefined) {
    throw new GraftError(
      'settings-wrong',
      'Expected either --minutes or --epochs, found both. Leave one of them out.',
    );
  }
  const reporting = { signal: context.signal(), onProgress: context.onProgress };
  let resumable = flags.resume;
  const onStart: PretrainOptions['onStart'] = ({ id, facts, warnings }) => {
    const { images, patients, heldOut } = facts;
    resumable = id;
    note(`Pre-training ${id}: ${images} images of ${patients} patients, without their labels.`);
    note(
      heldOut
        ? `Left out: ${heldOut.images} images of ${heldOut.patients} patients whom split ${heldOut.splitId} holds out for evaluation.`
        : 'There is no split yet, so nobody is held out: a test set that is made later can hold images seen here, and the report will say how many.',
    );
    for (const warning of warnings) note(`Note: ${warning}`);
  };
  try {
    const added =
      flags.resume === undefined
        ? await app.pretrainUnlabelled(project, { ...pretrainOptions(flags), onStart }, reporting)
        : await app.resumePretraining(project, flags.resume, reporting);
    print(flags.json ? JSON.stringify(added, null, 2) : addedText(added, flags.project));
  } catch (thrown) {
    const error = GraftError.from(thrown);
    const stopped = error.kind === 'cancelled' || error.code === 'worker-died';
    if (resumable === undefined || !stopped) throw error;
    const command = `graft pretrain --resume ${resumable} -p ${flags.project ?? project}`;
    const { code, kind, cause } = error;
    throw new GraftError(code, `${error.message} Go on with: ${command}`, { kind, cause });
  }
}

/** What flags mean; what is left out takes its default. */
export function pretrainOptions(flags: PretrainFlags): PretrainOptions {
  const views = given<Partial<ViewConfig>>({
    scale: flags.cropScale,
    rotate: flags.rotate,
    intensity: flags.intensity,
    gamma: flags.gamma,
    blur: flags.blur,
    noise: flags.noise,
    flipHorizontal: flags.flipHorizontal,
    flipVertical: flags.flipVertical,
  });
  const settings = given<SelfSupervisionSettings>({
    method: flags.method,
    minutes: flags.minutes,
    epochs: flags.epochs,
    batchSize: flags.batchSize,
    learningRate: flags.learningRate,
    freezeUntil: flags.freezeUntil,
    batchNormalization: flags.batchNorm,
    temperature: flags.temperature,
    seed: flags.seed,
    threads: flags.threads,
  });
  return given<PretrainOptions>({
    from: flags.from,
    title: flags.title,
    datasets: flags.dataset,
    split: flags.split === undefined ? undefined : { splitId: flags.split },
    settings: { ...settings, ...(Object.keys(views).length > 0 ? { views } : {}) },
    preprocessing: flags.size === undefined ? undefined : { height: flags.size, width: flags.size },
  });
}

/** Without what is undefined. */
const given = <T extends object>(fields: { [Name in keyof T]?: T[Name] | undefined }): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;

function addedText({ id, title, lineage }: AddedModel, project: string | undefined): string {
  const { images, patients, epochs, reports, seconds, size } = lineage!;
  const [first, last] = [reports[0], reports[reports.length - 1]].map(({ loss }) => loss.toFixed(3));
  const where = project === undefined ? '' : ` -p ${project}`;
  return [
    `${title}: ${images} images of ${patients} patients, each seen ${epochs.toFixed(1)} times in ${(seconds / 60).toFixed(1)} minutes, loss ${reports.length > 1 ? `${first} to ${last}` : first}.`,
    '',
    `Added as ${id}. Whether it helps shows on your own labels:`,
    `  graft models rank${where} --size ${size}`,
    `  graft train${where} --model ${id} --size ${size}`,
  ].join('\n');
}
