import { imageFigures, type ImageFigures } from '../adaptation/index.ts';
import type { Sample } from '../contract/dataset.ts';
import type { OpenImageSource } from './image-source.ts';

/** What images look like, whatever they show; of colour images their mean over channels. */
export function figuresOf(samples: readonly Sample[], images: OpenImageSource): ImageFigures[] {
  const { height, width, channels } = images;
  const values = new Float32Array(height * width * channels);
  return samples.map(({ cacheIndex }) => {
    images.read(cacheIndex, values, 0);
    const grey =
      channels === 1
        ? values
        : Float32Array.from(
            { length: height * width },
            (_, at) => (values[3 * at] + values[3 * at + 1] + values[3 * at + 2]) / 3,
          );
    return imageFigures({ values: grey, height, width });
  });
}
