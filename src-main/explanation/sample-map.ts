import type { ActivationMap } from './target.ts';

/** A rectangle, in shares of the map's sides or in pixels. */
export interface Rectangle {
  top: number;
  left: number;
  height: number;
  width: number;
}

/**
 * A rectangle of a map at another number of rows and columns, linear between the centres of the map's cells (as TF.js's and PyTorch's bilinear resizing
 * with half-pixel centres), the outermost reaching to the edge.
 *
 * @param part in cells of the map. Default: all of it
 */
export function sampleMap(
  map: ActivationMap,
  rows: number,
  columns: number,
  part: Rectangle = { top: 0, left: 0, height: map.rows, width: map.columns },
): Float32Array {
  const across = Array.from({ length: columns }, (_, at) =>
    between(part.left + ((at + 0.5) * part.width) / columns, map.columns),
  );
  const values = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const down = between(part.top + ((row + 0.5) * part.height) / rows, map.rows);
    for (let column = 0; column < columns; column++) {
      const side = across[column];
      const line = (at: number): number =>
        map.values[at * map.columns + side.low] * (1 - side.share) +
        map.values[at * map.columns + side.high] * side.share;
      values[row * columns + column] = line(down.low) * (1 - down.share) + line(down.high) * down.share;
    }
  }
  return values;
}

/** The two cells whose centres lie around a position, and how near the second is. */
function between(position: number, extent: number): { low: number; high: number; share: number } {
  const at = Math.min(extent - 1, Math.max(0, position - 0.5));
  const low = Math.min(extent - 1, Math.floor(at));
  return { low, high: Math.min(extent - 1, low + 1), share: at - low };
}
