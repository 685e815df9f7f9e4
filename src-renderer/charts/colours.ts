import type { Colours, Paint } from '../../src-main/charts/index.ts';

/** Pixels that the letters of a chart are high, where the root's are 16: those of `--text-tiny`. */
const LETTERS = 11;
/** The same letters in points; everything else in a scene is in proportion to them. */
export const POINTS = 8;

const ROLES: Record<Paint, string> = {
  ink: '--text',
  soft: '--muted',
  line: '--line',
  paper: '--surface',
  heat: '--accent',
  'series-0': '--chart-1',
  'series-1': '--chart-2',
  'series-2': '--chart-3',
  'series-3': '--chart-4',
  'series-4': '--chart-5',
  'series-5': '--accent-strong',
};

/** The window's own colours: a chart follows the theme without being drawn anew. */
export const themed: Colours = (paint) => `var(${ROLES[paint]})`;

/** Pixels to a point of a scene: letters grow with the screen (app.css), and the scene with its letters. */
export function pixelsPerPoint(): number {
  const root = parseFloat(getComputedStyle(document.documentElement).fontSize || '16');
  return (LETTERS * root) / 16 / POINTS;
}
