import { create } from 'fontkit';
import { describe, expect, it } from 'vitest';
import { eastAsianFonts } from '../../src-main/reports/pdf/east-asian.ts';
import { type Outline, writeTrueType } from '../../src-main/reports/pdf/true-type.ts';
import { renderPdf } from '../../src-main/reports/index.ts';
import { reportFixture } from './fixture.ts';
import { readPdf } from './pdf-text.ts';

describe('a font of a few letters', () => {
  const square: Outline = {
    codePoint: 0x80ba,
    advance: 900,
    commands: [
      { command: 'moveTo', args: [100, -50] },
      { command: 'lineTo', args: [800, -50] },
      { command: 'quadraticCurveTo', args: [850, 300, 800, 700] },
      { command: 'lineTo', args: [100, 700] },
      { command: 'closePath', args: [] },
    ],
  };
  const face = { name: 'Test-Regular', unitsPerEm: 1000, ascent: 1160, descent: -288 };

  it('is read by another reader as it was written', () => {
    const empty = { codePoint: 0x3000, advance: 1000, commands: [] };
    const font = create(writeTrueType(face, [square, empty]));
    expect([font.unitsPerEm, font.ascent, font.descent]).toEqual([1000, 1160, -288]);
    expect(font.hasGlyphForCodePoint(0x80bb)).toBe(false);
    const glyph = font.getGlyph(font.glyphForCodePoint(0x80ba).id);
    expect(glyph.advanceWidth).toBe(900);
    const drawn = glyph.path.commands.map(({ command, args }) => [command, ...args]);
    expect(drawn).toEqual([
      ['moveTo', 100, -50],
      ['lineTo', 800, -50],
      ['quadraticCurveTo', 850, 300, 800, 700],
      ['lineTo', 100, 700],
      ['closePath'],
    ]);
    expect(font.getGlyph(font.glyphForCodePoint(0x3000).id).path.commands).toEqual([]);
  });
});

describe('letters of East Asia in a PDF', () => {
  it('come from Noto Sans at the weights of the letters beside them, and only where there are some', () => {
    expect(eastAsianFonts('Fine-tuned, café, Москва, التهاب')).toBeNull();
    const { files, letters } = eastAsianFonts('肺の結節、폐렴, ＣＴ')!;
    expect([...letters].sort()).toEqual([...'肺の結節、폐렴ＣＴ'].sort());
    const stem = (file: Buffer): number => {
      const font = create(file);
      // The upper bar of the first contour: how thick it is.
      const [first, , third] = font.getGlyph(font.glyphForCodePoint(0x80ba).id).path.commands;
      return first.args[1] - third.args[1];
    };
    expect(stem(files.regular)).toBe(68);
    expect(stem(files.bold)).toBeGreaterThan(85);
  });

  it('are written in the forms of the language that the report is in', () => {
    // The same code point, written otherwise in Japan and China (the stroke of 骨 turns to the other side).
    const drawn = (text: string): unknown => {
      const font = create(eastAsianFonts(text)!.files.regular);
      return font.getGlyph(font.glyphForCodePoint('骨'.codePointAt(0)!).id).path.commands;
    };
    expect(drawn('骨の腫瘍')).not.toEqual(drawn('骨肿瘤'));
  });

  it('can be found in the file, and what has no font is said to have none', async () => {
    const model = reportFixture();
    const title = '肺結節・二つの病院: Σ and Łódź';
    const file = await renderPdf({ ...model, title, limitations: ['肺炎のみ。', '폐렴', 'التهاب'] });
    const { pages } = readPdf(file);
    // Each font's letters are a piece of text of their own.
    expect(pages[0].replaceAll('\n', '')).toContain(title);
    expect(pages.join('\n')).toContain('肺炎のみ。');
    expect(pages.join('\n')).toContain('폐렴');
    expect(pages[0].replaceAll('\n', ' ')).toContain(
      '5 letters are of a script that this file has no font for and written as their numbers in Unicode, as [U+',
    );
    const plain = readPdf(await renderPdf(model));
    expect(plain.pages[0]).not.toContain('no font');
    expect(plain.rest).not.toContain('NotoSans');
  });
});
