import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { lowFrequencies, reachOf, swapAmplitudes } from '../../src-main/adaptation/fourier.ts';
import { landmarksOf, mapToScale, standardScale } from '../../src-main/adaptation/histogram.ts';

const { images } = JSON.parse(readFileSync(new URL('./reference/losses.json', import.meta.url), 'utf8')) as {
  images: {
    height: number;
    width: number;
    own: number[];
    other: number[];
    swapped: { share: number; image: number[] }[];
    landmarks: number[][];
    scale: number[];
    mapped: number[];
  };
};
const { height, width } = images;
const size = [height, width, 1] as const;
const close = (found: ArrayLike<number>, wanted: readonly number[]): void =>
  wanted.forEach((value, i) => expect(Math.abs(found[i] - value)).toBeLessThan(1e-5));

it.each(images.swapped)(
  'amplitudes are swapped as NumPy’s FFT swaps them, window $share',
  ({ share, image }) => {
    const pixels = Float32Array.from(images.own);
    const reach = reachOf(height, width, share);
    swapAmplitudes(pixels, size, [lowFrequencies(images.other, size, 0, reach)]);
    close(pixels, image);
  },
);

it('an image keeps itself when it gets its own amplitudes, channel by channel', () => {
  const colour = [height, width, 3] as const;
  const own = Float32Array.from({ length: height * width * 3 }, (_, i) => 0.5 + 0.4 * Math.sin(0.37 * i));
  const pixels = own.slice();
  swapAmplitudes(
    pixels,
    colour,
    [0, 1, 2].map((channel) => lowFrequencies(own, colour, channel, 2)),
  );
  close(pixels, [...own]);
});

it('landmarks are NumPy’s percentiles, without a black frame', () => {
  close(landmarksOf(Float32Array.from(images.own), size)!, images.landmarks[0]);
  const framed = new Float32Array((height + 5) * (width + 4));
  images.other.forEach((value, at) => {
    const [y, x] = [Math.floor(at / width), at % width];
    framed[(y + 2) * (width + 4) + x + 3] = value;
  });
  close(landmarksOf(framed, [height + 5, width + 4, 1])!, images.landmarks[1]);
  expect(landmarksOf(new Float32Array(9), [3, 3, 1])).toBeNull();
});

it('an image is mapped onto a standard scale, and half of the way', () => {
  const scale = standardScale(images.landmarks.map((one) => Float64Array.from(one)));
  close(scale, images.scale);
  const own = Float64Array.from(images.landmarks[0]);
  const whole = Float32Array.from(images.own);
  mapToScale(whole, own, scale);
  close(whole, images.mapped);
  const half = Float32Array.from(images.own);
  mapToScale(half, own, scale, 0.5);
  close(
    half,
    images.mapped.map((value, i) => (value + images.own[i]) / 2),
  );
});

it('black stays black, and a flat image does not break', () => {
  const pixels = Float32Array.of(0, 0.4, 0.4, 0.4);
  const own = landmarksOf(pixels, [2, 2, 1])!;
  mapToScale(
    pixels,
    own,
    Float64Array.from(own, () => 0.6),
  );
  expect(pixels[0]).toBe(0);
  expect(pixels[1]).toBeGreaterThan(0);
  expect([...pixels].every(Number.isFinite)).toBe(true);
});
