import { type Axis, type Plane, plane, spanOf } from './axes.ts';
import { marker, round } from './markers.ts';
import type { Mark, Scene } from './scene.ts';

export interface ScatterDot {
  x: number;
  y: number;
  /** Half of the whisker through it; null: none. */
  error: number | null;
  /** The one to look at: larger, above the others, in another colour and shape. */
  marked?: boolean;
}

export interface Scatter<Dot extends ScatterDot = ScatterDot> {
  /** What it shows, for those who cannot see it. */
  label: string;
  dots: readonly Dot[];
  /** Domains are those of the dots, unless told. */
  x: Omit<Axis, 'domain'> & { domain?: readonly [number, number] };
  y: Omit<Axis, 'domain'> & { domain?: readonly [number, number] };
  width?: number;
  height?: number;
  /** Of the letters, in points. */
  size?: number;
}

export interface DrawnScatter<Dot extends ScatterDot = ScatterDot> {
  scene: Scene;
  plane: Plane;
  /** Where each dot is, in points, in the order in which they are drawn: what is pointed at on a screen. */
  places: readonly { dot: Dot; x: number; y: number; radius: number }[];
}

/** Dots over two axes, each with its whisker. */
export function drawScatter<Dot extends ScatterDot>(scatter: Scatter<Dot>): DrawnScatter<Dot> {
  const { dots, width = 250, height = 190, size = 7.5 } = scatter;
  const x: Axis = { ...scatter.x, domain: scatter.x.domain ?? spanX(dots, scatter.x) };
  const reach = dots.flatMap(({ y, error }) => [y - (error ?? 0), y + (error ?? 0)]);
  const y: Axis = { ...scatter.y, domain: scatter.y.domain ?? spanOf(reach, 0.08) };
  const between = plane({ x, y, width, height, size });
  const places = [...dots.filter(({ marked }) => !marked), ...dots.filter(({ marked }) => marked)].map(
    (dot) => ({
      dot,
      x: round(between.x(dot.x)),
      y: round(between.y(dot.y)),
      radius: (dot.marked ? 0.55 : 0.42) * size,
    }),
  );
  const whiskers = places.flatMap(({ dot, x: at }): Mark[] =>
    dot.error
      ? [{ kind: 'line', x1: at, x2: at, y1: round(between.y(dot.y - dot.error)), y2: round(between.y(dot.y + dot.error)), stroke: { paint: 'soft', width: 0.8 } }] // prettier-ignore
      : [],
  );
  const markers = places.map(({ dot, x: at, y: up, radius }) =>
    marker(dot.marked ? 'series-0' : 'series-1', at, up, radius),
  );
  const marks = [...between.marks, ...whiskers, ...markers];
  return { scene: { width, height, label: scatter.label, marks }, plane: between, places };
}

/** Words lie at 0, 1, 2 …; by powers of ten there is a factor to spare on both sides. */
function spanX(dots: readonly ScatterDot[], { words, logarithmic }: Omit<Axis, 'domain'>): [number, number] {
  if (words) return [0, Math.max(1, words.length - 1)];
  const values = dots.map(({ x }) => x);
  if (!logarithmic) return spanOf(values, 0.06);
  if (values.length === 0) return [1, 10];
  return [Math.min(...values) / 1.3, Math.max(...values) * 1.3];
}
