import type { ReportModel, ReportRun } from '../contract/report.ts';
import { countBars, lineChart } from './charts.ts';
import { continuedRows } from './continued-rows.ts';
import { APPROACH, approachName, duration, shortHash, whole } from './format.ts';
import { type Content, type Html, html, table } from './html.ts';
import { listed, type Section } from './section.ts';
import { summarise } from './summary.ts';

const rows = (entries: readonly (readonly [string, Content])[]): Html =>
  html`<dl>
    ${entries.map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${value}</dd>`,
    )}
  </dl>`;

export function summarySection({ results: all, runs }: ReportModel): Section {
  // Patients who chose the epoch prove nothing: they have their section, and no word here.
  const results = all.filter(({ setName }) => setName !== 'validation');
  const notes = runs.flatMap(({ approach, diagnosis }) =>
    diagnosis ? [`${APPROACH[approach]}: ${diagnosis}`] : [],
  );
  const body = html`${results.map(
    (result) =>
      html`<h3>${result.description}</h3>
        ${summarise(result.table).map((text) => html`<p>${text}</p>`)}`,
  )}
  ${results.length === 0 && html`<p>No set has been evaluated yet; this report describes data and training only.</p>`}
  ${
    notes.length > 0 &&
    html`<h3>What the curves say</h3>
      <ul class="notes">
        ${notes.map((note) => html`<li>${note}</li>`)}
      </ul>`
  }`;
  return { id: 'summary', title: 'Summary', body };
}

export function dataSection({ data, preprocessing, split }: ReportModel): Section {
  const { intensity, resize, height, width, channels } = preprocessing;
  const values = {
    voi: 'the window of each file',
    'full-range': 'smallest to largest value of each image',
    window: intensity.kind === 'window' ? `centre ${intensity.center}, width ${intensity.width}` : '',
    percentile:
      intensity.kind === 'percentile'
        ? `percentiles ${intensity.low} to ${intensity.high} of each image`
        : '',
  }[intensity.kind];
  const body = html`${table(
    'Sources: what was read, and what was refused with which reason. Refused files take no part.',
    ['Source', 'Images', 'Refused files'],
    data.sources.map(({ name, images, refused }) => [name, whole(images), listed(refused)]),
  )}
    ${data.warnings.map((warning) => html`<p class="warning">${warning}</p>`)}
    <h3>Acquisition</h3>
    <div class="pair">
      ${data.acquisition.map(
        ({ attribute, values: counts }) =>
          html`<div>
            <p class="soft">${attribute}</p>
            ${countBars(counts)}
          </div>`,
      )}
    </div>
    <h3>Preprocessing</h3>
    ${rows([
      [
        'Size',
        `${height} × ${width}, ${channels === 1 ? 'one channel' : 'three channels'}, ${{ letterbox: 'aspect kept, filled up with black', stretch: 'stretched', crop: 'aspect kept, cropped' }[resize]}`,
      ],
      ['Grey values', `${values}, to [0, 1]`],
    ])}
    <h3>Split</h3>
    ${countsOfSets(split)}${rows([
      [
        'Dealt by',
        split.options.predefined
          ? 'the label table (its column split)'
          : `seed ${split.options.seed}, ${Object.values(split.options.fractions)
              .map((part) => `${Math.round(part * 100)} %`)
              .join(
                ' / ',
              )}, ${split.multiLabel ? 'each finding shared out alike (iterative stratification, Sechidis et al. 2011)' : 'stratified by class'}`,
      ],
      [
        'Left out',
        listed(Object.entries(split.leftOut).map(([name, count]) => ({ name, count: count ?? 0 }))),
      ],
      ['Hash of the split', html`<code>${split.hash}</code>`],
    ])}`;
  return { id: 'data', title: 'Data and split', body };
}

export function modelSection({ model, runs, split }: ReportModel): Section {
  const tuned = runs.find(({ approach }) => approach === 'fine-tuned');
  const body = html`${rows([
    ['Network', model.title],
    ...(model.weights
      ? ([
          [
            'Starting weights',
            `${model.weights.title}${model.weights.format ? `, ${model.weights.format}` : ''}`,
          ],
          ['From', model.weights.source],
          ...(model.weights.preprocessing
            ? [['Images prepared as', `“${model.weights.preprocessing}”`] as const]
            : []),
        ] as const)
      : []),
    ['Pre-trained on', model.sourceTask ?? 'nothing: random weights'],
    ...(model.continued ? continuedRows(model.continued) : []),
    ['Licence', model.licence],
    ['SHA-256 of the weights', model.sha256 ? html`<code>${model.sha256}</code>` : 'not recorded'],
    ['Answers', answers(split, tuned ?? runs[0])],
    [
      'Weights',
      tuned?.result
        ? `${whole(tuned.result.parameters.total)}, of which ${whole(tuned.result.parameters.trainable)} learn`
        : null,
    ],
  ])}${tuned && freezeMap(tuned)}`;
  return { id: 'model', title: 'Model and freeze map', body };
}

/** What the head's numbers are turned into. */
function answers({ multiLabel, classes }: ReportModel['split'], run: ReportRun | undefined): string {
  if (multiLabel) return 'a probability for each finding, whatever the others are (a sigmoid each)';
  return run?.config.head.output === 'sigmoid'
    ? `one probability, of ${classes[1]} (a sigmoid); the rest to 1 is ${classes[0]}`
    : 'one class of several, their probabilities adding up to 1 (a softmax)';
}

function freezeMap({ freezeMap: layers, result }: ReportRun): Html {
  const stages = [...new Set(layers.map(({ stage }) => stage))];
  const kind = (layer: (typeof layers)[number]): string =>
    layer.parameters === 0 ? 'none' : layer.trainable ? 'learns' : 'frozen';
  const drawn = stages.map((stage) => {
    const own = layers.filter((layer) => layer.stage === stage);
    const last = own[own.length - 1];
    const weights = own.reduce((sum, { parameters }) => sum + parameters, 0);
    const learning = own.filter((layer) => kind(layer) === 'learns').length;
    const frozen = own.filter((layer) => kind(layer) === 'frozen').length;
    const state =
      learning === 0
        ? frozen === 0
          ? 'no weights'
          : 'frozen'
        : frozen === 0
          ? 'learns'
          : `${learning} layers learn, ${frozen} frozen`;
    return html`<div class="stage">
      <b>${stage}</b> <span>${state}</span>
      <span class="soft">· ${whole(weights)} weights · output ${last.outputShape.join(' × ')}</span>
      <div class="layers" role="img" aria-label="${own.length} layers of ${stage}: ${state}">
        ${own.map((layer) => html`<i class="${kind(layer)}" title="${layer.layer} (${layer.kind})"></i>`)}
      </div>
    </div>`;
  });
  const proof = result?.frozen;
  return html`<h3>Freeze map</h3>
    <div class="key">
      <span
        ><span class="layers"><i class="frozen"></i></span>frozen (hatched)</span
      ><span
        ><span class="layers"><i class="learns"></i></span>learns (solid)</span
      ><span
        ><span class="layers"><i class="none"></i></span>no weights</span
      >
    </div>
    <div class="map">${drawn}</div>
    ${proof && html`<p>${proof.unmoved ? 'Proof that frozen weights did not move: their SHA-256 before and after training is the same,' : 'Frozen weights MOVED: their SHA-256 differs before and after,'} <code>${shortHash(proof.before)}…</code> and <code>${shortHash(proof.after)}…</code>.</p>`}`;
}

export function trainingSection({ runs, split }: ReportModel): Section {
  const trained = runs.filter(({ epochs }) => epochs.length > 0);
  const body = html`${table(
    'Each training as it ran. The best epoch’s weights are the ones evaluated.',
    ['Approach', 'Epochs', 'Best epoch', 'Learning rate', 'Batch', 'Optimiser', 'Time'],
    runs.map(({ approach, config, epochs, result }) =>
      epochs.length === 0
        ? [
            approachName(approach, split.multiLabel),
            '–',
            '–',
            '–',
            '–',
            '–',
            result ? duration(result.seconds) : '–',
          ]
        : [
            APPROACH[approach],
            `${epochs.length}${result?.stoppedEarly ? ' (stopped early)' : ''}`,
            result?.bestEpoch ?? '–',
            config.learningRate,
            config.batchSize,
            config.optimizer.kind,
            result ? duration(result.seconds) : '–',
          ],
    ),
  )}${trained.map(curves)}
    <h3>Settings of fine-tuning</h3>
    ${settings(trained.find(({ approach }) => approach === 'fine-tuned') ?? trained[0])}`;
  return { id: 'training', title: 'Training', body };
}

function curves({ approach, epochs, result }: ReportRun): Html {
  const name = APPROACH[approach];
  const series = (label: string, pick: (epoch: ReportRun['epochs'][number]) => number | null) => ({
    name: label,
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
  const xRange: [number, number] = [1, Math.max(2, epochs.length)];
  const highest = Math.max(...losses.flatMap(({ points }) => points.map(([, loss]) => loss)));
  const mark = result ? { mark: { x: result.bestEpoch, name: 'best' } } : {};
  return html`<h3>${name}</h3>
    <div class="pair">
      ${lineChart(losses, { x: 'epoch', y: 'loss', xRange, yRange: [0, highest * 1.05], label: `Loss of ${name} by epoch`, ...mark })}${lineChart(rights, { x: 'epoch', y: 'accuracy', xRange, yRange: [0, 1], label: `Accuracy of ${name} by epoch`, ...mark })}
    </div>
    <p class="soft">
      Training values are taken while the network learns, with dropout and augmentation, so they may lie below
      validation.
    </p>`;
}

/** Every setting by its name, nested ones with a dot. */
function settings(run: ReportRun | undefined): Html {
  if (!run) return html`<p>Nothing was trained.</p>`;
  const flat = (value: object, prefix = ''): [string, string][] =>
    Object.entries(value).flatMap(([key, inner]): [string, string][] => {
      if (inner === null || inner === undefined) return [];
      if (typeof inner === 'object' && !Array.isArray(inner))
        return flat(inner as object, `${prefix}${key}.`);
      return [[`${prefix}${key}`, String(inner)]];
    });
  return rows(flat(run.config).map(([name, value]) => [name, html`<code>${value}</code>`]));
}

export function reproducibilitySection({
  environment,
  seeds,
  exported,
  createdAt,
  project,
}: ReportModel): Section {
  const body = html`${rows([
    ['Project', project],
    ['Report written', createdAt],
    ['Graft', environment.graft],
    ['Node.js', environment.node],
    ['Machine', `${environment.cpu}, ${environment.cores} cores, ${environment.platform}`],
    ...Object.entries(environment.packages).map(([name, version]): [string, Content] => [name, version]),
    ...seeds.map(({ name, value }): [string, Content] => [`Seed: ${name}`, value]),
  ])}
    <h3>Exported model</h3>
    ${
      exported
        ? rows([
            ['File', exported.path],
            ['SHA-256', html`<code>${exported.sha256}</code>`],
            [
              'Checked',
              `largest difference from the trainer’s probabilities ${exported.largestDifference.toExponential(1)} on ${whole(exported.imagesCompared)} images`,
            ],
          ])
        : html`<p>The model has not been exported.</p>`
    }`;
  return { id: 'reproducibility', title: 'Reproducibility', body };
}

export function limitationsSection({ limitations }: ReportModel): Section {
  return {
    id: 'limitations',
    title: 'Limitations',
    body: html`<ul class="notes">
      ${limitations.map((text) => html`<li>${text}</li>`)}
    </ul>`,
  };
}

/** More classes than this stand below one another: side by side they would not fit a page. */
const MOST_COLUMNS = 6;

/** What each set holds: sets as rows, or as columns where there are many classes. */
function countsOfSets({ counts, classes, multiLabel }: ReportModel['split']): Html {
  const heads = ['Set', 'Images', 'Patients', ...classes, ...(multiLabel ? ['No finding'] : [])];
  const sets = Object.entries(counts).map(([set, one]) => [
    set,
    ...[one.images, one.patients, ...one.classes, ...(multiLabel ? [one.none ?? 0] : [])].map(whole),
  ]);
  const lines = [heads, ...sets];
  const turned = heads.map((_, at) => lines.map((line) => line[at]));
  const [first, ...rest] = classes.length > MOST_COLUMNS ? turned : lines;
  return table(
    'Patients are dealt to the sets, never images. External sets are kept apart for evaluation.',
    first,
    rest,
  );
}
