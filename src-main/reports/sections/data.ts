import { barList } from '../../charts/index.ts';
import type { SetCharacteristics } from '../../contract/characteristics.ts';
import type { ReportModel } from '../../contract/report.ts';
import { code, facts, figure, figures, heading, paragraph, table, type Table } from '../blocks.ts';
import { whole } from '../format.ts';
import { listed, type SectionMaker } from '../section.ts';

export const dataSection: SectionMaker = ({ data, preprocessing, split }) => [
  {
    id: 'data',
    title: 'Data and split',
    blocks: [
      table(
        'Sources: what was read, and what was refused with which reason. Refused files take no part.',
        ['Source', 'Images', 'Refused files'],
        data.sources.map(({ name, images, refused }) => [name, whole(images), listed(refused)]),
        { prose: true },
      ),
      data.warnings.map((sentence) => paragraph(sentence, 'warning')),
      data.acquisition.length > 0 && [
        heading('Acquisition'),
        figures(
          ...data.acquisition.map(({ attribute, values }) =>
            figure(barList({ label: `Images by ${attribute}`, values }), `${attribute}: images`),
          ),
        ),
      ],
      data.characteristics &&
        data.characteristics.length > 0 && [heading('Patients'), characteristicsTable(data.characteristics)],
      heading('Preprocessing'),
      facts([
        ['Size', sizeText(preprocessing)],
        ['Grey values', `${intensityText(preprocessing)}, to [0, 1]`],
      ]),
      heading('Split'),
      countsOfSets(split),
      facts([
        ['Dealt by', dealtBy(split)],
        [
          'Left out',
          listed(Object.entries(split.leftOut).map(([name, count]) => ({ name, count: count ?? 0 }))),
        ],
        ['Hash of the split', code(split.hash)],
      ]),
    ],
  },
];

function characteristicsTable(sets: readonly SetCharacteristics[]): Table {
  const shown = (value: number): string => String(Number(value.toFixed(1)));
  return table(
    'Whom each set is made of, as the files’ headers say: age as median (quartiles) over patients, sex by patient, manufacturers by image.',
    ['Set', 'Patients', 'Age (years)', 'Sex', 'Years', 'Manufacturers'],
    sets.map(({ set, patients, age, sex, years, manufacturers }) => [
      set,
      whole(patients),
      age ? `${shown(age.median)} (${shown(age.lower)}–${shown(age.upper)})` : 'not stated',
      listed(sex),
      years ? (years[0] === years[1] ? String(years[0]) : years.join('–')) : 'not stated',
      listed(manufacturers),
    ]),
    { prose: true },
  );
}

export function sizeText({ height, width, channels, resize }: ReportModel['preprocessing']): string {
  const how = {
    letterbox: 'aspect kept, filled up with black',
    stretch: 'stretched',
    crop: 'aspect kept, cropped',
  }[resize];
  return `${height} × ${width} pixels, ${channels === 1 ? 'one channel' : 'three channels'}, ${how}`;
}

export function intensityText({ intensity }: ReportModel['preprocessing']): string {
  switch (intensity.kind) {
    case 'voi':
      return 'the window of each file';
    case 'full-range':
      return 'smallest to largest value of each image';
    case 'window':
      return `centre ${intensity.center}, width ${intensity.width}`;
    case 'percentile':
      return `percentiles ${intensity.low} to ${intensity.high} of each image`;
  }
}

export function dealtBy({ options, multiLabel }: ReportModel['split']): string {
  if (options.predefined) return 'the label table (its column split)';
  const shares = Object.values(options.fractions).map((part) => `${Math.round(part * 100)} %`);
  const how = multiLabel
    ? 'each finding shared out alike (iterative stratification, Sechidis et al. 2011)'
    : 'stratified by class';
  return `seed ${options.seed}, ${shares.join(' / ')}, ${how}`;
}

/** More classes than this stand below one another: side by side they would not fit a page. */
const MOST_COLUMNS = 6;

/** What each set holds: sets as rows, or as columns where there are many classes. */
function countsOfSets({ counts, classes, multiLabel }: ReportModel['split']): Table {
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
