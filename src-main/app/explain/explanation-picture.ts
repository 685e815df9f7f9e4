import { heatColour } from '../../contract/colour-map.ts';
import type { Preprocessing } from '../../contract/dataset.ts';
import type { Heatmap } from '../../contract/explanation.ts';
import { layOut } from '../../cohort/index.ts';
import { sampleMap, type StoredImage } from '../../explanation/index.ts';
import { encodePng } from '../../platform/png.ts';

/** Pixels between the image, the map over it, and the scale. */
const GAP = 6;
const SCALE = 14;
/** Small pictures are enlarged to at least so many pixels on the longer side. */
const LEAST = 384;
const OPACITY = 0.75;
const BACKGROUND = 24;

/** `explanationPixels` as a PNG. */
export function explanationPicture(...of: Parameters<typeof explanationPixels>): Uint8Array {
  const { rows, columns, rgb } = explanationPixels(...of);
  return encodePng(rgb, columns, rows, 3);
}

/**
 * An image as the network was shown it, beside it the map over it, and the colour scale from the most (top) to nothing.
 *
 * @param prepared `[height, width, channels]` in [0, 1]
 */
export function explanationPixels(
  prepared: Float32Array,
  heatmap: Heatmap,
  image: StoredImage,
  preprocessing: Pick<Preprocessing, 'height' | 'width' | 'resize'>,
): { rows: number; columns: number; rgb: Uint8Array } {
  const { height, width } = preprocessing;
  const channels = prepared.length / (height * width);
  const inner = layOut(image.rows, image.columns, image.pixelAspect, preprocessing);
  const enlarged = Math.max(1, LEAST / Math.max(heatmap.rows, heatmap.columns));
  const rows = Math.round(heatmap.rows * enlarged);
  // As wide as it is in the world, whatever its pixels are.
  const columns = Math.max(1, Math.round((rows * heatmap.columns) / heatmap.rows / image.pixelAspect));
  const planes = Array.from({ length: channels }, (_, channel) => {
    const values = Float32Array.from(
      { length: height * width },
      (_, at) => prepared[at * channels + channel],
    );
    return sampleMap({ rows: height, columns: width, values }, rows, columns, inner);
  });
  const map = sampleMap(heatmap, rows, columns);
  const full = 2 * columns + 2 * GAP + SCALE;
  const pixels = new Uint8Array(full * rows * 3).fill(BACKGROUND);
  for (let row = 0; row < rows; row++) {
    const put = (column: number, colour: readonly number[]): void =>
      pixels.set(colour.map(Math.round), (row * full + column) * 3);
    for (let column = 0; column < columns; column++) {
      const at = row * columns + column;
      const shown = [0, 1, 2].map((channel) => 255 * (planes[channel] ?? planes[0])[at]);
      put(column, shown);
      put(columns + GAP + column, over(shown, map[at]));
    }
    const value = 1 - row / Math.max(1, rows - 1);
    for (let column = 0; column < SCALE; column++)
      put(2 * columns + 2 * GAP + column, over([0, 0, 0], value));
  }
  return { rows, columns: full, rgb: pixels };
}

/** Where nothing speaks for the class the image is seen as it is. */
const over = (shown: readonly number[], value: number): number[] => {
  const share = OPACITY * value;
  return heatColour(value).map((colour, channel) => (1 - share) * shown[channel] + share * colour);
};
