import { scaleLinear, scaleLog, type ScaleContinuousNumeric } from 'd3-scale';
import { round } from './markers.ts';
import type { Mark } from './scene.ts';
import { textWidth } from './text-width.ts';

export interface Axis {
  /** What it measures, with its unit where it has one: "epoch", "time (s)". */
  name: string;
  domain: readonly [number, number];
  /** By powers of ten; every value above 0. */
  logarithmic?: boolean;
  /** How its values are written; default as short as they can be told apart. */
  format?: (value: number) => string;
  /** Words in place of numbers, for values 0, 1, 2 … */
  words?: readonly string[];
}

export type Scale = ScaleContinuousNumeric<number, number>;

export interface Plane {
  /** From values to points. */
  x: Scale;
  y: Scale;
  left: number;
  right: number;
  top: number;
  bottom: number;
  /** Grid, ticks and names. */
  marks: Mark[];
}

export interface PlaneOptions {
  x: Axis;
  y: Axis;
  width: number;
  height: number;
  /** Size of the letters, in points. */
  size: number;
}

const isPowerOfTen = (value: number): boolean =>
  Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-9;

interface Tick {
  value: number;
  text: string;
}

/** Round values along an axis, at most so many. */
export function ticksOf(axis: Axis, scale: Scale, most: number): Tick[] {
  if (axis.words) return axis.words.map((text, value) => ({ value, text }));
  if (axis.logarithmic) {
    const format = axis.format ?? ((value: number) => String(Number(value.toPrecision(3))));
    const powers = scale.ticks().filter(isPowerOfTen);
    const every = Math.max(1, Math.ceil(powers.length / most));
    const shown = powers.filter((_, at) => at % every === 0);
    // Within one power of ten there is none: then the round values between.
    return (shown.length > 1 ? shown : scale.ticks(most)).map((value) => ({ value, text: format(value) }));
  }
  const written = axis.format ?? scale.tickFormat(most);
  return scale.ticks(most).map((value) => ({ value, text: written(value).replace('-', '−') }));
}

/** Two axes with grid, ticks and names, and the scales by which anything is drawn between them. */
export function plane({ x: across, y: up, width, height, size }: PlaneOptions): Plane {
  const scaled = (axis: Axis, range: [number, number]): Scale =>
    (axis.logarithmic ? scaleLog() : scaleLinear()).domain([...axis.domain]).range(range);
  const top = 0.7 * size;
  const bottom = height - (across.name ? 3.1 : 1.8) * size;
  const y = scaled(up, [bottom, top]);
  const yTicks = ticksOf(up, y, Math.max(2, Math.min(6, Math.floor((bottom - top) / (2.6 * size)))));
  const widest = Math.max(...yTicks.map(({ text }) => textWidth(text, size)), size);
  const left = widest + (up.name ? 2.1 : 0.6) * size;
  // The outermost words reach half beyond their places.
  const spare = across.words
    ? Math.max(0.04 * width, textWidth(across.words.at(-1) ?? '', size) / 2 - size)
    : 0;
  const right = width - size - spare;
  const x = scaled(across, [left + spare, right]);
  const xTicks = ticksOf(across, x, Math.max(2, Math.min(7, Math.floor(width / (6.5 * size)))));
  const stroke = { paint: 'line', width: 0.7 } as const;
  const marks: Mark[] = [];
  for (const { value, text } of yTicks) {
    const at = round(y(value));
    marks.push({ kind: 'line', x1: left, x2: right, y1: at, y2: at, stroke });
    marks.push({ kind: 'text', x: left - 0.5 * size, y: at + 0.35 * size, text, size, paint: 'soft', anchor: 'end' }); // prettier-ignore
  }
  for (const { value, text } of xTicks) {
    const at = round(x(value));
    marks.push({ kind: 'line', x1: at, x2: at, y1: top, y2: bottom, stroke });
    marks.push({ kind: 'text', x: at, y: bottom + 1.35 * size, text, size, paint: 'soft', anchor: 'middle' });
  }
  const middle = (left + right) / 2;
  if (across.name)
    marks.push({ kind: 'text', x: middle, y: height - 0.35 * size, text: across.name, size, paint: 'ink', anchor: 'middle' }); // prettier-ignore
  if (up.name)
    marks.push({ kind: 'text', x: size, y: (top + bottom) / 2, text: up.name, size, paint: 'ink', anchor: 'middle', upright: true }); // prettier-ignore
  return { x, y, left, right, top, bottom, marks };
}

/** The ends of what is drawn, a little apart so that nothing lies on the frame. */
export function spanOf(values: readonly number[], margin = 0.05): [number, number] {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return [0, 1];
  const low = finite.reduce((a, b) => Math.min(a, b));
  const high = finite.reduce((a, b) => Math.max(a, b));
  if (low === high) return [low - 0.5 * (Math.abs(low) || 1), high + 0.5 * (Math.abs(high) || 1)];
  return [low - margin * (high - low), high + margin * (high - low)];
}
