/** The outline of a letter in units of the face, y upwards, with curves of one control point. */
export interface Outline {
  codePoint: number;
  advance: number;
  commands: readonly OutlineCommand[];
}

export interface OutlineCommand {
  command: string;
  args: readonly number[];
}

export interface Face {
  /** In PostScript: letters, digits and hyphens. */
  name: string;
  unitsPerEm: number;
  ascent: number;
  descent: number;
}

interface Point {
  x: number;
  y: number;
  onCurve: boolean;
}

interface Glyph {
  bytes: Buffer;
  advance: number;
  /** Where its box begins. */
  left: number;
  points: number;
  contours: number;
}

/**
 * A TrueType file (OpenType 1.9) of these letters alone, with all that a PDF's reader needs of one; no hints, no kerning.
 *
 * @param outlines at most 65 534, each code point once
 */
export function writeTrueType(face: Face, outlines: readonly Outline[]): Buffer {
  const sorted = outlines.toSorted((a, b) => a.codePoint - b.codePoint);
  const missing = { bytes: Buffer.alloc(0), advance: face.unitsPerEm, left: 0, points: 0, contours: 0 };
  const glyphs = [missing, ...sorted.map(glyphOf)];
  const most = (of: (glyph: Glyph) => number): number => Math.max(...glyphs.map(of));
  const places = [0];
  for (const { bytes } of glyphs) places.push(places[places.length - 1] + bytes.length);
  const widest = most(({ advance }) => advance);
  const { unitsPerEm, ascent, descent } = face;
  return fileOf({
    cmap: characterMap(sorted.map(({ codePoint }) => codePoint)),
    glyf: Buffer.concat(glyphs.map(({ bytes }) => bytes)),
    head: numbers(
      [4, 0x00010000, 0x00010000, 0, 0x5f0f3cf5],
      [2, 0, unitsPerEm],
      [4, 0, 0, 0, 0],
      // The box that holds every letter, no style, readable from 6 pixels on, places of four bytes.
      [2, 0, descent, widest, ascent, 0, 6, 2, 1, 0],
    ),
    hhea: numbers([4, 0x00010000], [2, ascent, descent, 0, widest, ...zeros(11), glyphs.length]),
    hmtx: numbers([2, ...glyphs.flatMap(({ advance, left }) => [advance, left])]),
    loca: numbers([4, ...places]),
    maxp: numbers(
      [4, 0x00010000],
      [
        2,
        glyphs.length,
        most(({ points }) => points),
        most(({ contours }) => contours),
        0,
        0,
        2,
        ...zeros(8),
      ],
    ),
    name: nameTable(face.name),
    post: numbers([4, 0x00030000, ...zeros(7)]),
  });
}

const zeros = (count: number): number[] => Array.from({ length: count }, () => 0);

/** Big-endian numbers of two or four bytes each, negative ones in two's complement. */
function numbers(...groups: readonly (readonly [2 | 4, ...number[]])[]): Buffer {
  return Buffer.concat(
    groups.map(([size, ...values]) => {
      const bytes = Buffer.alloc(size * values.length);
      values.forEach((value, at) => {
        const whole = Math.round(value);
        bytes.writeUIntBE(whole < 0 ? whole + 2 ** (8 * size) : whole, at * size, size);
      });
      return bytes;
    }),
  );
}

function glyphOf({ advance, commands }: Outline): Glyph {
  const contours = contoursOf(commands);
  if (contours.length === 0) return { bytes: Buffer.alloc(0), advance, left: 0, points: 0, contours: 0 };
  const points = contours.flat();
  const ends = contours.map((_, at) => contours.slice(0, at + 1).reduce((sum, one) => sum + one.length, -1));
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const steps = (values: readonly number[]): number[] =>
    values.map((value, at) => value - (values[at - 1] ?? 0));
  const bytes = Buffer.concat([
    numbers([
      2,
      contours.length,
      Math.min(...xs),
      Math.min(...ys),
      Math.max(...xs),
      Math.max(...ys),
      ...ends,
      0,
    ]),
    Buffer.from(points.map(({ onCurve }) => Number(onCurve))),
    numbers([2, ...steps(xs), ...steps(ys)]),
  ]);
  const padding = Buffer.alloc((4 - (bytes.length % 4)) % 4);
  return {
    bytes: Buffer.concat([bytes, padding]),
    advance,
    left: Math.min(...xs),
    points: points.length,
    contours: contours.length,
  };
}

function contoursOf(commands: readonly OutlineCommand[]): Point[][] {
  const contours: Point[][] = [];
  for (const { command, args } of commands) {
    const point = (at: number, onCurve: boolean): Point => ({
      x: Math.round(args[at]),
      y: Math.round(args[at + 1]),
      onCurve,
    });
    if (command === 'moveTo') contours.push([point(0, true)]);
    else if (command === 'lineTo') contours.at(-1)!.push(point(0, true));
    else if (command === 'quadraticCurveTo') contours.at(-1)!.push(point(0, false), point(2, true));
    else if (command !== 'closePath') throw new Error(`TrueType has no ${command}`);
  }
  // Contours close by themselves.
  return contours
    .map((contour) => {
      const [first, last] = [contour[0], contour[contour.length - 1]];
      const closed = contour.length > 1 && last.onCurve && first.x === last.x && first.y === last.y;
      return closed ? contour.slice(0, -1) : contour;
    })
    .filter((contour) => contour.length > 1);
}

/** Format 12: code points in groups that follow one another, from glyph 1 on. */
function characterMap(codePoints: readonly number[]): Buffer {
  const groups: { start: number; end: number; glyph: number }[] = [];
  codePoints.forEach((code, at) => {
    const last = groups.at(-1);
    if (last && last.end === code - 1) last.end = code;
    else groups.push({ start: code, end: code, glyph: at + 1 });
  });
  const flat = groups.flatMap(({ start, end, glyph }) => [start, end, glyph]);
  return numbers(
    [2, 0, 1, 3, 10],
    [4, 12],
    [2, 12, 0],
    [4, 16 + 12 * groups.length, 0, groups.length, ...flat],
  );
}

/** Its name for PostScript and for people, in UTF-16. */
function nameTable(name: string): Buffer {
  const text = Buffer.from(name, 'utf16le').swap16();
  const records = [1, 4, 6].flatMap((id) => [3, 1, 0x409, id, text.length, 0]);
  return Buffer.concat([numbers([2, 0, 3, 6 + 12 * 3, ...records]), text]);
}

function fileOf(tables: Record<string, Buffer>): Buffer {
  const names = Object.keys(tables).sort();
  const power = Math.floor(Math.log2(names.length));
  const search = 16 * 2 ** power;
  let offset = 12 + 16 * names.length;
  const directory = [numbers([4, 0x00010000], [2, names.length, search, power, 16 * names.length - search])];
  const bodies: Buffer[] = [];
  for (const name of names) {
    const table = tables[name];
    const body = Buffer.concat([table, Buffer.alloc((4 - (table.length % 4)) % 4)]);
    directory.push(Buffer.from(name, 'latin1'), numbers([4, checksum(body), offset, table.length]));
    bodies.push(body);
    offset += body.length;
  }
  return Buffer.concat([...directory, ...bodies]);
}

function checksum(body: Buffer): number {
  let sum = 0;
  for (let at = 0; at < body.length; at += 4) sum = (sum + body.readUInt32BE(at)) >>> 0;
  return sum;
}
