import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type PDFDocument from 'pdfkit';
import { applicationRoot, unpacked } from '../../platform/application-root.ts';
import { eastAsianFonts } from './east-asian.ts';

export type FontName = 'regular' | 'bold';

const FILES: Record<FontName, string> = { regular: 'Inter-Regular.ttf', bold: 'Inter-SemiBold.ttf' };

interface Glyphs {
  hasGlyphForCodePoint(code: number): boolean;
}

/** Letters that stand together and are of one font. */
export interface Run {
  text: string;
  /** As it is registered with the document. */
  font: string;
}

export interface Fonts {
  /** Makes a text one that the fonts can show. */
  printable(text: string): string;
  runs(text: string, font: FontName): Run[];
}

/**
 * Inter, embedded as far as it is used: its letters cover Latin, Greek, Cyrillic and the signs of statistics, and the file looks the same
 * wherever it is opened; and for letters of East Asia Noto Sans. Registers them with the document.
 *
 * @param letters all that the document will say, in any order
 */
export function useFonts(doc: InstanceType<typeof PDFDocument>, letters: string): Fonts {
  for (const [name, file] of Object.entries(FILES))
    doc.registerFont(name, readFileSync(unpacked(join(applicationRoot, 'resources', 'fonts', file))));
  const eastAsian = eastAsianFonts(letters);
  if (eastAsian)
    for (const [name, file] of Object.entries(eastAsian.files)) doc.registerFont(`${name} east asian`, file);
  doc.font('regular');
  const { font: inter } = (doc as unknown as { _font: { font: Glyphs } })._font;
  const isEastAsian = (character: string): boolean =>
    eastAsian !== null &&
    eastAsian.letters.has(character) &&
    !inter.hasGlyphForCodePoint(character.codePointAt(0)!);
  const known = new Map<string, string>();
  const shown = (character: string): string => {
    let found = known.get(character);
    if (found === undefined)
      known.set(character, (found = isEastAsian(character) ? character : replacement(character, inter)));
    return found;
  };
  return {
    printable: (text) => Array.from(text, shown).join(''),
    runs: (text, font) => {
      if (eastAsian === null) return [{ text, font }];
      const runs: Run[] = [];
      for (const character of text) {
        const of = isEastAsian(character) ? `${font} east asian` : font;
        const last = runs.at(-1);
        if (last?.font === of) last.text += character;
        else runs.push({ text: character, font: of });
      }
      return runs;
    },
  };
}

/** A letter that no font here has is written as its number, which can be looked up; a box could not. */
function replacement(character: string, font: Glyphs): string {
  const code = character.codePointAt(0)!;
  if (character === '\n') return character;
  if (/[\p{Cc}\p{Cf}\p{Cs}]/u.test(character)) return '';
  if (/\s/u.test(character)) return ' ';
  return font.hasGlyphForCodePoint(code)
    ? character
    : `[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`;
}
