import { RandomStream } from '../../src-main/platform/random.ts';
import { openTask } from '../transfer/tasks.ts';
import type { Drawing, Picture } from './task.ts';

const SIZE = 64;

/**
 * Images of a folder of DICOM with a labels.csv, its exact copies left out: as they are (shift 0), and as a second scanner would have measured them at
 * shift 1: shading by its coil (Sled 1998), another contrast, less resolution and Rician noise (Gudbjartsson 1995).
 */
export async function scannedFolder(folder: string): Promise<Drawing> {
  const task = await openTask(folder, SIZE);
  const all = task({ labels: Infinity, validation: 0, size: SIZE }, 1);
  const samples = new RandomStream(4, 'folder').shuffle([...all.train, ...all.test]);
  return {
    name: 'folder',
    classes: all.classes,
    size: SIZE,
    draw: (seed, index) => {
      if (index >= samples.length)
        throw new Error(
          `Expected ${index + 1} images or more, found ${samples.length}. Take fewer by --images.`,
        );
      const { cacheIndex, label } = samples[index];
      const picture = new Float32Array(SIZE ** 2);
      all.images.read(cacheIndex, picture, 0);
      return {
        label,
        at: (shift) => (shift === 0 ? picture : secondScanner(picture, shift, seed, index)),
      };
    },
  };
}

function secondScanner(picture: Picture, shift: number, seed: number, index: number): Picture {
  const random = new RandomStream(seed, 'second scanner', index);
  const [across, down, bowl] = [random.uniform(-1, 1), random.uniform(-1, 1), random.uniform(0.5, 1)];
  const blurred = blur(picture, 0.8 * shift);
  const noise = 0.05 * shift;
  return blurred.map((value, at) => {
    const [x, y] = [(2 * (at % SIZE)) / SIZE - 1, (2 * Math.floor(at / SIZE)) / SIZE - 1];
    const shade = Math.exp(0.35 * shift * (across * x + down * y + bowl * (x * x + y * y - 0.7)));
    const contrast = Math.max(0, value) ** (1 + 0.6 * shift) * shade;
    return Math.min(1, Math.hypot(contrast + noise * random.normal(), noise * random.normal()));
  });
}

/** Gaussian, of a standard deviation in pixels; the border is repeated. */
function blur(picture: Picture, deviation: number): Picture {
  const reach = Math.ceil(3 * deviation);
  const kernel = Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * deviation ** 2)),
  );
  const sum = kernel.reduce((a, b) => a + b, 0);
  const inside = (i: number): number => Math.min(SIZE - 1, Math.max(0, i));
  const along = (from: Picture, place: (x: number, y: number, by: number) => number): Picture =>
    from.map((_, at) => {
      const [x, y] = [at % SIZE, Math.floor(at / SIZE)];
      return kernel.reduce((total, weight, i) => total + weight * from[place(x, y, i - reach)], 0) / sum;
    });
  return along(
    along(picture, (x, y, by) => y * SIZE + inside(x + by)),
    (x, y, by) => inside(y + by) * SIZE + x,
  );
}
