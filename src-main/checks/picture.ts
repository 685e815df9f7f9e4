/** One number for each pixel of an image `[height, width, channels]`: the mean of its channels. */
export function grey(image: Float32Array, channels: number): Float32Array {
  if (channels === 1) return image;
  return Float32Array.from({ length: image.length / channels }, (_, at) => {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += image[at * channels + channel];
    return sum / channels;
  });
}

/** The grey picture at side × side, each value the mean of what it covers. */
export function axisAverages(
  image: Float32Array,
  height: number,
  width: number,
  channels: number,
  side: number,
): Float32Array {
  const values = grey(image, channels);
  const span = (at: number, extent: number): [number, number] => {
    const from = Math.floor((at * extent) / side);
    return [from, Math.max(from + 1, Math.floor(((at + 1) * extent) / side))];
  };
  return Float32Array.from({ length: side * side }, (_, at) => {
    const [top, bottom] = span(Math.floor(at / side), height);
    const [left, right] = span(at % side, width);
    let sum = 0;
    for (let row = top; row < bottom; row++)
      for (let column = left; column < right; column++) sum += values[row * width + column];
    return sum / ((bottom - top) * (right - left));
  });
}
