/** Of a library without types as much as is used here; what begins with an underscore is its own. */
declare module 'fontkit' {
  export interface Point {
    copy(): Point;
  }
  export interface Decoded {
    /** Missing where it is put together of others. */
    points?: Point[];
  }
  export interface Glyph {
    id: number;
    advanceWidth: number;
    path: { commands: { command: string; args: number[] }[] };
    _decode(): Decoded;
  }
  export interface Font {
    unitsPerEm: number;
    ascent: number;
    descent: number;
    stream: { constructor: new (bytes: Uint8Array) => object };
    /** Of a font's own kind: another instance of it, at these values of its axes. */
    constructor: new (stream: object, axes: readonly number[]) => Font;
    hasGlyphForCodePoint(code: number): boolean;
    glyphForCodePoint(code: number): { id: number };
    getGlyph(id: number): Glyph;
    /** Moves points in place to where they are at the font's values. */
    _variationProcessor: { transformPoints(glyph: number, points: Point[]): void };
  }
  export function create(bytes: Uint8Array): Font;
}
