import type { AugmentationConfig } from '../contract/augmentation.ts';
import { RandomStream } from '../platform/random.ts';
import type { ImageSize } from './augmentation/image-size.ts';
import { addQuantumNoise, addRicianNoise, addSpeckle } from './augmentation/noise.ts';
import { blurImage, loseResolution, sharpenImage } from './augmentation/sharpness.ts';
import { applyGamma, eraseRectangle, expose, shade } from './augmentation/tones.ts';
import { type Affine, drawControlGrid, moveImage, type Warp, warpImage } from './augmentation/warp.ts';

export type { ImageSize } from './augmentation/image-size.ts';
export { moveImage, type Affine } from './augmentation/warp.ts';

/** Changes that happen to a share of the versions; the others happen to all. */
const occasional = [
  'elastic',
  'gamma',
  'exposure',
  'blur',
  'sharpen',
  'lowResolution',
  'biasField',
  'rician',
  'quantumNoise',
  'speckle',
  'erase',
] as const satisfies readonly (keyof AugmentationConfig)[];
const constant = ['rotate', 'shift', 'zoom', 'intensity', 'noise', 'shear', 'crop'] as const;

/** Whether the configuration changes anything at all. */
export function augments(config: AugmentationConfig): boolean {
  const { flipHorizontal, flipVertical, chance } = config;
  return (
    flipHorizontal ||
    flipVertical ||
    constant.some((name) => config[name] > 0) ||
    (chance > 0 && occasional.some((name) => config[name] > 0))
  );
}

/**
 * One version of an image, reproducible from seed, image and version alone. Version 0 is the image itself. What is
 * turned or shifted in from outside is black; values stay in [0, 1]. Brightness, contrast and noise are the same on
 * all channels, so that grey stays grey.
 *
 * Moves come first, in one interpolation, then sharpness, shading and tones, then noise, then what is covered, as they follow on each
 * other from patient to picture. Each setting draws from a stream of its own (the first seven share one, in a fixed order), so that none
 * changes what another draws.
 *
 * @param image `[height, width, channels]` in [0, 1]; it is changed in place
 * @param key names the image: `sampleKey`
 */
export function augmentImage(
  image: Float32Array,
  size: ImageSize,
  config: AugmentationConfig,
  seed: number,
  key: string,
  version: number,
): void {
  if (version === 0 || !augments(config)) return;
  const stream = new RandomStream(seed, 'augment', key, version);
  // Every setting draws, used or not: switching one off leaves the others as they were.
  const flipX = stream.uniform() < 0.5 && config.flipHorizontal;
  const flipY = stream.uniform() < 0.5 && config.flipVertical;
  const angle = (stream.uniform(-config.rotate, config.rotate) * Math.PI) / 180;
  const scale = 1 + stream.uniform(-config.zoom, config.zoom);
  const down = stream.uniform(-config.shift, config.shift) * size.height;
  const right = stream.uniform(-config.shift, config.shift) * size.width;
  const brightness = stream.uniform(-config.intensity, config.intensity);
  const contrast = 1 + stream.uniform(-config.intensity, config.intensity);
  const draws = new Draws(config, seed, key, version);
  const affine = { angle, scaleX: flipX ? -scale : scale, scaleY: flipY ? -scale : scale, down, right };
  move(image, size, affine, draws);
  draws.with('lowResolution', (own, most) => image.set(loseResolution(image, size, own.uniform(0, most))));
  draws.with('blur', (own, most) => image.set(blurImage(image, size, own.uniform(most / 10, most))));
  draws.with('sharpen', (own, most) => sharpenImage(image, size, own.uniform(0, most)));
  draws.with('biasField', (own, most) => shade(image, size, most, own));
  draws.with('exposure', (own, most) => expose(image, 1 + own.uniform(-most, most)));
  draws.with('gamma', (own, most) => applyGamma(image, Math.exp(own.uniform(-most, most))));
  changeIntensity(image, size.channels, brightness, contrast, config.noise, stream);
  draws.with('rician', (own, most) => addRicianNoise(image, size.channels, own.uniform(0, most), own));
  draws.with('quantumNoise', (own, most) => addQuantumNoise(image, size.channels, own.uniform(0, most), own));
  draws.with('speckle', (own, most) => addSpeckle(image, size.channels, own.uniform(0, most), own));
  draws.with('erase', (own, most) => eraseRectangle(image, size, own.uniform(0, most), own));
}

/** The streams of a version: one for each setting, opened where it is used. */
class Draws {
  readonly #config: AugmentationConfig;
  readonly #names: [number, string, number];

  constructor(config: AugmentationConfig, seed: number, key: string, version: number) {
    this.#config = config;
    this.#names = [seed, key, version];
  }

  stream(name: string): RandomStream {
    const [seed, key, version] = this.#names;
    return new RandomStream(seed, 'augment', key, version, name);
  }

  /** Does `change` with the setting's stream and strength where it is on and falls on this version. */
  with(name: (typeof occasional)[number], change: (stream: RandomStream, most: number) => void): void {
    const most = this.#config[name];
    if (most === 0) return;
    const own = this.stream(name);
    if (own.uniform() < this.#config.chance) change(own, most);
  }

  get config(): AugmentationConfig {
    return this.#config;
  }
}

function move(image: Float32Array, size: ImageSize, affine: Affine, draws: Draws): void {
  const { shear, crop } = draws.config;
  const warp: Warp = { ...affine, shear: 0, crop: { size: 1, top: 0, left: 0 }, elastic: null };
  if (shear > 0) warp.shear = Math.tan((draws.stream('shear').uniform(-shear, shear) * Math.PI) / 180);
  if (crop > 0) {
    const own = draws.stream('crop');
    const cut = own.uniform(0, crop);
    warp.crop = { size: 1 - cut, top: own.uniform(0, cut), left: own.uniform(0, cut) };
  }
  draws.with('elastic', (own, most) => (warp.elastic = drawControlGrid(own, most)));
  const { angle, scaleX, scaleY, down, right } = affine;
  if (warp.shear !== 0 || warp.crop.size < 1 || warp.elastic) image.set(warpImage(image, size, warp));
  else if (angle !== 0 || scaleX !== 1 || scaleY !== 1 || down !== 0 || right !== 0)
    image.set(moveImage(image, size, affine));
}

function changeIntensity(
  image: Float32Array,
  channels: number,
  brightness: number,
  contrast: number,
  noise: number,
  stream: RandomStream,
): void {
  for (let at = 0; at < image.length; at += channels) {
    const added = brightness + (noise > 0 ? stream.normal(0, noise) : 0);
    for (let c = at; c < at + channels; c++) {
      const value = (image[c] - 0.5) * contrast + 0.5 + added;
      image[c] = value < 0 ? 0 : value > 1 ? 1 : value;
    }
  }
}
