import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type PDFDocument from 'pdfkit';
import { applicationRoot, unpacked } from '../../platform/application-root.ts';

export type FontName = 'regular' | 'bold';

const FILES: Record<FontName, string> = { regular: 'Inter-Regular.ttf', bold: 'Inter-SemiBold.ttf' };

interface Glyphs {
  hasGlyphForCodePoint(code: number): boolean;
}

/**
 * Inter, embedded as far as it is used: its letters cover Latin, Greek, Cyrillic and the signs of statistics, and the file looks the same
 * wherever it is opened. Registers it with the document.
 *
 * @returns what makes a text one that the font can show
 */
export function useFonts(doc: InstanceType<typeof PDFDocument>): (text: string) => string {
  for (const [name, file] of Object.entries(FILES))
    doc.registerFont(name, readFileSync(unpacked(join(applicationRoot, 'resources', 'fonts', file))));
  doc.font('regular');
  const { font } = (doc as unknown as { _font: { font: Glyphs } })._font;
  const known = new Map<string, string>();
  const shown = (character: string): string => {
    let found = known.get(character);
    if (found === undefined) known.set(character, (found = replacement(character, font)));
    return found;
  };
  return (text) => Array.from(text, shown).join('');
}

/** A letter that the font lacks (of East Asia, say) is written as its number, which can be looked up; a box could not. */
function replacement(character: string, font: Glyphs): string {
  const code = character.codePointAt(0)!;
  if (character === '\n') return character;
  if (/[\p{Cc}\p{Cf}\p{Cs}]/u.test(character)) return '';
  if (/\s/u.test(character)) return ' ';
  return font.hasGlyphForCodePoint(code)
    ? character
    : `[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`;
}
