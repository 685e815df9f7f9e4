import type { RandomStream } from '../../platform/random.ts';
import type { ImageSize } from './image-size.ts';

/** `value ^ exponent`: black and white stay. In place. */
export function applyGamma(image: Float32Array, exponent: number): void {
  for (let i = 0; i < image.length; i++) image[i] = image[i] ** exponent;
}

/** Values times `factor`, at most white. In place. */
export function expose(image: Float32Array, factor: number): void {
  for (let i = 0; i < image.length; i++) image[i] = Math.min(1, image[i] * factor);
}

const ORDER = 3;

/**
 * Shades an image as the sensitivity of an MR coil does: times the exponential of a polynomial of order 3 in x and y from −1 to 1, whose
 * coefficients are drawn (van Leemput et al. 1999, as TorchIO has it). In place.
 */
export function shade(image: Float32Array, size: ImageSize, strength: number, stream: RandomStream): void {
  const { height, width, channels } = size;
  const coefficients: { x: number; y: number; value: number }[] = [];
  for (let x = 0; x <= ORDER; x++)
    for (let y = 0; y <= ORDER - x; y++)
      coefficients.push({ x, y, value: stream.uniform(-strength, strength) });
  const powers = (length: number): Float64Array =>
    Float64Array.from({ length: length * (ORDER + 1) }, (_, at) => {
      const place = (2 * (Math.floor(at / (ORDER + 1)) + 0.5)) / length - 1;
      return place ** (at % (ORDER + 1));
    });
  const [rows, columns] = [powers(height), powers(width)];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      let sum = 0;
      for (const { x, y, value } of coefficients)
        sum += value * columns[column * (ORDER + 1) + x] * rows[row * (ORDER + 1) + y];
      const factor = Math.exp(sum);
      const at = (row * width + column) * channels;
      for (let c = at; c < at + channels; c++) image[c] = Math.min(1, image[c] * factor);
    }
  }
}

/**
 * Covers a rectangle with the image's mean grey (cutout, DeVries and Taylor 2017; random erasing, Zhong et al. 2020, whose shapes from
 * 0.3 to 3.3 it has). What would reach beyond the border is cut off, not moved. In place.
 *
 * @param area share of the image
 */
export function eraseRectangle(
  image: Float32Array,
  size: ImageSize,
  area: number,
  stream: RandomStream,
): void {
  const { height, width, channels } = size;
  const shape = Math.exp(stream.uniform(Math.log(0.3), Math.log(3.3)));
  const rows = Math.min(height, Math.round(height * Math.sqrt(area * shape)));
  const columns = Math.min(width, Math.round(width * Math.sqrt(area / shape)));
  const top = stream.integer(height - rows + 1);
  const left = stream.integer(width - columns + 1);
  for (let c = 0; c < channels; c++) {
    let sum = 0;
    for (let i = c; i < image.length; i += channels) sum += image[i];
    const mean = sum / (height * width);
    for (let row = top; row < top + rows; row++)
      for (let column = left; column < left + columns; column++)
        image[(row * width + column) * channels + c] = mean;
  }
}
