import type { RandomStream } from '../../platform/random.ts';
import type { ImageSize } from './image-size.ts';

/** Scale and turn about the centre, then shift, in pixels. */
export interface Affine {
  /** Radians, clockwise on the screen. */
  angle: number;
  scaleX: number;
  scaleY: number;
  down: number;
  right: number;
}

/** What else moves pixels: each is undone on the way from a pixel of the result to where its value comes from. */
export interface Warp extends Affine {
  /** Tangent of the angle by which upright lines lean. */
  shear: number;
  /** The part that is kept and enlarged: shares of the sides. */
  crop: { size: number; top: number; left: number };
  /** Displacements; null where nothing is deformed. */
  elastic: ControlGrid | null;
}

/** Moves an image, bilinearly between pixels, black outside. */
export function moveImage(image: Float32Array, size: ImageSize, affine: Affine): Float32Array {
  const centreY = (size.height - 1) / 2;
  const centreX = (size.width - 1) / 2;
  const cos = Math.cos(affine.angle);
  const sin = Math.sin(affine.angle);
  return resample(image, size, (x, y, from) => {
    const dy = y - centreY - affine.down;
    const dx = x - centreX - affine.right;
    from.x = (cos * dx + sin * dy) / affine.scaleX + centreX;
    from.y = (cos * dy - sin * dx) / affine.scaleY + centreY;
  });
}

/** Moves an image in all ways at once, so that it is interpolated only once. */
export function warpImage(image: Float32Array, size: ImageSize, warp: Warp): Float32Array {
  const { height, width } = size;
  const centreY = (height - 1) / 2;
  const centreX = (width - 1) / 2;
  const cos = Math.cos(warp.angle);
  const sin = Math.sin(warp.angle);
  const { crop, elastic, shear } = warp;
  const displacement = elastic ? displacements(elastic, size) : null;
  return resample(image, size, (x, y, from) => {
    const at = 2 * (y * width + x);
    const cropX = (x + 0.5) * crop.size - 0.5 + crop.left * width + (displacement ? displacement[at] : 0);
    const cropY = (y + 0.5) * crop.size - 0.5 + crop.top * height + (displacement ? displacement[at + 1] : 0);
    const dy = cropY - centreY - warp.down;
    const dx = cropX - centreX - warp.right + shear * dy;
    from.x = (cos * dx + sin * dy) / warp.scaleX + centreX;
    from.y = (cos * dy - sin * dx) / warp.scaleY + centreY;
  });
}

type Trace = (x: number, y: number, from: { x: number; y: number }) => void;

function resample(image: Float32Array, size: ImageSize, trace: Trace): Float32Array {
  const { height, width, channels } = size;
  const result = new Float32Array(image.length);
  const source = { x: 0, y: 0 };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      trace(x, y, source);
      const left = Math.floor(source.x);
      const top = Math.floor(source.y);
      if (left < -1 || top < -1 || left >= width || top >= height) continue;
      const shareX = source.x - left;
      const shareY = source.y - top;
      const to = (y * width + x) * channels;
      for (let corner = 0; corner < 4; corner++) {
        const row = top + (corner >> 1);
        const column = left + (corner & 1);
        if (row < 0 || column < 0 || row >= height || column >= width) continue;
        const weight = (corner >> 1 ? shareY : 1 - shareY) * (corner & 1 ? shareX : 1 - shareX);
        if (weight === 0) continue;
        const from = (row * width + column) * channels;
        for (let c = 0; c < channels; c++) result[to + c] += weight * image[from + c];
      }
    }
  }
  return result;
}

/** Pieces of the image between control points, on each axis. */
const PIECES = 4;
/** A cubic B-spline reaches over four control points: one before the image and two behind it. */
const POINTS = PIECES + 3;

/** Displacements of `POINTS` × `POINTS` control points, in shares of the sides: x, then y, of each. */
export type ControlGrid = Float64Array;

/**
 * Control points of an elastic deformation, moved by at most `most` of the side either way; the two outermost rings stay
 * (TorchIO's default of 7 points and 2 locked borders). Up to 0.1 nothing folds: a cubic B-spline is one-to-one while displacements
 * are below 0.48 of the distance of its points (Choi and Lee 2000), which is a quarter of the side here.
 */
export function drawControlGrid(stream: RandomStream, most: number): ControlGrid {
  const grid = new Float64Array(2 * POINTS * POINTS);
  for (let row = 2; row < POINTS - 2; row++) {
    for (let column = 2; column < POINTS - 2; column++) {
      const at = 2 * (row * POINTS + column);
      grid[at] = stream.uniform(-most, most);
      grid[at + 1] = stream.uniform(-most, most);
    }
  }
  return grid;
}

/** Displacement of each pixel in pixels: x, then y. */
function displacements(grid: ControlGrid, { height, width }: ImageSize): Float64Array {
  const rows = splineWeights(height);
  const columns = splineWeights(width);
  const result = new Float64Array(2 * height * width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let right = 0;
      let down = 0;
      for (let i = 0; i < 4; i++) {
        for (let j = 0; j < 4; j++) {
          const weight = rows.weights[4 * y + i] * columns.weights[4 * x + j];
          const at = 2 * ((rows.first[y] + i) * POINTS + columns.first[x] + j);
          right += weight * grid[at];
          down += weight * grid[at + 1];
        }
      }
      result[2 * (y * width + x)] = right * width;
      result[2 * (y * width + x) + 1] = down * height;
    }
  }
  return result;
}

/** Of each position the first of its four control points, and their weights (uniform cubic B-spline). */
function splineWeights(length: number): { first: Int32Array; weights: Float64Array } {
  const first = new Int32Array(length);
  const weights = new Float64Array(4 * length);
  for (let at = 0; at < length; at++) {
    const place = ((at + 0.5) / length) * PIECES;
    const piece = Math.min(PIECES - 1, Math.floor(place));
    const t = place - piece;
    first[at] = piece;
    weights[4 * at] = (1 - t) ** 3 / 6;
    weights[4 * at + 1] = (3 * t ** 3 - 6 * t ** 2 + 4) / 6;
    weights[4 * at + 2] = (-3 * t ** 3 + 3 * t ** 2 + 3 * t + 1) / 6;
    weights[4 * at + 3] = t ** 3 / 6;
  }
  return { first, weights };
}
