import { lineChart } from '../../charts/index.ts';
import type { ReportRun } from '../../contract/report.ts';
import { type Blocks, code, facts, figure, figures, heading, paragraph, table } from '../blocks.ts';
import { approachName, duration } from '../format.ts';
import { ratesText } from '../rates.ts';
import type { SectionMaker } from '../section.ts';

export const trainingSection: SectionMaker = ({ runs, split }) => {
  const trained = runs.filter(({ epochs }) => epochs.length > 0);
  return [
    {
      id: 'training',
      title: 'Training',
      blocks: [
        table(
          'Each training as it ran. The best epoch’s weights are the ones evaluated.',
          ['Approach', 'Epochs', 'Best epoch', 'Learning rate', 'Batch', 'Optimiser', 'Time'],
          runs.map((run) => {
            const { approach, config, epochs, result } = run;
            const time = result ? duration(result.seconds) : '–';
            if (epochs.length === 0)
              return [approachName(approach, split.multiLabel), '–', '–', '–', '–', '–', time];
            return [
              approachName(approach),
              `${epochs.length}${result?.stoppedEarly ? ' (stopped early)' : ''}`,
              String(result?.bestEpoch ?? '–'),
              ratesText(run),
              String(config.batchSize),
              config.optimizer.kind,
              time,
            ];
          }),
        ),
        trained.map(curves),
        heading('Settings of fine-tuning'),
        settings(trained.find(({ approach }) => approach === 'fine-tuned') ?? trained[0]),
      ],
    },
  ];
};

type Epoch = ReportRun['epochs'][number];

function curves({ approach, epochs, result }: ReportRun): Blocks {
  const name = approachName(approach);
  const series = (label: string, pick: (epoch: Epoch) => number | null) => ({
    name: label,
    markers: 'none' as const,
    points: epochs.flatMap((epoch): [number, number][] => {
      const value = pick(epoch);
      return value === null ? [] : [[epoch.epoch, value]];
    }),
  });
  const losses = [series('training', (e) => e.trainLoss), series('validation', (e) => e.validationLoss)];
  const rights = [
    series('training', (e) => e.trainAccuracy),
    series('validation', (e) => e.validationAccuracy),
  ];
  const domain: [number, number] = [1, Math.max(2, epochs.length)];
  const highest = Math.max(...losses.flatMap(({ points }) => points.map(([, loss]) => loss)));
  const x = { name: 'epoch', domain };
  const marks = result ? [{ x: result.bestEpoch, label: 'best' }] : [];
  return [
    heading(name),
    figures(
      figure(
        lineChart({
          label: `Loss of ${name} by epoch`,
          series: losses,
          x,
          y: { name: 'loss', domain: [0, highest * 1.05] },
          marks,
        }),
        'Loss by epoch: less is better.',
      ),
      figure(
        lineChart({
          label: `Accuracy of ${name} by epoch`,
          series: rights,
          x,
          y: { name: 'accuracy (share of images)', domain: [0, 1] },
          marks,
        }),
        'Accuracy by epoch.',
      ),
    ),
    paragraph(
      'Training values are taken while the network learns, with dropout and augmentation, so they may lie below validation.',
      'soft',
    ),
  ];
}

/** Every setting by its name, nested ones with a dot. */
function settings(run: ReportRun | undefined): Blocks {
  if (!run) return paragraph('Nothing was trained.');
  return facts(
    flatSettings(run.config).map(([name, value]) => [name, code(value)]),
    { short: true },
  );
}

export const flatSettings = (value: object, prefix = ''): [string, string][] =>
  Object.entries(value).flatMap(([key, inner]): [string, string][] => {
    if (inner === null || inner === undefined) return [];
    if (typeof inner === 'object' && !Array.isArray(inner))
      return flatSettings(inner as object, `${prefix}${key}.`);
    return [[`${prefix}${key}`, String(inner)]];
  });
