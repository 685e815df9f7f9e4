import type { RandomStream } from '../platform/random.ts';

/** A grey picture in the making: square, rows first, values around [0, 1]. */
export interface Field {
  size: number;
  pixels: Float32Array;
}

/** A value for each pixel, from coordinates that run from −1 to 1. */
export type Pattern = (x: number, y: number) => number;

export function paint(field: Field, pattern: Pattern): void {
  const { size, pixels } = field;
  const step = 2 / size;
  for (let row = 0, at = 0; row < size; row++) {
    const y = (row + 0.5) * step - 1;
    for (let column = 0; column < size; column++, at++) pixels[at] += pattern((column + 0.5) * step - 1, y);
  }
}

/** Smooth noise: random values on a lattice of `cells`, joined by smoothstep, finer octaves at `roughness` each. */
export function valueNoise(random: RandomStream, cells: number, octaves: number, roughness: number): Pattern {
  const layers = Array.from({ length: octaves }, (_, octave) => {
    const n = cells * 2 ** octave + 2;
    return {
      n,
      scale: (cells * 2 ** octave) / 2,
      weight: roughness ** octave,
      values: Float32Array.from({ length: n * n }, () => random.uniform(-1, 1)),
    };
  });
  return (x, y) => {
    let sum = 0;
    for (const { n, scale, weight, values } of layers) {
      const u = (x + 1) * scale;
      const v = (y + 1) * scale;
      const column = Math.min(n - 2, Math.floor(u));
      const row = Math.min(n - 2, Math.floor(v));
      const s = u - column;
      const t = v - row;
      const across = s * s * (3 - 2 * s);
      const down = t * t * (3 - 2 * t);
      const at = row * n + column;
      const top = values[at] + across * (values[at + 1] - values[at]);
      const bottom = values[at + n] + across * (values[at + n + 1] - values[at + n]);
      sum += weight * (top + down * (bottom - top));
    }
    return sum;
  };
}

/** Cells around scattered seeds: the difference of the distances to the two nearest, so that borders are dark. */
export function voronoi(random: RandomStream, count: number): Pattern {
  const seeds = Array.from({ length: count }, () => [random.uniform(-1.1, 1.1), random.uniform(-1.1, 1.1)]);
  return (x, y) => {
    let first = 9;
    let second = 9;
    for (const [u, v] of seeds) {
      const distance = (x - u) ** 2 + (y - v) ** 2;
      if (distance < first) {
        second = first;
        first = distance;
      } else if (distance < second) second = distance;
    }
    return Math.min(1, 5 * (Math.sqrt(second) - Math.sqrt(first))) * 2 - 1;
  };
}

const ANGLES = 256;

/**
 * The inside of a closed contour given by its radius at each angle (the radial contours of formula-driven
 * supervision, Kataoka et al. 2022): 1 inside, 0 outside, a soft edge between.
 */
export function contour(x0: number, y0: number, radius: (angle: number) => number, edge: number): Pattern {
  const radii = Float32Array.from({ length: ANGLES }, (_, i) => radius((i / ANGLES) * 2 * Math.PI));
  const reach = radii.reduce((a, b) => Math.max(a, b), 0) + 3 * edge;
  return (x, y) => {
    const dx = x - x0;
    const dy = y - y0;
    const distance = Math.sqrt(dx * dx + dy * dy);
    if (distance > reach) return 0;
    const turn = (Math.atan2(dy, dx) / (2 * Math.PI) + 1) * ANGLES;
    const low = Math.floor(turn);
    const share = turn - low;
    const r = radii[low % ANGLES] * (1 - share) + radii[(low + 1) % ANGLES] * share;
    return 1 / (1 + Math.exp(Math.max(-30, Math.min(30, ((distance - r) * 4) / edge))));
  };
}

/** A bar of soft edges from one point to another. */
export function bar(x1: number, y1: number, x2: number, y2: number, width: number, edge: number): Pattern {
  const [ux, uy] = [x2 - x1, y2 - y1];
  const length = ux * ux + uy * uy;
  return (x, y) => {
    const along = Math.max(0, Math.min(1, ((x - x1) * ux + (y - y1) * uy) / length));
    const [dx, dy] = [x - x1 - along * ux, y - y1 - along * uy];
    const distance = Math.sqrt(dx * dx + dy * dy);
    if (distance > width + 3 * edge) return 0;
    return 1 / (1 + Math.exp(Math.max(-30, Math.min(30, ((distance - width) * 4) / edge))));
  };
}

/** Averages over (2·reach + 1)² pixels, by rows and then by columns. */
export function blur(field: Field, reach: number): void {
  const { size, pixels } = field;
  const line = new Float32Array(size);
  for (const [along, across] of [
    [1, size],
    [size, 1],
  ]) {
    for (let start = 0; start < size; start++) {
      for (let i = 0; i < size; i++) {
        let sum = 0;
        for (let k = -reach; k <= reach; k++)
          sum += pixels[start * across + Math.max(0, Math.min(size - 1, i + k)) * along];
        line[i] = sum / (2 * reach + 1);
      }
      for (let i = 0; i < size; i++) pixels[start * across + i * along] = line[i];
    }
  }
}
