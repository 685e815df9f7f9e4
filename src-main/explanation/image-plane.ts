import { layOut } from '../cohort/index.ts';
import type { Preprocessing } from '../contract/dataset.ts';
import type { Heatmap } from '../contract/explanation.ts';
import { toLargest } from './explain.ts';
import { sampleMap } from './sample-map.ts';
import type { ActivationMap } from './target.ts';

/** Values on the longer side, where a person looks at it: no map is finer. */
const SHOWN = 256;

export interface StoredImage {
  rows: number;
  columns: number;
  /** Spacing between rows ÷ spacing between columns; 1 for square pixels. */
  pixelAspect: number;
}

/**
 * Lays a map of what the network was shown back over the image as it is stored: black that a letterbox added is left out, what a crop cut off is not
 * covered.
 *
 * @param full one value for each pixel instead of at most 256 on the longer side
 */
export function overImage(
  map: ActivationMap,
  image: StoredImage,
  preprocessing: Pick<Preprocessing, 'height' | 'width' | 'resize'>,
  full = false,
): Heatmap {
  const layout = layOut(image.rows, image.columns, image.pixelAspect, preprocessing);
  const scale = full ? 1 : Math.min(1, SHOWN / Math.max(layout.rows, layout.columns));
  const rows = Math.max(1, Math.round(layout.rows * scale));
  const columns = Math.max(1, Math.round(layout.columns * scale));
  const [down, across] = [map.rows / preprocessing.height, map.columns / preprocessing.width];
  const values = sampleMap(map, rows, columns, {
    top: layout.top * down,
    left: layout.left * across,
    height: layout.height * down,
    width: layout.width * across,
  });
  return {
    rows,
    columns,
    values: toLargest(values),
    seen: { top: layout.fromRow, left: layout.fromColumn, height: layout.rows, width: layout.columns },
    image: { rows: image.rows, columns: image.columns },
  };
}
