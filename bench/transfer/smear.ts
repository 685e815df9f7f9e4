import type { RandomStream } from '../../src-main/platform/random.ts';

/** How dark a nucleus is at a place, from 0 to 1; places are in radii of the cell, the nucleus at the middle. */
export type Nucleus = (u: number, v: number) => number;

/** How the cells of a smear look. */
export interface Look {
  /** A cell's radius as a share of the usual one. Default: nearly all alike. */
  size?: (random: RandomStream) => number;
  /** The nucleus of a plain cell is changed to this one in some of them. Default: all are plain. */
  special?: (random: RandomStream) => Nucleus;
}

/** 1 well inside, 0 well outside of an outline at distance 0. */
export const soft = (distance: number, sharpness: number): number =>
  1 / (1 + Math.exp(-sharpness * distance));

export const plain: Nucleus = (u, v) => soft(0.85 - Math.hypot(u, v), 10);

/**
 * A smear of cells under a microscope, drawn by formula. Number, brightness, stain, focus and noise vary freely and say nothing about the look.
 *
 * @returns size² grey values in [0, 1], rows first
 */
export function drawSmear(r: RandomStream, look: Look, size: number): Float32Array {
  const pixels = new Float32Array(size * size).fill(r.uniform(0.6, 0.95));
  const depth = r.uniform(0.25, 0.5);
  const usual = r.uniform(0.05, 0.085);
  const placed: { x: number; y: number; radius: number }[] = [];
  const count = 10 + r.integer(14);
  for (let tries = 0; placed.length < count && tries < 500; tries++) {
    const share = look.size ? look.size(r) : r.uniform(0.92, 1.08);
    const cell = { x: r.uniform(), y: r.uniform(), radius: usual * share };
    if (
      placed.every(
        ({ x, y, radius }) => Math.hypot(x - cell.x, y - cell.y) > 1.7 * (radius + cell.radius) * 0.8,
      )
    )
      placed.push(cell);
  }
  const rare = Math.max(2, Math.round(count * r.uniform(0.25, 0.5)));
  placed.forEach((cell, at) => {
    const turn = r.uniform(0, 2 * Math.PI);
    const flat = r.uniform(0.8, 1);
    const nucleus = at < rare && look.special ? look.special(r) : plain;
    for (let row = 0; row < size; row++) {
      const dy = (row + 0.5) / size - cell.y;
      if (Math.abs(dy) > 3 * cell.radius) continue;
      for (let column = 0; column < size; column++) {
        const dx = (column + 0.5) / size - cell.x;
        const u = (Math.cos(turn) * dx + Math.sin(turn) * dy) / cell.radius;
        const v = (Math.cos(turn) * dy - Math.sin(turn) * dx) / (cell.radius * flat);
        if (u * u + v * v > 7) continue;
        const body = soft(1.7 - Math.sqrt(u * u + v * v), 6);
        const dark = depth * (0.25 * body + nucleus(u, v));
        pixels[row * size + column] -= dark * (1 - 0.15 * Math.sin(9 * u + 7 * v));
      }
    }
  });
  const noise = r.uniform(0.01, 0.06);
  const slope = [r.uniform(-0.15, 0.15), r.uniform(-0.15, 0.15)];
  return pixels.map((value, at) => {
    const shade = slope[0] * ((at % size) / size - 0.5) + slope[1] * (Math.floor(at / size) / size - 0.5);
    return Math.min(1, Math.max(0, value + shade + noise * r.normal()));
  });
}
