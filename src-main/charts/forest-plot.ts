import { scaleLinear } from 'd3-scale';
import { marker } from './markers.ts';
import type { Mark, Scene, Series } from './scene.ts';
import { fitText, textWidth } from './text-width.ts';

export interface ForestRow {
  name: string;
  /** Null: the row is a heading for those below it. */
  value: number | null;
  low: number | null;
  high: number | null;
  /** Written at the right: "0.87 (0.80–0.93)". */
  text: string;
  /** How many patients or images, in a column of their own. */
  count?: string;
  /** Default `series-0`. */
  series?: Series;
  heading?: boolean;
}

export interface ForestPlot {
  label: string;
  rows: readonly ForestRow[];
  /** Name of the axis, with its unit where it has one. */
  axis: string;
  domain?: readonly [number, number];
  /** A vertical line: 0 for differences, the overall value for subgroups. */
  reference?: { at: number; label: string };
  /** Above the column of numbers. */
  heading?: string;
  countHeading?: string;
  width?: number;
  size?: number;
}

/** One row for each model, difference or subgroup: a marker at its value, a bar over its interval, both also in figures. */
export function forestPlot(plot: ForestPlot): Scene {
  const { rows, width = 500, size = 8 } = plot;
  const row = 2 * size;
  const counted = rows.some(({ count }) => count !== undefined);
  const nameWidth = Math.min(0.36 * width, Math.max(...rows.map(({ name }) => textWidth(name, size) + size)));
  const widest = (texts: string[]): number => Math.max(...texts.map((text) => textWidth(text, size))) + size;
  const textColumn = widest([...rows.map(({ text }) => text), plot.heading ?? '']);
  const countColumn = counted
    ? widest([...rows.map(({ count }) => count ?? ''), plot.countHeading ?? ''])
    : 0;
  const left = nameWidth + countColumn + 0.5 * size;
  const right = width - textColumn - 0.5 * size;
  const top = plot.heading || plot.reference ? 1.8 * size : 0.4 * size;
  const bottom = top + rows.length * row;
  const x = scaleLinear()
    .domain(plot.domain ?? domainOf(plot))
    .range([left, right])
    .clamp(true);
  const marks: Mark[] = [];
  const ticks = x.ticks(Math.max(2, Math.floor((right - left) / (5 * size))));
  const written = x.tickFormat(ticks.length);
  for (const at of ticks) {
    marks.push({ kind: 'line', x1: x(at), x2: x(at), y1: top, y2: bottom, stroke: { paint: 'line', width: 0.7 } }); // prettier-ignore
    marks.push({ kind: 'text', x: x(at), y: bottom + 1.3 * size, text: written(at), size, paint: 'soft', anchor: 'middle' }); // prettier-ignore
  }
  marks.push({ kind: 'text', x: (left + right) / 2, y: bottom + 2.8 * size, text: plot.axis, size, paint: 'ink', anchor: 'middle' }); // prettier-ignore
  if (plot.reference) {
    const at = x(plot.reference.at);
    marks.push({ kind: 'line', x1: at, x2: at, y1: top, y2: bottom, stroke: { paint: 'soft', width: 0.9, dash: [2, 2] } }); // prettier-ignore
    marks.push({ kind: 'text', x: at, y: size, text: plot.reference.label, size, paint: 'soft', anchor: 'middle' }); // prettier-ignore
  }
  if (plot.heading)
    marks.push({ kind: 'text', x: width, y: size, text: plot.heading, size, paint: 'soft', anchor: 'end' });
  if (plot.countHeading)
    marks.push({ kind: 'text', x: left - 1.5 * size, y: size, text: plot.countHeading, size, paint: 'soft', anchor: 'end' }); // prettier-ignore
  rows.forEach((one, index) => {
    const y = top + (index + 0.5) * row;
    marks.push({ kind: 'text', x: one.heading ? 0 : 0.5 * size, y: y + 0.35 * size, text: fitText(one.name, size, nameWidth), size, paint: 'ink', ...(one.heading ? { bold: true } : {}) }); // prettier-ignore
    if (one.count !== undefined)
      marks.push({ kind: 'text', x: left - 1.5 * size, y: y + 0.35 * size, text: one.count, size, paint: 'ink', anchor: 'end' }); // prettier-ignore
    marks.push(...interval(one, y, x));
    marks.push({ kind: 'text', x: width, y: y + 0.35 * size, text: one.text, size, paint: 'ink', anchor: 'end' }); // prettier-ignore
  });
  return { width, height: bottom + 3.3 * size, label: plot.label, marks };
}

function interval(
  { value, low, high, series = 'series-0' }: ForestRow,
  y: number,
  x: (at: number) => number,
): Mark[] {
  if (value === null) return [];
  const marks: Mark[] = [];
  if (low !== null && high !== null) {
    const stroke = { paint: series, width: 1.8 } as const;
    marks.push({ kind: 'line', x1: x(low), x2: x(high), y1: y, y2: y, stroke });
    for (const end of [low, high])
      marks.push({ kind: 'line', x1: x(end), x2: x(end), y1: y - 2.5, y2: y + 2.5, stroke });
  }
  return [...marks, marker(series, x(value), y, 3.4)];
}

function domainOf({ rows, reference }: ForestPlot): [number, number] {
  const values = rows.flatMap(({ value, low, high }) => [value, low, high]);
  if (reference) values.push(reference.at);
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return [0, 1];
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const margin = 0.06 * (high - low || 0.2);
  return [low - margin, high + margin];
}
