import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { create, type Font } from 'fontkit';
import { type Outline, writeTrueType } from './true-type.ts';

/** Of letters, as thick as Inter's beside them. */
const WEIGHTS = { regular: 400, bold: 600 } as const;
type Weight = keyof typeof WEIGHTS;

/** Chinese, Japanese and Korean write some of the same letters in other forms: each has fonts of its own. */
type Family = 'jp' | 'kr' | 'sc';

const EM = 1000;

const packages = createRequire(import.meta.url);

/** Letters that Inter lacks, and the fonts that show those of them which are Chinese, Japanese or Korean. */
export interface EastAsian {
  /** By style, as TrueType. */
  files: Record<Weight, Buffer>;
  letters: ReadonlySet<string>;
}

/**
 * Fonts of the letters of East Asia in a text, from Noto Sans: read only where there are such letters, and of them only the parts that hold these.
 *
 * @returns null where there are none
 */
export function eastAsianFonts(text: string): EastAsian | null {
  const wanted = new Set(
    text.match(
      /[\p{sc=Han}\p{scx=Hira}\p{scx=Kana}\p{sc=Hangul}\p{sc=Bopomofo}\u3000-\u303f\uff00-\uffef]/gu,
    ),
  );
  if (wanted.size === 0) return null;
  const left = new Set([...wanted].map((letter) => letter.codePointAt(0)!));
  const outlines: Record<Weight, Outline[]> = { regular: [], bold: [] };
  for (const family of familiesFor(text))
    for (const file of filesWith(family, left)) {
      const bytes = readFileSync(packages.resolve(`${packageOf(family)}/files/${file}`));
      const instances = {
        regular: atWeight(bytes, WEIGHTS.regular),
        bold: atWeight(bytes, WEIGHTS.bold),
      };
      const found = [...left].filter((code) => instances.regular.hasGlyphForCodePoint(code));
      for (const weight of ['regular', 'bold'] as const)
        outlines[weight].push(...found.map((code) => outlineOf(instances[weight], code)));
      found.forEach((code) => left.delete(code));
    }
  const fileOf = (weight: Weight): Buffer =>
    writeTrueType(
      {
        name: `NotoSansCJK-${weight === 'bold' ? 'SemiBold' : 'Regular'}`,
        unitsPerEm: EM,
        ascent: 1160,
        descent: -288,
      },
      outlines[weight],
    );
  const letters = new Set(outlines.regular.map(({ codePoint }) => String.fromCodePoint(codePoint)));
  return { files: { regular: fileOf('regular'), bold: fileOf('bold') }, letters };
}

const packageOf = (family: Family): string => `@fontsource-variable/noto-sans-${family}`;

/** Kana make a text Japanese, Hangul Korean; what has neither is taken to be Chinese. */
function familiesFor(text: string): Family[] {
  if (/[\p{sc=Hiragana}\p{sc=Katakana}]/u.test(text)) return ['jp', 'sc', 'kr'];
  return /\p{sc=Hangul}/u.test(text) ? ['kr', 'sc', 'jp'] : ['sc', 'jp', 'kr'];
}

/** Names of the files of a family that hold any of these. */
function filesWith(family: Family, codes: ReadonlySet<number>): string[] {
  const ranges = JSON.parse(
    readFileSync(packages.resolve(`${packageOf(family)}/unicode.json`), 'utf8'),
  ) as Record<string, string>;
  return Object.entries(ranges).flatMap(([part, listed]) => {
    const holds = listed.split(',').some((range) => {
      const [from, to = from] = range
        .replace('U+', '')
        .split('-')
        .map((hex) => Number.parseInt(hex, 16));
      for (const code of codes) if (code >= from && code <= to) return true;
      return false;
    });
    return holds ? [`noto-sans-${family}-${part.replaceAll(/[[\]]/g, '')}-wght-normal.woff2`] : [];
  });
}

/** The library's own way to another weight takes the file for uncompressed. */
function atWeight(bytes: Uint8Array, weight: number): Font {
  const { constructor, stream } = create(bytes);
  return new constructor(new stream.constructor(bytes), [weight]);
}

function outlineOf(font: Font, codePoint: number): Outline {
  const glyph = font.getGlyph(font.glyphForCodePoint(codePoint).id);
  // In compressed files the library leaves the points at the thinnest weight. Four points that stand for the metrics follow; asked for
  // its own, the library would draw the path before they have moved.
  const { points } = glyph._decode();
  if (points && points.length > 0) {
    const metrics = Array.from({ length: 4 }, () => Object.assign(points[0].copy(), { endContour: true }));
    font._variationProcessor.transformPoints(glyph.id, [...points, ...metrics]);
  }
  const scale = EM / font.unitsPerEm;
  return {
    codePoint,
    advance: Math.round(glyph.advanceWidth * scale),
    commands: glyph.path.commands.map(({ command, args }) => ({
      command,
      args: args.map((value) => value * scale),
    })),
  };
}
