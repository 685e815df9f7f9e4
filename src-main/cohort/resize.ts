import type { Preprocessing } from '../contract/dataset.ts';

/** Where each output position takes its value from: `count` inputs from `first` on, with weights that add up to 1. */
interface AxisWeights {
  first: Int32Array;
  count: Int32Array;
  /** `most` weights for each output position. */
  weights: Float32Array;
  most: number;
}

/**
 * The weights of one axis. The stretch [start, start + length) of the input becomes `outputs` positions: averages over
 * the area each covers when shrinking, linear between the two nearest centres when enlarging.
 */
export function axisWeights(inputs: number, outputs: number, start = 0, length = inputs): AxisWeights {
  const scale = length / outputs;
  const most = scale > 1 ? Math.ceil(scale) + 1 : 2;
  const first = new Int32Array(outputs);
  const count = new Int32Array(outputs);
  const weights = new Float32Array(outputs * most);
  for (let output = 0; output < outputs; output++) {
    if (scale > 1) {
      const from = start + output * scale;
      const to = Math.min(inputs, from + scale);
      const low = Math.min(inputs - 1, Math.floor(from + 1e-9));
      const high = Math.max(low + 1, Math.min(inputs, low + most, Math.ceil(to - 1e-9)));
      first[output] = low;
      count[output] = high - low;
      let total = 0;
      for (let input = low; input < high; input++) {
        const covered = Math.max(0, Math.min(to, input + 1) - Math.max(from, input));
        weights[output * most + input - low] = covered;
        total += covered;
      }
      for (let at = 0; at < high - low; at++) weights[output * most + at] /= total;
    } else {
      const center = Math.min(inputs - 1, Math.max(0, start + (output + 0.5) * scale - 0.5));
      const low = Math.min(inputs - 1, Math.floor(center));
      const share = center - low;
      first[output] = low;
      count[output] = share > 0 && low + 1 < inputs ? 2 : 1;
      weights[output * most] = count[output] === 2 ? 1 - share : 1;
      weights[output * most + 1] = share;
    }
  }
  return { first, count, weights, most };
}

/** How an image is laid into the output: the stretch of it that is taken, and the rectangle that it fills. */
export interface Layout {
  top: number;
  left: number;
  height: number;
  width: number;
  fromRow: number;
  fromColumn: number;
  rows: number;
  columns: number;
}

/**
 * @param pixelAspect spacing between rows ÷ spacing between columns; 1 for square pixels
 */
export function layOut(
  rows: number,
  columns: number,
  pixelAspect: number,
  { height, width, resize }: Pick<Preprocessing, 'height' | 'width' | 'resize'>,
): Layout {
  const whole = { top: 0, left: 0, height, width, fromRow: 0, fromColumn: 0, rows, columns };
  if (resize === 'stretch') return whole;
  const tall = rows * pixelAspect;
  if (resize === 'crop') {
    const scale = Math.max(height / tall, width / columns);
    const takenRows = Math.min(rows, height / scale / pixelAspect);
    const takenColumns = Math.min(columns, width / scale);
    return {
      ...whole,
      fromRow: (rows - takenRows) / 2,
      fromColumn: (columns - takenColumns) / 2,
      rows: takenRows,
      columns: takenColumns,
    };
  }
  const scale = Math.min(height / tall, width / columns);
  const inner = {
    height: Math.min(height, Math.max(1, Math.round(tall * scale))),
    width: Math.min(width, Math.max(1, Math.round(columns * scale))),
  };
  return {
    ...whole,
    ...inner,
    top: Math.floor((height - inner.height) / 2),
    left: Math.floor((width - inner.width) / 2),
  };
}

/**
 * Resizes a picture of rows × columns × samples (interleaved) to height × width × samples; what it does not fill is 0.
 */
export function resizePicture(
  picture: { rows: number; columns: number; samples: number; values: Float32Array },
  pixelAspect: number,
  target: Pick<Preprocessing, 'height' | 'width' | 'resize'>,
): Float32Array {
  const { rows, columns, samples, values } = picture;
  const layout = layOut(rows, columns, pixelAspect, target);
  const across = axisWeights(columns, layout.width, layout.fromColumn, layout.columns);
  const down = axisWeights(rows, layout.height, layout.fromRow, layout.rows);
  const narrow = new Float32Array(rows * layout.width * samples);
  for (let row = 0; row < rows; row++) {
    for (let x = 0; x < layout.width; x++) {
      for (let sample = 0; sample < samples; sample++) {
        let sum = 0;
        for (let tap = 0; tap < across.count[x]; tap++) {
          sum +=
            across.weights[x * across.most + tap] *
            values[(row * columns + across.first[x] + tap) * samples + sample];
        }
        narrow[(row * layout.width + x) * samples + sample] = sum;
      }
    }
  }
  const out = new Float32Array(target.height * target.width * samples);
  const line = layout.width * samples;
  for (let y = 0; y < layout.height; y++) {
    const to = ((layout.top + y) * target.width + layout.left) * samples;
    for (let tap = 0; tap < down.count[y]; tap++) {
      const weight = down.weights[y * down.most + tap];
      const from = (down.first[y] + tap) * line;
      for (let at = 0; at < line; at++) out[to + at] += weight * narrow[from + at];
    }
  }
  return out;
}
