import { LIGHT } from '../../charts/index.ts';
import { type Inline, inlines, type Text } from '../blocks.ts';
import type { FontName } from './fonts.ts';

export interface Style {
  font: FontName;
  size: number;
  colour: string;
}

export interface Piece {
  text: string;
  style: Style;
  width: number;
  /** Id of the section that it leads to. */
  section?: string;
}

export interface Line {
  pieces: Piece[];
  width: number;
}

/** Width of a text in points; every character can be shown. */
export type Measure = (text: string, style: Style) => number;

export const INK = LIGHT.ink;
export const SOFT = LIGHT.soft;
export const RULE = LIGHT.line;
export const ACCENT = LIGHT.heat;
export const WARM = '#9a4700';
/** Lines are this many times as high as their letters. */
export const LEADING = 1.42;

function styled(one: Inline, base: Style): Style {
  if (typeof one === 'string') return base;
  if ('section' in one) return { ...base, colour: ACCENT };
  switch (one.style) {
    case 'strong':
      return { ...base, font: 'bold' };
    case 'code':
      return { ...base, size: 0.92 * base.size };
    case 'soft':
      return { ...base, colour: SOFT };
    case 'warning':
      return { ...base, font: 'bold', colour: WARM };
  }
}

/** The text in lines no wider than `width`; a word that is wider (a hash) is cut between characters. */
export function layOut(
  text: Text,
  base: Style,
  width: number,
  { measure, printable }: { measure: Measure; printable: (text: string) => string },
): Line[] {
  const lines: Line[] = [{ pieces: [], width: 0 }];
  const begin = (): void => void lines.push({ pieces: [], width: 0 });
  const add = (word: string, style: Style, wide: number, section: string | undefined): void => {
    const line = lines.at(-1)!;
    const last = line.pieces.at(-1);
    // One piece as long as the style stays: text that is drawn whole is selected whole.
    if (last && last.style === style && last.section === section) {
      last.text += word;
      last.width = measure(last.text, style);
      line.width = line.pieces.reduce((sum, piece) => sum + piece.width, 0);
      return;
    }
    line.pieces.push({ text: word, style, width: wide, ...(section ? { section } : {}) });
    line.width += wide;
  };
  for (const one of inlines(text)) {
    const style = styled(one, base);
    const section = typeof one !== 'string' && 'section' in one ? one.section : undefined;
    for (const word of printable(typeof one === 'string' ? one : one.text).split(/(\n| +)/)) {
      if (word === '') continue;
      if (word === '\n') {
        begin();
        continue;
      }
      const wide = measure(word, style);
      const line = lines.at(-1)!;
      if (line.width + wide <= width + 0.01) {
        if (line.pieces.length > 0 || !/^ /.test(word)) add(word, style, wide, section);
        continue;
      }
      if (/^ +$/.test(word)) continue;
      if (line.pieces.length > 0 && wide <= width) begin();
      if (wide <= width) add(word, style, wide, section);
      else
        for (const part of cut(word, style, width, width - lines.at(-1)!.width, measure)) {
          if (part === '') begin();
          else add(part, style, measure(part, style), section);
        }
    }
  }
  return lines.map(trimmed(measure));
}

/** Parts of a word that is too wide, an empty one where a line ends. */
function cut(word: string, style: Style, width: number, room: number, measure: Measure): string[] {
  const parts: string[] = [];
  let part = '';
  let free = room;
  for (const character of word) {
    if (measure(part + character, style) > free) {
      if (part !== '') parts.push(part);
      parts.push('');
      part = '';
      free = width;
    }
    part += character;
  }
  return [...parts, part];
}

const trimmed =
  (measure: Measure) =>
  (line: Line): Line => {
    const last = line.pieces.at(-1);
    if (!last || !last.text.endsWith(' ')) return line;
    const text = last.text.trimEnd();
    const width = measure(text, last.style);
    const pieces = [...line.pieces.slice(0, -1), ...(text === '' ? [] : [{ ...last, text, width }])];
    return { pieces, width: pieces.reduce((sum, piece) => sum + piece.width, 0) };
  };

/** As high as its tallest letters ask for. */
export const heightOf = (line: Line, base: Style): number =>
  LEADING *
  line.pieces.reduce((most, { style }) => Math.max(most, style.size), line.pieces.length ? 0 : base.size);
export const heightOfAll = (lines: readonly Line[], base: Style): number =>
  lines.reduce((sum, line) => sum + heightOf(line, base), 0);
