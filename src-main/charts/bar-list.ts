import type { Mark, Scene } from './scene.ts';
import { fitText, textWidth } from './text-width.ts';

export interface BarList {
  label: string;
  values: readonly { name: string; count: number }[];
  width?: number;
  size?: number;
}

/** Counts as bars with their numbers, in the order given. */
export function barList({ label, values, width = 250, size = 7.5 }: BarList): Scene {
  const row = 1.75 * size;
  const most = Math.max(1, ...values.map(({ count }) => count));
  const written = values.map(({ count }) => count.toLocaleString('en-US'));
  const nameWidth = Math.min(0.5 * width, Math.max(...values.map(({ name }) => textWidth(name, size)), 0));
  const left = nameWidth + size;
  const right = width - Math.max(...written.map((text) => textWidth(text, size)), 0) - 0.6 * size;
  const marks = values.flatMap(({ name, count }, index): Mark[] => {
    const y = (index + 0.5) * row;
    const wide = ((right - left) * count) / most;
    return [
      { kind: 'text', x: 0, y: y + 0.35 * size, text: fitText(name, size, nameWidth), size, paint: 'ink' },
      { kind: 'rect', x: left, y: y - 0.45 * size, width: wide, height: 0.9 * size, radius: 1, fill: { paint: 'series-0' } }, // prettier-ignore
      { kind: 'text', x: left + wide + 0.5 * size, y: y + 0.35 * size, text: written[index], size, paint: 'soft' }, // prettier-ignore
    ];
  });
  return { width, height: values.length * row + 2, label, marks };
}
