import { RandomStream } from '../../platform/random.ts';
import type { Field } from '../drawing-field.ts';

/*
 * Pictures by small random programs: what shaders do for Baradad et al. 2022 ("Procedural image programs for
 * representation learning"), as a chain of operations on whole pictures. A category is a program; an instance has
 * other noise, another frame and slightly other numbers.
 */

type Operation =
  | { kind: 'wave'; of: number; frequency: number; phase: number }
  | { kind: 'noise'; cells: number; warpX: number; warpY: number; warp: number }
  | { kind: 'cells'; cells: number; warpX: number; warp: number }
  | { kind: 'ridge'; of: number }
  | { kind: 'steps'; of: number; levels: number }
  | { kind: 'edge'; of: number; at: number; softness: number }
  | { kind: 'blend'; of: number; and: number; by: number }
  | { kind: 'product'; of: number; and: number }
  | { kind: 'most'; of: number; and: number };

export interface PictureProgram {
  operations: readonly Operation[];
}

const CATEGORY_SEED = 20_221;
/** Coordinates x and y, the distance from the centre and the angle stand before the operations' results. */
const INPUTS = 4;
/** Programs whose pictures vary less than this (standard deviation, of a range of 1) are passed over. */
const LEAST_CONTRAST = 0.12;

/** The program of a category: the first of its number whose picture is not nearly empty. */
export function programCategory(category: number): PictureProgram {
  for (let attempt = 0; ; attempt++) {
    const program = drawProgram(new RandomStream(CATEGORY_SEED, 'program', category, attempt));
    const field: Field = { size: 24, pixels: new Float32Array(24 * 24) };
    runProgram(field, program, new RandomStream(CATEGORY_SEED, 'look', category), 1);
    if (deviation(field.pixels) >= LEAST_CONTRAST || attempt === 30) return program;
  }
}

function drawProgram(r: RandomStream): PictureProgram {
  const count = 4 + r.integer(6);
  const operations: Operation[] = [{ kind: 'noise', cells: 2 + r.integer(7), warpX: 0, warpY: 1, warp: 0 }];
  while (operations.length < count) {
    const known = INPUTS + operations.length;
    // Later results are likelier: chains, not heaps.
    const any = (): number => Math.floor(known * Math.sqrt(r.uniform()));
    operations.push(
      ...(
        [
          { kind: 'wave', of: any(), frequency: r.uniform(2, 14), phase: r.uniform(0, 6) },
          { kind: 'noise', cells: 2 + r.integer(12), warpX: any(), warpY: any(), warp: r.uniform(0, 0.6) },
          { kind: 'cells', cells: 3 + r.integer(7), warpX: any(), warp: r.uniform(0, 0.3) },
          { kind: 'ridge', of: any() },
          { kind: 'steps', of: any(), levels: 2 + r.integer(4) },
          { kind: 'edge', of: any(), at: r.uniform(-0.4, 0.4), softness: r.uniform(0.03, 0.3) },
          { kind: 'blend', of: any(), and: any(), by: r.uniform(0.3, 0.7) },
          { kind: 'product', of: any(), and: any() },
          { kind: 'most', of: any(), and: any() },
        ] satisfies Operation[]
      ).slice(...one(r.integer(9))),
    );
  }
  return { operations };
}

const one = (at: number): [number, number] => [at, at + 1];

/** One instance of a program, around 0 to 1. */
export function drawProgramPicture(field: Field, program: PictureProgram, r: RandomStream): void {
  runProgram(field, program, r, r.uniform(0.6, 1.5));
}

function runProgram(field: Field, { operations }: PictureProgram, r: RandomStream, zoom: number): void {
  const { size, pixels } = field;
  const n = size * size;
  const values: Float32Array[] = frame(size, zoom, r);
  for (const operation of operations) values.push(apply(operation, values, n, r));
  const result = values[values.length - 1];
  let [low, high] = [Infinity, -Infinity];
  for (const value of result) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const range = high - low || 1;
  for (let i = 0; i < n; i++) pixels[i] += (result[i] - low) / range;
}

/** x, y, distance and angle over a turned and shifted picture. */
function frame(size: number, zoom: number, r: RandomStream): Float32Array[] {
  const n = size * size;
  const [xs, ys, distances, angles] = Array.from({ length: INPUTS }, () => new Float32Array(n));
  const turn = r.uniform(0, 2 * Math.PI);
  const [cos, sin] = [zoom * Math.cos(turn), zoom * Math.sin(turn)];
  const [right, down] = [r.uniform(-0.5, 0.5), r.uniform(-0.5, 0.5)];
  for (let row = 0, at = 0; row < size; row++) {
    const v = ((row + 0.5) * 2) / size - 1;
    for (let column = 0; column < size; column++, at++) {
      const u = ((column + 0.5) * 2) / size - 1;
      const x = cos * u - sin * v + right;
      const y = sin * u + cos * v + down;
      xs[at] = x;
      ys[at] = y;
      distances[at] = Math.sqrt(x * x + y * y);
      angles[at] = Math.atan2(y, x) / Math.PI;
    }
  }
  return [xs, ys, distances, angles];
}

