import type { AdaptationConfig } from '../contract/adaptation.ts';
import type { Sample } from '../contract/dataset.ts';
import { sha256 } from '../platform/files.ts';
import { RandomStream } from '../platform/random.ts';
import { type ImageSource, sampleKey } from '../training/index.ts';
import { lowFrequencies, type LowFrequencies, reachOf, swapAmplitudes } from './fourier.ts';
import { landmarksOf, mapToScale, standardScale } from './histogram.ts';

/** Changes one image, `[height, width, channels]`, in place. @param stream names image and version */
type Style = (pixels: Float32Array, stream: RandomStream) => void;

/**
 * Images of which some look as if they came from the target: the labelled ones, to be trained on and to be validated with. The others are as
 * they are, and so is what the trained model is shown.
 *
 * @param source the images that are changed @param target those that say how
 */
export function styledImages(
  images: ImageSource,
  source: readonly Sample[],
  target: readonly Sample[],
  config: { method: 'histogram' | 'fourier' } & Pick<AdaptationConfig, 'strength' | 'window'>,
  seed: number,
): ImageSource {
  const keys = new Map(source.map((sample) => [sample.cacheIndex, sampleKey(sample)]));
  const style =
    config.method === 'fourier'
      ? fourierStyle(images, target, config.window)
      : histogramStyle(images, target, config.strength ?? 1);
  const size = images.height * images.width * images.channels;
  const read = (cacheIndex: number, version: number, into: Float32Array, offset: number): void => {
    images.read(cacheIndex, into, offset);
    const key = keys.get(cacheIndex);
    if (key === undefined) return;
    style(into.subarray(offset, offset + size), new RandomStream(seed, 'style', key, version));
  };
  const { method, strength, window } = config;
  return {
    height: images.height,
    width: images.width,
    channels: images.channels,
    checksum: sha256(
      JSON.stringify([
        images.checksum,
        method,
        strength,
        window,
        seed,
        [...keys.values()],
        target.map(sampleKey),
      ]),
    ),
    read: (cacheIndex, into, offset) => read(cacheIndex, 0, into, offset),
    readVersion: read,
  };
}

/** The mean grey scale of the target (Nyúl and Udupa 1999). */
function histogramStyle(images: ImageSource, target: readonly Sample[], strength: number): Style {
  const size = [images.height, images.width, images.channels] as const;
  const pixels = new Float32Array(size[0] * size[1] * size[2]);
  const landmarks = target.flatMap(({ cacheIndex }) => {
    images.read(cacheIndex, pixels, 0);
    return landmarksOf(pixels, size) ?? [];
  });
  const scale = landmarks.length > 0 ? standardScale(landmarks) : null;
  return (own) => {
    const from = landmarksOf(own, size);
    if (from && scale) mapToScale(own, from, scale, strength);
  };
}

/** Low frequencies of a target image that is drawn anew for each version (Yang and Soatto 2020). */
function fourierStyle(images: ImageSource, target: readonly Sample[], share: number): Style {
  const size = [images.height, images.width, images.channels] as const;
  const reach = reachOf(images.height, images.width, share);
  const known = new Map<number, LowFrequencies[]>();
  const frequenciesOf = (cacheIndex: number): LowFrequencies[] => {
    const pixels = new Float32Array(size[0] * size[1] * size[2]);
    images.read(cacheIndex, pixels, 0);
    return Array.from({ length: size[2] }, (_, channel) => lowFrequencies(pixels, size, channel, reach));
  };
  return (own, stream) => {
    const { cacheIndex } = stream.pick(target);
    const wanted = known.get(cacheIndex) ?? frequenciesOf(cacheIndex);
    known.set(cacheIndex, wanted);
    swapAmplitudes(own, size, wanted);
  };
}
