import { area, line } from 'd3-shape';
import { type Axis, type Plane, plane, type Scale, spanOf } from './axes.ts';
import { legend } from './legend.ts';
import { marker, round } from './markers.ts';
import { DASHES, seriesOf } from './palette.ts';
import type { Mark, Scene, Series } from './scene.ts';
import { textWidth } from './text-width.ts';

export type Point = readonly [number, number];

export interface LineSeries {
  name: string;
  points: readonly Point[];
  /** Default: its place among the series. */
  series?: Series;
  /** Behind the others: what they were smoothed from. */
  faint?: boolean;
  /** Markers at the points: `few` (default) where there are no more than twenty. */
  markers?: 'none' | 'few' | 'all';
  /** Points without a line between them. */
  lineless?: boolean;
  /** Below and above, at points' places: an interval, drawn as a band. */
  band?: readonly (readonly [x: number, low: number, high: number])[];
  /** Left out of the legend. */
  unnamed?: boolean;
  /** Lengths on and off, in points; default those of its series. */
  dash?: readonly number[];
}

export interface LineChart {
  /** What it shows, for those who cannot see it. */
  label: string;
  series: readonly LineSeries[];
  x: Omit<Axis, 'domain'> & { domain?: readonly [number, number] };
  y: Omit<Axis, 'domain'> & { domain?: readonly [number, number] };
  width?: number;
  height?: number;
  /** Of the letters, in points. */
  size?: number;
  /** From (0, 0) to (1, 1): guessing, or perfect calibration. */
  diagonal?: boolean;
  /** Vertical lines with a word each, such as the best epoch. */
  marks?: readonly { x: number; label: string }[];
  /** Horizontal dashed lines, such as a prevalence. */
  levels?: readonly { y: number; label: string }[];
  /** Points of note on the lines, such as an operating point. */
  dots?: readonly { x: number; y: number; label: string; series: Series }[];
  /** Shares of how many cases lie where, as bars from the lower axis; the highest is a quarter of the height. */
  counts?: readonly { from: number; to: number; count: number }[];
  /** Names beside pieces of their lines, below. Default where there are several. */
  legend?: boolean;
  /** Lines go on beyond the axes, where whoever draws them cuts them off. Default: they stop at the edge, since paper has no shears. */
  overrun?: boolean;
}

export interface DrawnLineChart {
  scene: Scene;
  plane: Plane;
  /** Those marks of the scene that are between the axes: what is cut off when looked at closely. */
  inside: readonly Mark[];
}

const MOST_MARKED = 20;

/** Lines over two axes. */
export const lineChart = (chart: LineChart): Scene => drawLineChart(chart).scene;

/** The same, with its scales: what follows the pointer on a screen is drawn over it. */
export function drawLineChart(chart: LineChart): DrawnLineChart {
  const { series, width = 250, height = 190, size = 7.5 } = chart;
  const named = series.map((one, index) => ({ ...one, series: one.series ?? seriesOf(index) }));
  const shown = named.filter(({ unnamed, points }) => !unnamed && points.length > 0);
  const withLegend = chart.legend ?? shown.length > 1;
  const below = withLegend
    ? legend(
        shown.map((one) => ({
          name: one.name,
          series: one.series,
          marked: hasMarkers(one),
          ...(one.lineless ? { lineless: true } : {}),
        })),
        { left: 2 * size, right: width, top: height + 0.6 * size, size },
      )
    : { marks: [], height: 0 };
  const all = series.flatMap(({ points }) => points);
  const bands = series.flatMap(({ band = [] }) => band);
  const x: Axis = { ...chart.x, domain: chart.x.domain ?? spanX(all, chart.x.logarithmic) };
  const y: Axis = {
    ...chart.y,
    domain:
      chart.y.domain ??
      spanOf([...all.map(([, at]) => at), ...bands.flatMap(([, low, high]) => [low, high])], 0.06),
  };
  const between = plane({ x, y, width, height, size });
  const guiding = guides(chart, between, size);
  const inside = [
    ...guiding.filter(({ kind }) => kind !== 'text'),
    ...named.flatMap((one) => seriesMarks(one, between, chart.overrun)),
    // Words over the lines, which their rims keep apart.
    ...guiding.filter(({ kind }) => kind === 'text'),
    ...dots(chart, between, size),
  ];
  const marks: Mark[] = [...countBars(chart, between), ...between.marks, ...inside, ...below.marks];
  const scene = {
    width,
    height: height + (below.height > 0 ? below.height + 0.6 * size : 0),
    label: chart.label,
    marks,
  };
  return { scene, plane: between, inside };
}

function spanX(points: readonly Point[], logarithmic = false): [number, number] {
  const values = points.map(([at]) => at);
  if (values.length === 0) return logarithmic ? [1, 10] : [0, 1];
  const [low, high] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
  if (low < high) return [low, high];
  return logarithmic ? [low / 2, high * 2] : [low - 0.5, high + 0.5];
}

const hasMarkers = ({ markers = 'few', points, faint }: LineSeries): boolean =>
  !faint && (markers === 'all' || (markers === 'few' && points.length <= MOST_MARKED));

