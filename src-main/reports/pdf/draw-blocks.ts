import {
  type Block,
  type Blocks,
  type Facts,
  type Figure,
  flatten,
  type List,
  type Picture,
  plain,
} from '../blocks.ts';
import { drawScene } from './draw-scene.ts';
import { drawTable, leastTableHeight } from './draw-table.ts';
import type { Sheet } from './sheet.ts';
import { heightOfAll, INK, SOFT, type Style, WARM } from './text.ts';

export const BODY: Style = { font: 'regular', size: 9.2, colour: INK };
const SOFTLY: Style = { ...BODY, size: 8.4, colour: SOFT };
const CAPTION: Style = { font: 'regular', size: 8, colour: SOFT };
const HEADING: Style = { font: 'bold', size: 10.6, colour: INK };
const NAME: Style = { font: 'regular', size: 8.4, colour: SOFT };
const VALUE: Style = { font: 'regular', size: 8.6, colour: INK };

/** Blocks one below the other. A heading stays with what it heads. */
export function drawBlocks(sheet: Sheet, blocks: Blocks): void {
  const all = flatten(blocks);
  all.forEach((block, index) => {
    const next = all[index + 1];
    // What is announced stays with what announces it.
    if (next && block.kind === 'paragraph' && plain(block.text).endsWith(':'))
      sheet.need(sheet.height(block.text, BODY) + 6 + leastHeight(sheet, next));
    if (block.kind === 'heading') drawHeading(sheet, block.text, next);
    else drawBlock(sheet, block);
  });
}

function drawHeading(sheet: Sheet, text: string, next: Block | undefined): void {
  sheet.y += sheet.y > sheet.top ? 9 : 0;
  sheet.need(18 + (next ? leastHeight(sheet, next) : 0));
  sheet.flow(text, HEADING, { tag: 'H3' });
  sheet.y += 3;
}

/** What a block needs at least to begin on a page. */
function leastHeight(sheet: Sheet, block: Block): number {
  switch (block.kind) {
    case 'table':
      return leastTableHeight(block) + sheet.height(block.caption, CAPTION);
    case 'figure':
      return figureHeight(sheet, block, sheet.width);
    case 'figures':
      return rowHeight(sheet, block.figures.slice(0, columnsOf(block.figures)), columnsOf(block.figures));
    case 'picture':
    case 'pictures':
      return 140;
    default:
      return 34;
  }
}

function drawBlock(sheet: Sheet, block: Exclude<Block, { kind: 'heading' }>): void {
  switch (block.kind) {
    case 'paragraph':
      if (block.tone === 'warning') return drawWarning(sheet, block.text);
      sheet.flow(block.text, block.tone === 'soft' ? SOFTLY : BODY);
      sheet.y += 5.5;
      return;
    case 'list':
      return drawList(sheet, block);
    case 'facts':
      return drawFacts(sheet, block);
    case 'table':
      return drawTable(sheet, block);
    case 'figure':
      return drawFigures(sheet, [block], 1);
    case 'figures':
      return drawFigures(sheet, block.figures, columnsOf(block.figures));
    case 'picture':
      return drawPictures(sheet, [block], 1);
    case 'pictures':
      return drawPictures(sheet, block.pictures, 4);
  }
}

function drawWarning(sheet: Sheet, text: Parameters<Sheet['flow']>[0]): void {
  const inset = 10;
  sheet.need(Math.min(120, sheet.height(text, BODY, sheet.width - inset)));
  const [from, page] = [sheet.y, sheet.page];
  sheet.flow(text, BODY, { x: sheet.left + inset, width: sheet.width - inset });
  if (page === sheet.page)
    sheet.artifact(() =>
      sheet.doc
        .rect(sheet.left, from, 2.5, sheet.y - from)
        .fillColor(WARM, 1)
        .fill(),
    );
  sheet.y += 6;
}

function drawList(sheet: Sheet, { items }: List): void {
  const inset = 11;
  sheet.inside('L', () => {
    for (const item of items) {
      sheet.need(Math.min(60, sheet.height(item, BODY, sheet.width - inset)));
      sheet.inside('LI', () => {
        sheet.inside('Lbl', () =>
          sheet.drawLines(sheet.lines('•', BODY, inset), BODY, { x: sheet.left + 2 }),
        );
        sheet.flow(item, BODY, { x: sheet.left + inset, width: sheet.width - inset, tag: 'LBody' });
      });
      sheet.y += 2.5;
    }
  });
  sheet.y += 4;
}

