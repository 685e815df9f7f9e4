import { marker } from './markers.ts';
import { DASHES } from './palette.ts';
import type { Mark, Series } from './scene.ts';
import { fitText, textWidth } from './text-width.ts';

export interface LegendEntry {
  name: string;
  series: Series;
  /** Whether its markers are drawn. */
  marked: boolean;
  /** Without a line: a marker alone. */
  lineless?: boolean;
}

/**
 * Names beside a piece of their line, as many in a row as fit.
 *
 * @returns marks from `top` downwards, and how high they are
 */
export function legend(
  entries: readonly LegendEntry[],
  { left, right, top, size }: { left: number; right: number; top: number; size: number },
): { marks: Mark[]; height: number } {
  const sample = 2.6 * size;
  const gap = 1.4 * size;
  const row = 1.6 * size;
  const marks: Mark[] = [];
  let x = left;
  let y = top + 0.9 * size;
  for (const { name, series, marked, lineless } of entries) {
    const text = fitText(name, size, right - left - sample - 0.5 * size);
    const width = sample + 0.5 * size + textWidth(text, size);
    if (x > left && x + width > right) {
      x = left;
      y += row;
    }
    const middle = y - 0.35 * size;
    if (!lineless)
      marks.push({
        kind: 'line',
        x1: x,
        x2: x + sample,
        y1: middle,
        y2: middle,
        stroke: { paint: series, width: 1.7, dash: DASHES[series] },
      });
    if (marked) marks.push(marker(series, x + sample / 2, middle));
    marks.push({ kind: 'text', x: x + sample + 0.5 * size, y, text, size, paint: 'ink' });
    x += width + gap;
  }
  return { marks, height: entries.length === 0 ? 0 : y - top + 0.5 * size };
}
