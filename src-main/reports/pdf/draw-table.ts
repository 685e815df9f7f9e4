import type { Table, Text } from '../blocks.ts';
import type { Sheet } from './sheet.ts';
import { heightOfAll, INK, type Line, RULE, SOFT, type Style } from './text.ts';

const GAP = 9;
const PADDING = 2.6;
/** Letters shrink to this before a word is cut. */
const SMALLEST = 5.6;
const LARGEST = 8;

interface Layout {
  size: number;
  /** Points, without the gap. */
  columns: number[];
}

const styles = (size: number): { head: Style; row: Style; cell: Style; caption: Style } => ({
  head: { font: 'bold', size, colour: SOFT },
  row: { font: 'regular', size, colour: INK },
  cell: { font: 'regular', size, colour: INK },
  caption: { font: 'regular', size: 8.2, colour: SOFT },
});

/** A table with its caption above; its head is repeated on every page, and a row keeps together. */
export function drawTable(sheet: Sheet, table: Table): void {
  const layout = fit(sheet, table);
  const { head, row, cell, caption } = styles(layout.size);
  const captionLines = sheet.lines(table.caption, caption);
  const headLines = cells(sheet, table.head, layout, () => head);
  const rows = table.rows.map((texts) =>
    cells(sheet, texts, layout, (column) => (column === 0 ? row : cell)),
  );
  const heights = rows.map((lines) => tallest(lines, cell));
  const headHeight = tallest(headLines, head);
  const first = heights.slice(0, 2).reduce((sum, height) => sum + height, 0);
  sheet.need(heightOfAll(captionLines, caption) + 3 + headHeight + Math.min(first, 120));
  sheet.inside('Table', () => {
    sheet.inside('Caption', () => {
      sheet.y += sheet.drawLines(captionLines, caption, { tag: 'Caption' }) + 3;
    });
    const drawHead = (again: boolean): void => {
      const draw = (): void => drawRow(sheet, headLines, layout, () => head, headHeight, again ? null : 'TH');
      if (again) sheet.artifact(draw, 'Pagination');
      else sheet.inside('TR', draw);
      sheet.rule(sheet.y, SOFT, 0.8);
    };
    drawHead(false);
    rows.forEach((lines, index) => {
      const height = heights[index];
      if (height > sheet.room) {
        sheet.newPage();
        drawHead(true);
      }
      sheet.inside('TR', () =>
        drawRow(sheet, lines, layout, (column) => (column === 0 ? row : cell), height, 'TD'),
      );
      sheet.rule(sheet.y, RULE);
    });
  });
  sheet.y += 12;
}

/** Room that a table asks for at least, so that what leads to it stays with it. */
export const leastTableHeight = ({ rows }: Table): number => 48 + 14 * Math.min(3, rows.length);

function drawRow(
  sheet: Sheet,
  lines: readonly Line[][],
  { columns }: Layout,
  style: (column: number) => Style,
  height: number,
  tag: 'TH' | 'TD' | null,
): void {
  let x = sheet.left;
  lines.forEach((cell, column) => {
    const at = { x, y: sheet.y + PADDING };
    if (tag === null) {
      // A head that is drawn again says nothing new to a screen reader.
      let y = at.y;
      for (const line of cell) {
        let left = x;
        for (const piece of line.pieces) {
          sheet.write(piece.text, left, y + 0.74 * 1.42 * piece.style.size, piece.style);
          left += piece.width;
        }
        y += heightOfAll([line], style(column));
      }
    } else {
      const type = tag === 'TH' || column === 0 ? 'TH' : 'TD';
      const scope = tag === 'TH' ? 'Column' : 'Row';
      sheet.inside(type, () => sheet.drawLines(cell, style(column), at), type === 'TH' ? { scope } : {});
    }
    x += columns[column] + GAP;
  });
  sheet.y += height;
}

const cells = (
  sheet: Sheet,
  texts: readonly Text[],
  { columns }: Layout,
  style: (column: number) => Style,
): Line[][] => columns.map((width, column) => sheet.lines(texts[column] ?? '', style(column), width));

const tallest = (lines: readonly Line[][], style: Style): number =>
  2 * PADDING + Math.max(...lines.map((cell) => heightOfAll(cell, style)));

/** Widths of columns: what they ask for where that fits, else what their longest word asks for and a share of the rest. */
function fit(sheet: Sheet, { head, rows }: Table): Layout {
  const count = head.length;
  const room = sheet.width - (count - 1) * GAP;
  for (let size = LARGEST; ; size -= 0.4) {
    const { head: bold, cell } = styles(size);
    const widest = (texts: readonly Text[], column: number, breaking: RegExp | null): number =>
      Math.max(
        ...texts.flatMap((text, at) =>
          sheet
            .lines(text ?? '', at === 0 ? bold : cell, Infinity)
            .flatMap((line) =>
              breaking === null
                ? [line.width]
                : line.pieces.flatMap((piece) =>
                    piece.text.split(breaking).map((word) => sheet.measure(word, piece.style)),
                  ),
            ),
        ),
        column === 0 ? 24 : 12,
      ) + 0.5;
    const columns = head.map((title, column) => [title, ...rows.map((texts) => texts[column] ?? '')]);
    const natural = columns.map((texts, column) => widest(texts, column, null));
    const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
    const spare = room - sum(natural);
    // The rest is shared out, a little more to the first column, so that tables fill the page alike.
    if (spare >= 0) return { size, columns: natural.map((width) => width + spare / count) };
    const least = columns.map((texts, column) => widest(texts, column, / +/).valueOf());
    const over = room - sum(least);
    if (over >= 0) {
      const wish = natural.map((width, column) => width - least[column]);
      const total = sum(wish) || 1;
      return { size, columns: least.map((width, column) => width + (over * wish[column]) / total) };
    }
    if (size <= SMALLEST) {
      const total = sum(least);
      return { size, columns: least.map((width) => (width / total) * room) };
    }
  }
}
