import type { Mark, Scene } from './scene.ts';
import { fitText, textWidth } from './text-width.ts';

export interface ConfusionMatrix {
  label: string;
  /** Rows: true class; columns: predicted class. */
  counts: readonly (readonly number[])[];
  classes: readonly string[];
  width?: number;
  size?: number;
}

/** Smaller cells hold no share beside their count. */
const ROOM_FOR_SHARE = 26;

/** A heat map by share of the true class; every cell has its number, so that shades only help. */
export function confusionMatrix({ label, counts, classes, width = 250, size = 7.5 }: ConfusionMatrix): Scene {
  const longest = Math.max(...classes.map((name) => textWidth(name, size)));
  const left = Math.min(0.4 * width, longest + 0.8 * size) + 1.8 * size;
  const cell = Math.max(15, Math.min(52, (width - left) / classes.length));
  const tilted = longest > cell - 4;
  const top = (tilted ? Math.min(longest, 9 * size) : size) + 2.4 * size;
  const marks: Mark[] = [];
  const right = left + cell * classes.length;
  const bottom = top + cell * classes.length;
  const axis = { kind: 'text', size, paint: 'ink', anchor: 'middle' } as const;
  marks.push({ ...axis, x: (left + right) / 2, y: size, text: 'predicted class' });
  marks.push({ ...axis, x: size, y: (top + bottom) / 2, text: 'true class', upright: true });
  classes.forEach((name, index) => {
    const middle = (index + 0.5) * cell;
    marks.push({ kind: 'text', x: left - 0.6 * size, y: top + middle + 0.35 * size, text: fitText(name, size, left - 2.6 * size), size, paint: 'soft', anchor: 'end' }); // prettier-ignore
    marks.push(
      tilted
        ? { kind: 'text', x: left + middle + 0.35 * size, y: top - 0.5 * size, text: fitText(name, size, 9 * size), size, paint: 'soft', upright: true, anchor: 'start' } // prettier-ignore
        : { kind: 'text', x: left + middle, y: top - 0.5 * size, text: name, size, paint: 'soft', anchor: 'middle' }, // prettier-ignore
    );
  });
  counts.forEach((row, i) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    row.forEach((count, j) => {
      const part = total === 0 ? 0 : count / total;
      const [x, y] = [left + j * cell, top + i * cell];
      const paint = part > 0.55 ? 'paper' : 'ink';
      const shared = cell >= ROOM_FOR_SHARE;
      marks.push({
        kind: 'rect',
        x: x + 0.6,
        y: y + 0.6,
        width: cell - 1.2,
        height: cell - 1.2,
        radius: 1.5,
        fill: { paint: 'heat', opacity: 0.05 + 0.95 * part },
        stroke: { paint: 'line', width: 0.5 },
      });
      marks.push({ kind: 'text', x: x + cell / 2, y: y + cell / 2 + (shared ? 0 : 0.35 * size), text: String(count), size: size + 0.5, paint, anchor: 'middle', bold: i === j }); // prettier-ignore
      if (shared)
        marks.push({ kind: 'text', x: x + cell / 2, y: y + cell / 2 + 1.25 * size, text: `${Math.round(part * 100)} %`, size: size - 0.7, paint, anchor: 'middle' }); // prettier-ignore
    });
  });
  return { width: Math.max(right + 1, left + textWidth('predicted class', size)), height: bottom + 2, label, marks }; // prettier-ignore
}