function seriesMarks(
  one: LineSeries & { series: Series },
  { x, y }: Plane,
  overrun: boolean | undefined,
): Mark[] {
  const [bottom, top] = y.domain();
  const clamped = (value: number): number => (overrun ? value : Math.max(bottom, Math.min(top, value)));
  const marks: Mark[] = [];
  if (one.band && one.band.length > 1) {
    const path = area<readonly [number, number, number]>()
      .x(([at]) => x(at))
      .y0(([, low]) => y(clamped(low)))
      .y1(([, , high]) => y(clamped(high)))
      .digits(2);
    marks.push({ kind: 'path', d: path(one.band) ?? '', fill: { paint: one.series, opacity: 0.16 } });
  }
  const path = line<Point>()
    .x(([at]) => x(at))
    .y(([, at]) => y(clamped(at)))
    .digits(2);
  if (one.points.length > 1 && !one.lineless)
    marks.push({
      kind: 'path',
      d: path(one.points) ?? '',
      stroke: one.faint
        ? { paint: one.series, width: 0.8, opacity: 0.45 }
        : { paint: one.series, width: 1.6, dash: one.dash ?? DASHES[one.series] },
    });
  if (hasMarkers(one) || one.points.length === 1)
    marks.push(...one.points.map(([u, v]) => marker(one.series, round(x(u)), round(y(clamped(v))))));
  return marks;
}

function guides(chart: LineChart, { x, y, left, right, top, bottom }: Plane, size: number): Mark[] {
  const stroke = { paint: 'soft', width: 0.8, dash: [2, 2] } as const;
  const marks: Mark[] = [];
  if (chart.diagonal) marks.push({ kind: 'line', x1: x(0), y1: y(0), x2: x(1), y2: y(1), stroke });
  for (const { y: at, label } of chart.levels ?? []) {
    marks.push({ kind: 'line', x1: left, x2: right, y1: y(at), y2: y(at), stroke });
    marks.push({ kind: 'text', x: right, y: y(at) - 0.4 * size, text: label, size, paint: 'soft', anchor: 'end', halo: true }); // prettier-ignore
  }
  const seen = (chart.marks ?? []).filter((one) => within(one.x, x));
  seen.forEach(({ x: value, label }, row) => {
    const at = x(value);
    const wide = textWidth(label, size) + 0.4 * size;
    const late = at + wide + 0.6 * size > right;
    const down = (1 + 1.3 * row) * size;
    // Where lines run along the upper edge, the word stands at the lower one.
    const high = highest(chart.series, { x, y }, late ? [at - wide, at] : [at, at + wide]);
    marks.push({ kind: 'line', x1: at, x2: at, y1: top, y2: bottom, stroke });
    marks.push({
      kind: 'text',
      x: at + (late ? -0.4 : 0.4) * size,
      y: high < top + down + 0.4 * size ? bottom - down + 0.6 * size : top + down,
      text: label,
      size,
      paint: 'soft',
      anchor: late ? 'end' : 'start',
      halo: true,
    });
  });
  return marks;
}

/** How far up any line comes on this stretch, in points from above: that of the nearest points around it at most. */
function highest(
  series: readonly LineSeries[],
  { x, y }: Pick<Plane, 'x' | 'y'>,
  [from, to]: readonly [number, number],
): number {
  let high = Infinity;
  for (const { points } of series) {
    for (let index = 1; index < points.length; index++) {
      const [[u, v], [w, z]] = [points[index - 1], points[index]];
      if (x(w) >= from && x(u) <= to) high = Math.min(high, y(v), y(z));
    }
  }
  return high;
}

/** What lies beyond the axes has no place on them, and neither has its word. */
const within = (value: number, scale: Scale): boolean => {
  const [low, high] = scale.domain();
  return value >= low && value <= high;
};

function dots(chart: LineChart, { x, y, right }: Plane, size: number): Mark[] {
  const seen = (chart.dots ?? []).filter((one) => within(one.x, x) && within(one.y, y));
  return seen.flatMap(({ x: u, y: v, label, series }): Mark[] => {
    const [at, up] = [x(u), y(v)];
    const late = at + textWidth(label, size) + 1.2 * size > right;
    return [
      {
        kind: 'text',
        x: at + (late ? -0.8 : 0.8) * size,
        y: up + 1.3 * size,
        text: label,
        size,
        paint: 'ink',
        anchor: late ? 'end' : 'start',
        halo: true,
      },
      {
        kind: 'circle',
        x: at,
        y: up,
        radius: 0.45 * size,
        fill: { paint: 'paper' },
        stroke: { paint: series, width: 2 },
      },
    ];
  });
}

function countBars({ counts = [] }: LineChart, { x, top, bottom }: Plane): Mark[] {
  const most = counts.reduce((highest, { count }) => Math.max(highest, count), 0);
  return counts
    .filter(({ count }) => count > 0)
    .map(({ from, to, count }): Mark => {
      const tall = (0.25 * (bottom - top) * count) / most;
      return {
        kind: 'rect',
        x: x(from) + 0.5,
        y: bottom - tall,
        width: Math.max(0.5, x(to) - x(from) - 1),
        height: tall,
        fill: { paint: 'soft', opacity: 0.25 },
      };
    });
}
