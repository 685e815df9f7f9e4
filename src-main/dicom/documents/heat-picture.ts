import { GraftError } from '../../contract/errors.ts';

export interface HeatMap {
  rows: number;
  columns: number;
  /** rows × columns, 0 (nothing) to 1 (most). */
  values: ArrayLike<number>;
}

/** How much of a pixel's colour is the map's where the map is 1. */
const STRONGEST = 0.6;

/**
 * A map of how much each place counts, in the colours of a glowing body (black, red, yellow, white), over the grey image that it speaks
 * of: the more a place counts the more it glows, so that where nothing counts the image is as it was.
 *
 * @param image 0 to 1, of the same size; default black
 * @returns rows × columns × 3, red first
 */
export function heatPicture(
  { rows, columns, values }: HeatMap,
  image?: ArrayLike<number>,
): { rows: number; columns: number; rgb: Uint8Array } {
  if (values.length !== rows * columns || (image && image.length !== values.length))
    throw new GraftError(
      'picture-wrong-length',
      `Expected a map and an image of ${rows} × ${columns} values, found ${values.length} and ${image?.length ?? 0}.`,
      { kind: 'bug' },
    );
  const rgb = new Uint8Array(rows * columns * 3);
  for (let at = 0; at < values.length; at++) {
    const heat = unit(values[at]);
    const share = image ? STRONGEST * heat : 1;
    const grey = unit(image?.[at] ?? 0);
    const glow = [unit(3 * heat), unit(3 * heat - 1), unit(3 * heat - 2)];
    glow.forEach((colour, channel) => {
      rgb[3 * at + channel] = Math.round(255 * (share * colour + (1 - share) * grey));
    });
  }
  return { rows, columns, rgb };
}

const unit = (value: number): number => Math.min(1, Math.max(0, value));
