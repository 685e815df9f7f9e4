import { describe, expect, it } from 'vitest';
import {
  barList,
  confusionMatrix,
  drawLineChart,
  drawScatter,
  forestPlot,
  layerMap,
  lineChart,
  type Mark,
  plane,
  type Scene,
  textWidth,
  toSvg,
} from '../../src-main/charts/index.ts';

const texts = ({ marks }: Scene): string[] => marks.flatMap((one) => (one.kind === 'text' ? [one.text] : []));
const line = (points: [number, number][] = [[1, 2]]) =>
  lineChart({
    label: 'Loss by epoch',
    series: [
      { name: 'training', points },
      { name: 'validation', points: points.map(([x, y]) => [x, y + 1]) },
    ],
    x: { name: 'epoch' },
    y: { name: 'loss' },
  });

/** Left, right, top and bottom of a mark, as near as its kind can be told. */
function extent(mark: Mark): [number, number, number, number] {
  switch (mark.kind) {
    case 'line':
      return [Math.min(mark.x1, mark.x2), Math.max(mark.x1, mark.x2), Math.min(mark.y1, mark.y2), Math.max(mark.y1, mark.y2)]; // prettier-ignore
    case 'rect':
      return [mark.x, mark.x + mark.width, mark.y, mark.y + mark.height];
    case 'circle':
      return [mark.x - mark.radius, mark.x + mark.radius, mark.y - mark.radius, mark.y + mark.radius];
    case 'path': {
      const numbers = [...mark.d.matchAll(/-?[\d.]+/g)].map(Number);
      const [xs, ys] = [0, 1].map((odd) => numbers.filter((_, at) => at % 2 === odd));
      return [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    }
    case 'text': {
      const wide = textWidth(mark.text, mark.size);
      const back = { start: 0, middle: 0.5, end: 1 }[mark.anchor ?? 'start'] * wide;
      return mark.upright
        ? [mark.x - mark.size, mark.x, mark.y - wide + back, mark.y + back]
        : [mark.x - back, mark.x - back + wide, mark.y - mark.size, mark.y];
    }
  }
}

const CLASSES = ['no finding', 'a finding with a rather long name', 'third'];
const scenes: [string, Scene][] = [
  ['lines', line([[1, 0.2], [2, 0.5], [30, 0.9]])], // prettier-ignore
  ['one point', line()],
  ['no point', line([])],
  [
    'a reliability diagram',
    lineChart({
      label: 'Reliability',
      series: [{ name: 'observed', points: [[0.2, 0.1]], band: [[0.2, 0, 0.3], [0.4, 0.1, 0.5]] }], // prettier-ignore
      x: { name: 'stated', domain: [0, 1] },
      y: { name: 'observed', domain: [0, 1] },
      diagonal: true,
      counts: [{ from: 0.9, to: 1, count: 3 }],
      levels: [{ y: 0.3, label: 'prevalence' }],
      dots: [{ x: 0.95, y: 0.5, label: 'operating point', series: 'series-1' }],
    }),
  ],
  ['dots', drawScatter({ label: 'Trials', dots: [{ x: 1e-4, y: 0.7, error: 0.1 }, { x: 1, y: 0.9, error: null, marked: true }], x: { name: 'rate', logarithmic: true }, y: { name: 'F1' } }).scene], // prettier-ignore
  ['dots over words', drawScatter({ label: 'Trials', dots: [{ x: 1, y: 0.7, error: null }], x: { name: '', words: ['head', 'everything that there is'] }, y: { name: '' } }).scene], // prettier-ignore
  ['no dots', drawScatter({ label: 'Trials', dots: [], x: { name: '', logarithmic: true }, y: { name: '' } }).scene], // prettier-ignore
  ['a logarithmic axis', lineChart({ label: 'Rates', series: [{ name: 'loss', points: [[1e-5, 1], [1, 2]] }], x: { name: 'rate', logarithmic: true }, y: { name: 'loss' } })], // prettier-ignore
  [
    'a forest plot',
    forestPlot({
      label: 'Differences',
      axis: 'difference',
      reference: { at: 0, label: 'no difference' },
      heading: 'difference (interval)',
      countHeading: 'patients',
      rows: [
        { name: 'By sex', value: null, low: null, high: null, text: '', heading: true },
        { name: 'F', value: -0.1, low: -0.2, high: 0.05, text: '−0.10 (−0.20 to +0.05)', count: '120' },
        { name: 'M', value: 0.4, low: null, high: null, text: '+0.40 (too few patients)', count: '3' },
      ],
    }),
  ],
  ['a confusion matrix', confusionMatrix({ label: 'Confusion', counts: [[1, 2, 0], [0, 9, 1], [0, 0, 0]], classes: CLASSES })], // prettier-ignore
  ['counts', barList({ label: 'Images', values: [{ name: 'A manufacturer with a name that is much too long for it', count: 1234 }, { name: 'B', count: 0 }] })], // prettier-ignore
  ['a freeze map', layerMap({ label: 'Layers', stages: [{ name: 'stem', note: 'frozen', layers: Array.from({ length: 80 }, () => 'frozen' as const) }, { name: 'head', note: 'learns', layers: ['learns', 'none'] }] })], // prettier-ignore
];

describe.each(scenes)('%s', (_name, scene) => {
  it('draw nothing outside of the drawing, and no coordinate that is not a number', () => {
    for (const mark of scene.marks) {
      const [left, right, top, bottom] = extent(mark);
      expect(left, JSON.stringify(mark)).toBeGreaterThan(-3);
      expect(top, JSON.stringify(mark)).toBeGreaterThan(-3);
      expect(right, JSON.stringify(mark)).toBeLessThan(scene.width + 8);
      expect(bottom, JSON.stringify(mark)).toBeLessThan(scene.height + 3);
    }
    expect(toSvg(scene)).not.toMatch(/NaN|Infinity|undefined|null/);
  });

  it('say what they show to those who cannot see them', () => {
    expect(toSvg(scene)).toContain(`role="img" aria-label="${scene.label}"`);
  });
});

describe('an axis', () => {
  const ticks = (domain: [number, number], options = {}): string[] =>
    plane({ x: { name: '', domain, ...options }, y: { name: '', domain: [0, 1] }, width: 250, height: 190, size: 7.5 })
      .marks.flatMap((one) => (one.kind === 'text' && one.anchor === 'middle' ? [one.text] : [])); // prettier-ignore

  it('is marked at round values', () => {
    expect(ticks([0, 1])).toEqual(['0.0', '0.2', '0.4', '0.6', '0.8', '1.0']);
    expect(ticks([1, 15])).toEqual(['2', '4', '6', '8', '10', '12', '14']);
    expect(ticks([-0.2, 0.2])).toContain('−0.2');
  });

  it('goes by powers of ten where it is logarithmic', () => {
    expect(ticks([1e-5, 1], { logarithmic: true })).toEqual(['0.00001', '0.001', '0.1']);
  });
});

describe('a line chart', () => {
  it('names its axes and its lines, and keeps a line on its plane', () => {
    const { scene, plane: between } = drawLineChart({
      label: 'Loss',
      series: [
        { name: 'training', points: [[0, 0], [1, 5]] }, // prettier-ignore
        { name: 'validation', points: [[0, 0], [1, 1]] }, // prettier-ignore
      ],
      x: { name: 'epoch' },
      y: { name: 'loss', domain: [0, 2] },
    });
    expect(texts(scene)).toEqual(expect.arrayContaining(['epoch', 'loss', 'training', 'validation']));
    const [path] = scene.marks.filter((one) => one.kind === 'path');
    const heights = [...(path as { d: string }).d.matchAll(/,(-?[\d.]+)/g)].map(([, y]) => Number(y));
    expect(Math.min(...heights)).toBeCloseTo(between.top, 1);
    expect(between.x.invert(between.right)).toBeCloseTo(1, 6);
  });

  it('lets a line run on where it will be cut off, in dashes of its own', () => {
    const {
      scene,
      plane: between,
      inside,
    } = drawLineChart({
      label: 'Loss',
      series: [{ name: 'training', points: [[0, 0], [1, 5]], dash: [6, 3] }], // prettier-ignore
      x: { name: 'epoch' },
      y: { name: 'loss', domain: [0, 2] },
      overrun: true,
    });
    const [path] = inside.filter((one) => one.kind === 'path');
    const heights = [...path.d.matchAll(/,(-?[\d.]+)/g)].map(([, y]) => Number(y));
    expect(between.y.invert(Math.min(...heights))).toBeCloseTo(5, 1);
    expect(path.stroke?.dash).toEqual([6, 3]);
    expect(scene.marks.filter((one) => !inside.includes(one))).toEqual(between.marks);
  });

  it('leaves out what is marked beyond its axes, and writes the others over the lines', () => {
    const { inside } = drawLineChart({
      label: 'ROC',
      series: [{ name: 'a', points: [[0, 0], [1, 1]], markers: 'none' }], // prettier-ignore
      x: { name: '', domain: [0, 0.5] },
      y: { name: '', domain: [0, 0.5] },
      marks: [{ x: 0.1, label: 'best' }, { x: 0.9, label: 'last' }], // prettier-ignore
      dots: [{ x: 0.2, y: 0.9, label: 'above', series: 'series-0' }, { x: 0.2, y: 0.2, label: 'seen', series: 'series-0' }], // prettier-ignore
    });
    expect(inside.flatMap((one) => (one.kind === 'text' ? [one.text] : []))).toEqual(['best', 'seen']);
    expect(inside.map(({ kind }) => kind)).toEqual(['line', 'path', 'text', 'text', 'circle']);
  });

  it.each([
    ['above lines that are low', 0.2, 'top'],
    ['below lines that are high', 0.98, 'bottom'],
  ] as const)('writes the word of a mark %s', (_, score, edge) => {
    const { inside, plane: between } = drawLineChart({
      label: 'Accuracy',
      series: [{ name: 'a', points: [[1, 0.5], [6, score], [12, score]] }], // prettier-ignore
      x: { name: 'epoch' },
      y: { name: '', domain: [0, 1] },
      marks: [{ x: 6, label: 'best: 6' }],
    });
    const word = inside.find((one) => one.kind === 'text')!;
    expect(Math.abs(word.y - between[edge])).toBeLessThan(10);
  });

  it('escapes names', () => {
    const svg = toSvg(confusionMatrix({ label: '"<', counts: [[1]], classes: ['<b>&'] }));
    expect(svg).toContain('&lt;b&gt;&amp;');
    expect(svg).toContain('aria-label="&quot;&lt;"');
  });
});

describe('a chart of dots', () => {
  const dots = [
    { x: 2, y: 0.9, error: null, marked: true },
    { x: 0, y: 0.5, error: 0.1 },
  ];

  it('draws the one to look at last and larger, and a whisker where there is one', () => {
    const {
      scene,
      plane: between,
      places,
    } = drawScatter({
      label: 'Trials',
      dots,
      x: { name: 'head', words: ['linear', 'one layer', 'two layers'] },
      y: { name: 'F1' },
    });
    expect(places.map(({ dot }) => dot)).toEqual([dots[1], dots[0]]);
    expect(places[1].radius).toBeGreaterThan(places[0].radius);
    expect(between.x.invert(places[1].x)).toBeCloseTo(2, 1);
    expect(texts(scene)).toEqual(expect.arrayContaining(['linear', 'two layers', 'head', 'F1']));
    const [whisker, ...none] = scene.marks.filter(
      (one) => one.kind === 'line' && !between.marks.includes(one),
    );
    expect(none).toEqual([]);
    const [left, right, top, bottom] = extent(whisker);
    expect([left, right]).toEqual([places[0].x, places[0].x]);
    expect(between.y.invert(top)).toBeCloseTo(0.6, 2);
    expect(between.y.invert(bottom)).toBeCloseTo(0.4, 2);
  });
});

describe('a confusion matrix', () => {
  it('writes every count, and its share of the true class', () => {
    const scene = confusionMatrix({ label: '', counts: [[3, 1], [0, 0]], classes: ['a', 'b'] }); // prettier-ignore
    expect(texts(scene)).toEqual(expect.arrayContaining(['3', '1', '75 %', '25 %', 'true class', 'predicted class'])); // prettier-ignore
  });
});
