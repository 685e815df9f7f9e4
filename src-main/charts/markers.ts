import type { Fill, Mark, Series } from './scene.ts';
import { SERIES } from './scene.ts';

/** A marker of its own shape for each series: disc, square, triangle, diamond, ring, cross. */
export function marker(series: Series, x: number, y: number, radius = 2.6): Mark {
  const fill: Fill = { paint: series };
  const r = radius;
  const around = (...points: [number, number][]): string =>
    `M${points.map(([u, v]) => `${round(x + u * r)},${round(y + v * r)}`).join('L')}Z`;
  switch (SERIES.indexOf(series)) {
    case 0:
      return { kind: 'circle', x, y, radius: r, fill };
    case 1:
      return { kind: 'rect', x: x - 0.9 * r, y: y - 0.9 * r, width: 1.8 * r, height: 1.8 * r, fill };
    case 2:
      return { kind: 'path', d: around([0, -1.2], [1.1, 0.8], [-1.1, 0.8]), fill };
    case 3:
      return { kind: 'path', d: around([0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]), fill };
    case 4:
      return {
        kind: 'circle',
        x,
        y,
        radius: 0.85 * r,
        fill: { paint: 'paper' },
        stroke: { paint: series, width: 1.2 },
      };
    default:
      return {
        kind: 'path',
        d: `M${round(x - r)},${round(y - r)}L${round(x + r)},${round(y + r)}M${round(x - r)},${round(y + r)}L${round(x + r)},${round(y - r)}`,
        stroke: { paint: series, width: 1.4 },
      };
  }
}

/** Hundredths of a point: nobody sees less, and files stay small. */
export const round = (value: number): number => Math.round(value * 100) / 100;
