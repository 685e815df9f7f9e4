/**
 * What a mark is painted with: a role, not a colour. Whoever draws the scene says which colour a role has there: a style sheet's variable on
 * a screen, which follows the theme, or a colour of `LIGHT` on paper.
 */
export type Paint = 'ink' | 'soft' | 'line' | 'paper' | 'heat' | Series;
/** Roles of data, in the order in which they are used. */
export const SERIES = ['series-0', 'series-1', 'series-2', 'series-3', 'series-4', 'series-5'] as const;
export type Series = (typeof SERIES)[number];

export interface Stroke {
  paint: Paint;
  width: number;
  /** Lengths on and off. */
  dash?: readonly number[];
  /** 0 to 1. */
  opacity?: number;
}

export interface Fill {
  paint: Paint;
  /** 0 to 1. */
  opacity?: number;
}

/** One stroke of the pen. Lengths are points (1/72 inch), y grows downwards, text stands on its baseline. */
export type Mark =
  | { kind: 'line'; x1: number; y1: number; x2: number; y2: number; stroke: Stroke }
  /** `d` as in SVG. */
  | { kind: 'path'; d: string; stroke?: Stroke; fill?: Fill }
  | {
      kind: 'rect';
      x: number;
      y: number;
      width: number;
      height: number;
      radius?: number;
      stroke?: Stroke;
      fill?: Fill;
    }
  | { kind: 'circle'; x: number; y: number; radius: number; stroke?: Stroke; fill?: Fill }
  | {
      kind: 'text';
      x: number;
      y: number;
      text: string;
      size: number;
      paint: Paint;
      anchor?: 'start' | 'middle' | 'end';
      bold?: boolean;
      /** Read from below upwards, as an axis's name is. */
      upright?: boolean;
      /** A rim of the paper's colour, where it stands over lines. */
      halo?: boolean;
    };

/** A drawing that knows nothing of where it is drawn: the same marks become SVG on a screen and in HTML, and lines in a PDF. */
export interface Scene {
  /** Points. */
  width: number;
  height: number;
  /** What it shows, in a sentence, for those who cannot see it. */
  label: string;
  marks: readonly Mark[];
}
