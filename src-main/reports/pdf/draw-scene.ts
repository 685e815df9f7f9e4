import { LIGHT, type Mark, type Scene } from '../../charts/index.ts';
import type { Document, Sheet } from './sheet.ts';

/** Draws a scene as lines and letters, not as pixels: it stays sharp at any size, and its text can be found. */
export function drawScene(sheet: Sheet, scene: Scene, x: number, y: number, scale: number): void {
  const { doc } = sheet;
  doc.save();
  doc.translate(x, y).scale(scale);
  for (const mark of scene.marks) drawMark(sheet, mark);
  doc.restore();
}

type Stroked = Extract<Mark, { stroke?: unknown }>['stroke'];
type Filled = Extract<Mark, { fill?: unknown }>['fill'];

function drawMark(sheet: Sheet, mark: Mark): void {
  const { doc } = sheet;
  switch (mark.kind) {
    case 'line':
      return paint(doc.moveTo(mark.x1, mark.y1).lineTo(mark.x2, mark.y2), mark.stroke, undefined);
    case 'path':
      return paint(doc.path(mark.d), mark.stroke, mark.fill);
    case 'rect': {
      const { x, y, width, height, radius = 0 } = mark;
      if (width <= 0 || height <= 0) return;
      const shape = radius > 0 ? doc.roundedRect(x, y, width, height, radius) : doc.rect(x, y, width, height);
      return paint(shape, mark.stroke, mark.fill);
    }
    case 'circle':
      return paint(doc.circle(mark.x, mark.y, mark.radius), mark.stroke, mark.fill);
    case 'text':
      return drawText(sheet, mark);
  }
}

function paint(doc: Document, stroke: Stroked, fill: Filled): void {
  if (fill) doc.fillColor(LIGHT[fill.paint], fill.opacity ?? 1);
  if (stroke) {
    doc
      .strokeColor(LIGHT[stroke.paint], stroke.opacity ?? 1)
      .lineWidth(stroke.width)
      .lineJoin('round');
    if (stroke.dash && stroke.dash.length > 0) {
      // The types know one length only; the method takes a pattern.
      (doc as unknown as { dash(pattern: readonly number[]): void }).dash(stroke.dash);
    } else doc.undash();
  }
  if (fill && stroke) doc.fillAndStroke();
  else if (fill) doc.fill();
  else if (stroke) doc.stroke();
}

function drawText(sheet: Sheet, mark: Extract<Mark, { kind: 'text' }>): void {
  const { doc } = sheet;
  const style = { font: mark.bold ? 'bold' : 'regular', size: mark.size, colour: LIGHT[mark.paint] } as const;
  const text = sheet.printable(mark.text);
  const back = { start: 0, middle: 0.5, end: 1 }[mark.anchor ?? 'start'] * sheet.measure(text, style);
  doc.fillOpacity(1);
  if (mark.upright) {
    doc.save();
    doc.rotate(-90, { origin: [mark.x, mark.y] });
    sheet.write(text, mark.x - back, mark.y, style);
    doc.restore();
    return;
  }
  if (mark.halo) {
    doc.rect(mark.x - back - 1, mark.y - 0.8 * mark.size, sheet.measure(text, style) + 2, mark.size);
    doc.fillColor(LIGHT.paper, 0.8).fill();
    doc.fillOpacity(1);
  }
  sheet.write(text, mark.x - back, mark.y, style);
}
