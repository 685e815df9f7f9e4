import type { Intensity, Preprocessing } from '../contract/dataset.ts';
import type { DecodedFrame, DisplayOptions } from '../dicom/index.ts';
import { displayValues } from '../dicom/index.ts';
import { resizePicture } from './resize.ts';

/** Rec. 601 luma, as the eye weighs colours. */
const luma = [0.299, 0.587, 0.114];

function displayOptions(intensity: Intensity): DisplayOptions {
  switch (intensity.kind) {
    case 'voi':
      return { voi: 'file' };
    case 'full-range':
      return { voi: 'range' };
    case 'percentile':
      return { voi: 'percentile', percentiles: [intensity.low, intensity.high] };
    case 'window':
      return { voi: { center: intensity.center, width: intensity.width } };
  }
}

/**
 * A decoded frame as the record of a tensor cache: height × width × storedChannels, 0 to 65535 for 0 to 1.
 *
 * @param pixelAspect spacing between rows ÷ spacing between columns; 1 for square pixels
 */
export function prepareFrame(
  frame: DecodedFrame,
  preprocessing: Preprocessing,
  storedChannels: 1 | 3,
  pixelAspect: number,
): Uint16Array {
  const { rows, columns, samplesPerPixel } = frame;
  const values = displayValues(frame, displayOptions(preprocessing.intensity));
  const grey = storedChannels === 1 && samplesPerPixel === 3;
  const picture = {
    rows,
    columns,
    samples: grey ? 1 : samplesPerPixel,
    values: grey ? toLuma(values) : values,
  };
  const resized = resizePicture(picture, pixelAspect, preprocessing);
  const repeat = storedChannels / picture.samples;
  const record = new Uint16Array(resized.length * repeat);
  for (let at = 0; at < record.length; at++) {
    const value = resized[repeat === 1 ? at : Math.floor(at / repeat)];
    record[at] = Math.round(Math.min(1, Math.max(0, value)) * 65535);
  }
  return record;
}

function toLuma(values: Float32Array): Float32Array {
  const out = new Float32Array(values.length / 3);
  for (let pixel = 0; pixel < out.length; pixel++) {
    for (let sample = 0; sample < 3; sample++) out[pixel] += luma[sample] * values[3 * pixel + sample];
  }
  return out;
}