function apply(o: Operation, values: readonly Float32Array[], n: number, r: RandomStream): Float32Array {
  const result = new Float32Array(n);
  const jitter = r.uniform(0.9, 1.1);
  switch (o.kind) {
    case 'wave': {
      const phase = o.phase + r.uniform(-0.5, 0.5);
      for (let i = 0; i < n; i++) result[i] = Math.sin(jitter * o.frequency * values[o.of][i] + phase);
      return result;
    }
    case 'noise':
      return noise(o.cells, values, o, n, r);
    case 'cells':
      return cellNoise(o.cells, values, o, n, r);
    case 'ridge':
      for (let i = 0; i < n; i++) result[i] = 1 - 2 * Math.abs(values[o.of][i]);
      return result;
    case 'steps':
      for (let i = 0; i < n; i++) {
        const x = values[o.of][i] * o.levels * jitter;
        result[i] = 2 * (x - Math.floor(x)) - 1;
      }
      return result;
    case 'edge':
      for (let i = 0; i < n; i++) result[i] = Math.tanh((values[o.of][i] - o.at * jitter) / o.softness);
      return result;
    case 'blend':
      for (let i = 0; i < n; i++) result[i] = o.by * values[o.of][i] + (1 - o.by) * values[o.and][i];
      return result;
    case 'product':
      for (let i = 0; i < n; i++) result[i] = values[o.of][i] * values[o.and][i];
      return result;
    case 'most':
      for (let i = 0; i < n; i++) result[i] = Math.max(values[o.of][i], values[o.and][i]);
      return result;
  }
}

const TILE = 64;

/** Smooth noise over coordinates that other pictures bend. */
function noise(
  cells: number,
  values: readonly Float32Array[],
  { warpX, warpY, warp }: { warpX: number; warpY: number; warp: number },
  n: number,
  r: RandomStream,
): Float32Array {
  const lattice = Float32Array.from({ length: TILE * TILE }, () => r.uniform(-1, 1));
  const result = new Float32Array(n);
  const [xs, ys, bentX, bentY] = [values[0], values[1], values[warpX], values[warpY]];
  for (let i = 0; i < n; i++) {
    const u = (xs[i] + warp * bentX[i] + 8) * cells * 0.5;
    const v = (ys[i] + warp * bentY[i] + 8) * cells * 0.5;
    const [column, row] = [Math.floor(u), Math.floor(v)];
    const [s, t] = [u - column, v - row];
    const across = s * s * (3 - 2 * s);
    const down = t * t * (3 - 2 * t);
    const [left, right] = [column & (TILE - 1), (column + 1) & (TILE - 1)];
    const [top, bottom] = [(row & (TILE - 1)) * TILE, ((row + 1) & (TILE - 1)) * TILE];
    const above = lattice[top + left] + across * (lattice[top + right] - lattice[top + left]);
    const below = lattice[bottom + left] + across * (lattice[bottom + right] - lattice[bottom + left]);
    result[i] = 1.5 * (above + down * (below - above));
  }
  return result;
}

/** Distance to the nearest of points that are scattered one in each cell (Worley 1996). */
function cellNoise(
  cells: number,
  values: readonly Float32Array[],
  { warpX, warp }: { warpX: number; warp: number },
  n: number,
  r: RandomStream,
): Float32Array {
  const offsets = Float32Array.from({ length: 2 * TILE * TILE }, () => r.uniform());
  const result = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    const u = (values[0][i] + warp * values[warpX][i] + 8) * cells * 0.5;
    const v = (values[1][i] + 8) * cells * 0.5;
    const [column, row] = [Math.floor(u), Math.floor(v)];
    let nearest = 9;
    for (let y = row - 1; y <= row + 1; y++) {
      for (let x = column - 1; x <= column + 1; x++) {
        const at = 2 * ((y & (TILE - 1)) * TILE + (x & (TILE - 1)));
        const [dx, dy] = [x + offsets[at] - u, y + offsets[at + 1] - v];
        nearest = Math.min(nearest, dx * dx + dy * dy);
      }
    }
    result[i] = 2 * Math.min(1, Math.sqrt(nearest)) - 1;
  }
  return result;
}

function deviation(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