/** Names at the left, values beside them; short ones in two columns, read row by row. */
function drawFacts(sheet: Sheet, { entries, short = false }: Facts): void {
  const columns = short ? 2 : 1;
  const column = columnWidth(sheet, columns);
  const widest = Math.max(...entries.map(([name]) => sheet.measure(sheet.printable(name), NAME)), 40);
  const nameWidth = Math.min(widest + 2, (short ? 0.6 : 0.34) * column);
  const width = column - nameWidth - 12;
  sheet.inside('L', () => {
    for (let at = 0; at < entries.length; at += columns) {
      const row = entries.slice(at, at + columns).map(([name, value]) => ({
        names: sheet.lines(name, NAME, nameWidth),
        values: sheet.lines(value, VALUE, width),
      }));
      const tall = Math.max(
        ...row.flatMap(({ names, values }) => [heightOfAll(names, NAME), heightOfAll(values, VALUE)]),
      );
      sheet.need(tall);
      row.forEach(({ names, values }, place) => {
        const x = sheet.left + place * (column + GUTTER);
        sheet.inside('LI', () => {
          sheet.inside('Lbl', () => sheet.drawLines(names, NAME, { x }));
          sheet.inside('LBody', () => sheet.drawLines(values, VALUE, { x: x + nameWidth + 12 }));
        });
      });
      sheet.y += tall + 1.6;
    }
  });
  sheet.y += 7;
}

const GUTTER = 18;
const columnWidth = (sheet: Sheet, columns: number): number =>
  (sheet.width - (columns - 1) * GUTTER) / columns;
/** Wide drawings stand alone. */
const columnsOf = (figures: readonly Figure[]): number =>
  figures.some(({ scene }) => scene.width > 300) ? 1 : 2;
const scaleOf = ({ scene }: Figure, width: number): number => Math.min(1, width / scene.width);
const figureHeight = (sheet: Sheet, figure: Figure, width: number): number =>
  figure.scene.height * scaleOf(figure, width) + 5 + sheet.height(figure.caption, CAPTION, width);
const rowHeight = (sheet: Sheet, row: readonly Figure[], columns: number): number =>
  Math.max(...row.map((one) => figureHeight(sheet, one, columnWidth(sheet, columns))));

/** Drawings in rows; none is cut by the end of a page, and a caption stays below its own. */
function drawFigures(sheet: Sheet, figures: readonly Figure[], columns: number): void {
  const width = columnWidth(sheet, columns);
  for (let at = 0; at < figures.length; at += columns) {
    const row = figures.slice(at, at + columns);
    const tall = rowHeight(sheet, row, columns);
    sheet.need(tall);
    const from = sheet.y;
    row.forEach((figure, column) => {
      const x = sheet.left + column * (width + GUTTER);
      const scale = scaleOf(figure, width);
      const [wide, high] = [figure.scene.width * scale, figure.scene.height * scale];
      const options = { alt: figure.scene.label, bbox: [x, from, x + wide, from + high], placement: 'Block' };
      sheet.inside('Figure', () => sheet.content('Figure', () => drawScene(sheet, figure.scene, x, from, scale)), options); // prettier-ignore
      sheet.inside('Caption', () =>
        sheet.drawLines(sheet.lines(figure.caption, CAPTION, width), CAPTION, { x, y: from + high + 5 }),
      );
    });
    sheet.y = from + tall + 12;
  }
}

/** Pictures of pixels in rows, no larger than three times their own size. */
function drawPictures(sheet: Sheet, pictures: readonly Picture[], columns: number): void {
  const width = columnWidth(sheet, columns);
  const sizeOf = ({ width: wide, height }: Picture): [number, number] => {
    const scale = Math.min(width / wide, 2.2, 260 / height);
    return [wide * scale, height * scale];
  };
  for (let at = 0; at < pictures.length; at += columns) {
    const row = pictures.slice(at, at + columns);
    const tall = Math.max(
      ...row.map((one) => sizeOf(one)[1] + 4 + sheet.height(one.caption, CAPTION, width)),
    );
    sheet.need(tall);
    const from = sheet.y;
    row.forEach((one, column) => {
      const x = sheet.left + column * (width + GUTTER);
      const [wide, high] = sizeOf(one);
      const options = { alt: one.label, bbox: [x, from, x + wide, from + high], placement: 'Block' };
      sheet.inside('Figure', () => sheet.content('Figure', () => sheet.doc.image(Buffer.from(one.png, 'base64'), x, from, { width: wide, height: high })), options); // prettier-ignore
      if (plain(one.caption) !== '')
        sheet.inside('Caption', () =>
          sheet.drawLines(sheet.lines(one.caption, CAPTION, width), CAPTION, { x, y: from + high + 4 }),
        );
    });
    sheet.y = from + tall + 10;
  }
}
