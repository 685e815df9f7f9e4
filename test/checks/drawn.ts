import { initialiseParameters, type Model } from '../../src-main/models/index.ts';
import { RandomStream } from '../../src-main/platform/random.ts';
import type { ImageSource } from '../../src-main/training/index.ts';
import { SIDE, tinyNetwork } from '../training/helpers.ts';

/** A drawn set: one image after the other, whose they are, and what they show. */
export interface Drawn {
  images: ImageSource;
  samples: { cacheIndex: number }[];
  patients: string[];
  labels: number[];
  model: Model;
}

/**
 * Noisy images of patients, each with a brightness of its own in wide waves, who are of one of two classes.
 *
 * @param each what else is drawn into an image `[SIDE, SIDE]`, given its class and its patient's number
 */
export function draw(
  patients: number,
  imagesOfEach: number,
  each: (set: (row: number, column: number, value: number) => void, label: number, patient: number) => void,
): Drawn {
  const count = patients * imagesOfEach;
  const labels = Array.from({ length: count }, (_, at) => Math.floor(at / imagesOfEach) % 2);
  const images: ImageSource = {
    height: SIDE,
    width: SIDE,
    channels: 1,
    checksum: 'drawn',
    read: (index, into, offset) => {
      const patient = Math.floor(index / imagesOfEach);
      const own = new RandomStream(5, 'patient', patient);
      const [across, down, phase] = [own.uniform(0, 1), own.uniform(0, 1), own.uniform(0, 6)];
      const noise = new RandomStream(5, 'image', index);
      for (let row = 0; row < SIDE; row++)
        for (let column = 0; column < SIDE; column++)
          into[offset + row * SIDE + column] =
            0.4 + 0.15 * Math.sin(across * row + down * column + phase) + noise.normal(0, 0.03);
      each((row, column, value) => (into[offset + row * SIDE + column] = value), labels[index], patient);
    },
  };
  const network = tinyNetwork();
  return {
    images,
    samples: Array.from({ length: count }, (_, cacheIndex) => ({ cacheIndex })),
    patients: Array.from({ length: count }, (_, at) => `p${Math.floor(at / imagesOfEach)}`),
    labels,
    model: {
      network,
      parameters: initialiseParameters(network, 11),
      classes: ['no', 'yes'],
      preprocessing: { scale: [2], offset: [-1] },
      imageChannels: 1,
      metadata: {},
    },
  };
}
