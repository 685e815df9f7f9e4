import type { Mark, Scene } from './scene.ts';
import { fitText } from './text-width.ts';

export type LayerState = 'frozen' | 'learns' | 'none';

export interface LayerMap {
  label: string;
  stages: readonly { name: string; note: string; layers: readonly LayerState[] }[];
  width?: number;
  size?: number;
}

const BOX = { width: 7, height: 10, gap: 1.6 };

/** A network stage by stage: each layer a box, hatched where it stays as it was, solid where it learns. */
export function layerMap({ label, stages, width = 500, size = 8 }: LayerMap): Scene {
  const marks: Mark[] = [];
  const legend: [LayerState, string][] = [
    ['frozen', 'frozen (hatched)'],
    ['learns', 'learns (solid)'],
    ['none', 'no weights'],
  ];
  let y = 0.4 * size;
  legend.forEach(([state, text], index) => {
    const x = index * 14 * size;
    marks.push(...box(state, x, y));
    marks.push({ kind: 'text', x: x + 1.5 * size, y: y + 0.95 * size, text, size, paint: 'ink' });
  });
  y += 2.6 * size;
  const perRow = Math.floor(width / (BOX.width + BOX.gap));
  for (const { name, note, layers } of stages) {
    marks.push({ kind: 'text', x: 0, y: y + size, text: name, size, paint: 'ink', bold: true });
    marks.push({ kind: 'text', x: 12 * size, y: y + size, text: fitText(note, size, width - 12 * size), size, paint: 'soft' }); // prettier-ignore
    y += 1.5 * size;
    layers.forEach((state, index) => {
      const [row, column] = [Math.floor(index / perRow), index % perRow];
      marks.push(...box(state, column * (BOX.width + BOX.gap), y + row * (BOX.height + BOX.gap)));
    });
    y += Math.max(1, Math.ceil(layers.length / perRow)) * (BOX.height + BOX.gap) + 0.7 * size;
  }
  return { width, height: y, label, marks };
}

function box(state: LayerState, x: number, y: number): Mark[] {
  const { width, height } = BOX;
  if (state === 'none')
    return [{ kind: 'rect', x, y: y + 6, width, height: 4, radius: 1, stroke: { paint: 'soft', width: 0.5 } }]; // prettier-ignore
  if (state === 'learns')
    return [{ kind: 'rect', x, y, width, height, radius: 1, fill: { paint: 'series-1' }, stroke: { paint: 'series-1', width: 0.6 } }]; // prettier-ignore
  const hatch = [2.5, 6, 9.5, 13]
    .map((sum) => {
      const [x1, y1] = sum <= height ? [0, sum] : [sum - height, height];
      const [x2, y2] = sum <= width ? [sum, 0] : [width, sum - width];
      return `M${x + x1},${y + y1}L${x + x2},${y + y2}`;
    })
    .join('');
  const stroke = { paint: 'series-0', width: 0.6 } as const;
  return [
    { kind: 'rect', x, y, width, height, radius: 1, stroke },
    { kind: 'path', d: hatch, stroke },
  ];
}
