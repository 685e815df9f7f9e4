/** Share of each side that counts as border. */
export const MARGIN = 1 / 6;

/**
 * Covers the middle of an image `[height, width, channels]` with the mean of its border, so that nothing but the border tells images apart.
 */
export function coverMiddle(image: Float32Array, height: number, width: number, channels: number): void {
  const [top, left] = [Math.round(height * MARGIN), Math.round(width * MARGIN)];
  const inMiddle = (row: number, column: number): boolean =>
    row >= top && row < height - top && column >= left && column < width - left;
  let sum = 0;
  let count = 0;
  const each = (visit: (from: number, middle: boolean) => void): void => {
    for (let row = 0; row < height; row++)
      for (let column = 0; column < width; column++)
        visit((row * width + column) * channels, inMiddle(row, column));
  };
  each((from, middle) => {
    if (middle) return;
    for (let channel = 0; channel < channels; channel++) sum += image[from + channel];
    count += channels;
  });
  each((from, middle) => {
    if (middle) image.fill(sum / count, from, from + channels);
  });
}
