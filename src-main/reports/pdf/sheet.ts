import PDFDocument from 'pdfkit';
import type { Text } from '../blocks.ts';
import { type Fonts, useFonts } from './fonts.ts';
import { heightOf, heightOfAll, layOut, type Line, type Style } from './text.ts';

export type Document = InstanceType<typeof PDFDocument>;
type Element = ReturnType<Document['struct']>;

/** A4, in points. */
export const PAGE = { width: 595.28, height: 841.89 };
const MARGIN = { left: 52, right: 52, top: 62, bottom: 56 };

export interface SheetOptions {
  title: string;
  /** ISO 8601. Part of the file, so that the same report is the same file whenever it is drawn. */
  createdAt: string;
  creator: string;
  /** All that it will say, in any order: which fonts it needs. */
  letters: string;
}

/** Paper with a place to go on: text and drawings follow one another downwards, and every one has its place in the tree that a screen reader follows. */
export class Sheet {
  readonly doc: Document;
  readonly left = MARGIN.left;
  readonly width = PAGE.width - MARGIN.left - MARGIN.right;
  readonly bottom = PAGE.height - MARGIN.bottom;
  readonly top = MARGIN.top;
  y = MARGIN.top;
  /** From 1. */
  page = 1;
  readonly #chunks: Uint8Array[] = [];
  readonly #fonts: Fonts;
  readonly #widths = new Map<string, number>();
  #element: Element;

  constructor({ title, createdAt, creator, letters }: SheetOptions) {
    const created = new Date(createdAt);
    this.doc = new PDFDocument({
      size: [PAGE.width, PAGE.height],
      margin: 0,
      bufferPages: true,
      tagged: true,
      lang: 'en',
      displayTitle: true,
      pdfVersion: '1.7',
      info: { Title: title, Creator: creator, CreationDate: created, ModDate: created },
      font: '',
    } as never);
    this.doc.on('data', (chunk: Uint8Array) => this.#chunks.push(chunk));
    this.#fonts = useFonts(this.doc, letters);
    this.#element = this.doc.struct('Document');
    this.doc.addStructure(this.#element);
  }

  readonly measure = (text: string, { font, size }: Style): number => {
    const key = `${font}${text}`;
    let wide = this.#widths.get(key);
    // At one size for all: widths grow with it.
    if (wide === undefined) {
      wide = this.#fonts
        .runs(text, font)
        .reduce((sum, run) => sum + this.doc.font(run.font).fontSize(100).widthOfString(run.text), 0);
      this.#widths.set(key, wide);
    }
    return (wide * size) / 100;
  };

  printable(text: string): string {
    return this.#fonts.printable(text);
  }

  get room(): number {
    return this.bottom - this.y;
  }

  /** Goes to the next page where less than this is left; never from an empty one. */
  need(height: number): void {
    if (height > this.room && this.y > this.top) this.newPage();
  }

  newPage(): void {
    this.doc.addPage();
    this.page += 1;
    this.y = this.top;
  }

  /** An element of the tree (H2, Table, TR …), and in it whatever `draw` adds. */
  inside(type: string, draw: () => void, options: object = {}): void {
    const outer = this.#element;
    const element = this.doc.struct(type as never, options);
    outer.add(element);
    this.#element = element;
    draw();
    element.end();
    this.#element = outer;
  }

  /** Content of the element that is open; each page needs its own. */
  content(type: string, draw: () => void): void {
    this.#element.add(this.doc.markStructureContent(type as never));
    draw();
    this.doc.endMarkedContent();
  }

  /** What a screen reader passes over: rules, page numbers. */
  artifact(draw: () => void, type = 'Layout'): void {
    this.doc.markContent('Artifact', { type } as never);
    draw();
    this.doc.endMarkedContent();
  }

  lines(text: Text, style: Style, width = this.width): Line[] {
    return layOut(text, style, width, { measure: this.measure, printable: this.#fonts.printable });
  }

  height(text: Text, style: Style, width = this.width): number {
    return heightOfAll(this.lines(text, style, width), style);
  }

  /** Lines from `y` downwards, without breaking the page. */
  drawLines(
    lines: readonly Line[],
    base: Style,
    { x = this.left, y = this.y, tag = 'Span' }: { x?: number; y?: number; tag?: string } = {},
  ): number {
    let at = y;
    const links: { text: string; section: string; at: [number, number, number, number] }[] = [];
    this.content(tag, () => {
      for (const line of lines) {
        const tall = heightOf(line, base);
        let left = x;
        for (const { text, style, width, section } of line.pieces) {
          this.write(text, left, at + 0.74 * tall, style);
          if (section) links.push({ text, section, at: [left, at, width, tall] });
          left += width;
        }
        at += tall;
      }
    });
    for (const link of links) this.#link(link.text, link.section, link.at);
    return at - y;
  }

  #link(text: string, section: string, [x, y, width, height]: [number, number, number, number]): void {
    const structParent = this.doc.struct('Link');
    this.#element.add(structParent);
    // A String object is written as text, a plain one as a name.
    this.doc.goTo(x, y, width, height, section, { structParent, Contents: new String(text) } as never);
    structParent.end();
  }

  /** One piece of text on its baseline. */
  write(text: string, x: number, baseline: number, { font, size, colour }: Style): void {
    let left = x;
    for (const run of this.#fonts.runs(text, font)) {
      this.doc.font(run.font).fontSize(size).fillColor(colour);
      this.doc.text(run.text, left, baseline, { lineBreak: false, baseline: 'alphabetic' });
      left += this.doc.widthOfString(run.text);
    }
  }

  /** A text in the flow, line by line over as many pages as it takes; never one line alone at a page's end. */
  flow(text: Text, style: Style, { x = this.left, width = this.width, tag = 'P' } = {}): void {
    const lines = this.lines(text, style, width);
    this.inside(tag, () => {
      let rest = lines;
      while (rest.length > 0) {
        let fitting = 0;
        let tall = 0;
        while (fitting < rest.length && tall + heightOf(rest[fitting], style) <= this.room) {
          tall += heightOf(rest[fitting], style);
          fitting += 1;
        }
        const orphan = fitting < rest.length && (fitting < 2 || rest.length - fitting < 2);
        if (orphan) fitting = Math.max(0, Math.min(fitting, rest.length - 2) < 2 ? 0 : rest.length - 2);
        if (fitting === 0 && this.y > this.top) {
          this.newPage();
          continue;
        }
        const now = rest.slice(0, Math.max(1, fitting));
        this.y += this.drawLines(now, style, { x, tag });
        rest = rest.slice(now.length);
      }
    });
  }

  /** A rule over the width. */
  rule(y: number, colour: string, weight = 0.5, x = this.left, width = this.width): void {
    this.artifact(() => {
      this.doc
        .moveTo(x, y)
        .lineTo(x + width, y)
        .lineWidth(weight)
        .undash()
        .strokeColor(colour)
        .stroke();
    });
  }

  /** The whole file. */
  async finish(): Promise<Buffer> {
    this.#element.end();
    const ended = new Promise((resolve, reject) => this.doc.on('end', resolve).on('error', reject));
    this.doc.end();
    await ended;
    return Buffer.concat(this.#chunks);
  }
}
