import type { ReportModel } from '../../contract/report.ts';
import type { Section } from '../section.ts';
import { reportSections } from '../sections/index.ts';
import { drawBlocks } from './draw-blocks.ts';
import { PAGE, Sheet } from './sheet.ts';
import { ACCENT, INK, RULE, SOFT, type Style } from './text.ts';

const TITLE: Style = { font: 'bold', size: 19, colour: INK };
const SECTION: Style = { font: 'bold', size: 14, colour: INK };
const SMALL: Style = { font: 'regular', size: 7.4, colour: SOFT };
const CONTENTS: Style = { font: 'regular', size: 9.2, colour: INK };
const NOTICE: Style = { font: 'regular', size: 9, colour: INK };

/**
 * The report as PDF: A4, charts as lines, text that can be selected, tagged for screen readers, with bookmarks. Made without a browser, so that the
 * command line and a server make the same file; the same report gives the same bytes.
 */
export async function renderPdf(model: ReportModel): Promise<Buffer> {
  const sections = reportSections(model);
  const said = `${model.title}${JSON.stringify(sections, (key, value: unknown) => (key === 'png' ? '' : value))}`;
  const sheet = new Sheet({
    title: model.title,
    createdAt: model.createdAt,
    creator: `Graft ${model.environment.graft}`,
    letters: said,
  });
  drawTitle(sheet, model);
  drawMissingLetters(sheet, said);
  const places = drawContents(sheet, sections);
  const pages = new Map(sections.map((section) => [section.id, drawSection(sheet, section)]));
  for (const { id, y } of places) drawPageNumber(sheet, pages.get(id)!, y);
  drawEdges(sheet, model);
  return sheet.finish();
}

function drawTitle(sheet: Sheet, { title, environment, createdAt }: ReportModel): void {
  sheet.y = 84;
  sheet.flow(title, TITLE, { tag: 'H1' });
  sheet.y += 4;
  sheet.flow(`Evaluation report, written by Graft ${environment.graft} on ${createdAt.slice(0, 10)}`, {
    ...CONTENTS,
    colour: SOFT,
  });
  sheet.y += 10;
  const from = sheet.y;
  sheet.y += 7;
  sheet.flow(
    [
      { text: 'For research use only. ', style: 'strong' },
      'Not a medical device, and not for diagnosis or treatment. It names no patient: identifiers were replaced by keyed hashes when the images were read, and none of these is in this file.',
    ],
    NOTICE,
    { x: sheet.left + 12, width: sheet.width - 24 },
  );
  sheet.y += 7;
  sheet.artifact(() => {
    const height = sheet.y - from;
    sheet.doc
      .rect(sheet.left, from, sheet.width, height)
      .lineWidth(0.6)
      .undash()
      .strokeColor(RULE, 1)
      .stroke();
    sheet.doc.rect(sheet.left, from, 3, height).fillColor(ACCENT, 1).fill();
  });
  sheet.y += 16;
}

/** Says where letters are written as numbers, so that nobody takes these for names. */
function drawMissingLetters(sheet: Sheet, said: string): void {
  const lacking = [...new Set(said)].filter((letter) => sheet.printable(letter).startsWith('[U+'));
  if (lacking.length === 0) return;
  const [first] = lacking;
  sheet.flow(
    `${lacking.length === 1 ? 'One letter is' : `${lacking.length} letters are`} of a script that this file has no font for and written as ${lacking.length === 1 ? 'its number' : 'their numbers in Unicode'}, as ${sheet.printable(first)}. The HTML of this report shows ${lacking.length === 1 ? 'it' : 'them'}.`,
    { ...NOTICE, colour: SOFT },
  );
  sheet.y += 12;
}

interface Place {
  id: string;
  y: number;
}

/** The contents, whose page numbers are written when they are known. They stand on the first page. */
function drawContents(sheet: Sheet, sections: readonly Section[]): Place[] {
  const places: Place[] = [];
  sheet.flow('Contents', { ...SECTION, size: 11 }, { tag: 'H2' });
  sheet.y += 3;
  sheet.inside('TOC', () => {
    for (const { id, title } of sections)
      sheet.inside('TOCI', () => {
        const [line] = sheet.lines({ section: id, text: title }, CONTENTS, sheet.width - 40);
        places.push({ id, y: sheet.y });
        sheet.y += sheet.drawLines([line], CONTENTS) + 1.5;
      });
  });
  sheet.y += 14;
  return places;
}

function drawPageNumber(sheet: Sheet, page: number, y: number): void {
  const style = { ...CONTENTS, colour: SOFT };
  const text = String(page);
  sheet.doc.switchToPage(0);
  sheet.artifact(() => {
    const x = sheet.left + sheet.width - sheet.measure(text, style);
    sheet.write(text, x, y + 0.74 * 1.42 * style.size, style);
  });
}

/** @returns the page on which it begins */
function drawSection(sheet: Sheet, { id, title, blocks }: Section): number {
  sheet.y += sheet.y > sheet.top ? 10 : 0;
  sheet.need(130);
  const { page } = sheet;
  sheet.doc.addNamedDestination(id, 'XYZ', sheet.left, sheet.y - 8, null as never);
  sheet.doc.outline.addItem(title, { top: sheet.y - 8, left: PAGE.width } as never);
  sheet.inside('Sect', () => {
    sheet.rule(sheet.y, RULE, 0.8);
    sheet.y += 8;
    sheet.flow(title, SECTION, { tag: 'H2' });
    sheet.y += 5;
    drawBlocks(sheet, blocks);
  });
  return page;
}

/** Title above, number and purpose below, on every page. */
function drawEdges(sheet: Sheet, { title, environment }: ReportModel): void {
  const { start, count } = sheet.doc.bufferedPageRange();
  for (let page = start; page < start + count; page += 1) {
    sheet.doc.switchToPage(page);
    sheet.artifact(() => {
      const footer = PAGE.height - 32;
      const number = `${page + 1} of ${count}`;
      sheet.write(
        `Graft ${environment.graft} · for research use only, not for diagnosis`,
        sheet.left,
        footer,
        SMALL,
      );
      sheet.write(number, sheet.left + sheet.width - sheet.measure(number, SMALL), footer, SMALL);
      if (page > 0) {
        const [line] = sheet.lines(title, SMALL);
        for (const piece of line.pieces) sheet.write(piece.text, sheet.left, 38, SMALL);
      }
    }, 'Pagination');
  }
}
