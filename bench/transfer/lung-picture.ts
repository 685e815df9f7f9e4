import { drawSampleImage } from '../../src-main/samples/sample-images.ts';
import type { samplePatients } from '../../src-main/samples/sample-patients.ts';

/**
 * The middle slice of a drawn patient under its own window, shrunk by averages.
 *
 * @returns size² grey values in [0, 1], rows first
 */
export function lungPicture(
  seed: number,
  patient: ReturnType<typeof samplePatients>[number],
  size: number,
): Float32Array {
  const { pixels, elements } = drawSampleImage(seed, patient, patient.slices.length >> 1);
  const number = (name: string): number => Number(elements[name as keyof typeof elements]);
  const [slope, intercept] = [number('RescaleSlope'), number('RescaleIntercept')];
  const [center, width] = [number('WindowCenter'), number('WindowWidth')];
  const { rows, columns } = pixels;
  const shrunk = new Float32Array(size * size);
  const counts = new Uint16Array(size * size);
  const data = pixels.data as ArrayLike<number>;
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) {
      const at = Math.floor((y * size) / rows) * size + Math.floor((x * size) / columns);
      const value = (data[y * columns + x] * slope + intercept - (center - width / 2)) / width;
      shrunk[at] += Math.min(1, Math.max(0, value));
      counts[at]++;
    }
  return shrunk.map((sum, at) => sum / Math.max(1, counts[at]));
}
