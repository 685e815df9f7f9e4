import { RandomStream } from '../../src-main/platform/random.ts';

/** What a drawn smear shows: how its nuclei look, not how many there are. */
export const cellClasses = ['even nuclei', 'mixed sizes', 'dividing', 'notched'] as const;

/**
 * A smear of cells under a microscope, drawn by formula: a task that nothing in pre-training resembles. Number, brightness, stain, focus and
 * noise vary freely and say nothing about the class.
 *
 * @returns size² grey values in [0, 1], rows first
 */
export function drawCells(seed: number, index: number, label: number, size: number): Float32Array {
  const r = new RandomStream(seed, 'cells', label, index);
  const pixels = new Float32Array(size * size).fill(r.uniform(0.6, 0.95));
  const depth = r.uniform(0.25, 0.5);
  const usual = r.uniform(0.05, 0.085);
  const placed: { x: number; y: number; radius: number }[] = [];
  const count = 10 + r.integer(14);
  for (let tries = 0; placed.length < count && tries < 500; tries++) {
    const spread = cellClasses[label] === 'mixed sizes' ? r.uniform(0.55, 1.7) : r.uniform(0.92, 1.08);
    const cell = { x: r.uniform(), y: r.uniform(), radius: usual * spread };
    if (
      placed.every(
        ({ x, y, radius }) => Math.hypot(x - cell.x, y - cell.y) > 1.7 * (radius + cell.radius) * 0.8,
      )
    )
      placed.push(cell);
  }
  const rare = Math.max(2, Math.round(count * r.uniform(0.25, 0.5)));
  placed.forEach((cell, at) => {
    const special = at < rare;
    const turn = r.uniform(0, 2 * Math.PI);
    const flat = r.uniform(0.8, 1);
    const halves = special && cellClasses[label] === 'dividing';
    const notch = special && cellClasses[label] === 'notched';
    for (let row = 0; row < size; row++) {
      const dy = (row + 0.5) / size - cell.y;
      if (Math.abs(dy) > 3 * cell.radius) continue;
      for (let column = 0; column < size; column++) {
        const dx = (column + 0.5) / size - cell.x;
        const u = (Math.cos(turn) * dx + Math.sin(turn) * dy) / cell.radius;
        const v = (Math.cos(turn) * dy - Math.sin(turn) * dx) / (cell.radius * flat);
        if (u * u + v * v > 7) continue;
        const body = soft(1.7 - Math.sqrt(u * u + v * v), 6);
        let nucleus = soft(0.85 - Math.sqrt(u * u + v * v), 10);
        if (halves)
          nucleus = soft(0.5 - Math.min(Math.hypot((u - 0.5) * 1.3, v), Math.hypot((u + 0.5) * 1.3, v)), 10);
        if (notch) nucleus *= 1 - soft(0.5 - Math.hypot(u - 0.75, v), 10);
        pixels[row * size + column] -= depth * (0.25 * body + nucleus) * (1 - 0.15 * Math.sin(9 * u + 7 * v));
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

const soft = (distance: number, sharpness: number): number => 1 / (1 + Math.exp(-sharpness * distance));
