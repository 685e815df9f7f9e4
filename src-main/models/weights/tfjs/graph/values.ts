import type { Numbers } from '../../foreign-builder.ts';

/** How long something is: a number, or as many times the number of images. */
export interface Extent {
  size: number;
  batch: boolean;
}

/** What a node of a graph gives. */
export type Value =
  /** What a layer gives, for each image; `rows`: all its pixels, or tokens, of all images as one list. */
  | { kind: 'layer'; layer: string; rows?: boolean }
  /** Numbers of the file, with all their axes. */
  | ({ kind: 'constant' } & Numbers)
  /** Lengths of axes, that are computed beside the images. */
  | { kind: 'extents'; extents: readonly Extent[]; scalar: boolean }
  /** An image in phases, for a convolution whose taps lie apart. */
  | { kind: 'phases'; layer: string; block: readonly number[]; padding: readonly number[] };

export const layerValue = (layer: string): Value => ({ kind: 'layer', layer });

export const sizeOfShape = (shape: readonly number[]): number =>
  shape.reduce((size, extent) => size * extent, 1);
