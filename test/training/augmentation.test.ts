import { describe, expect, it } from 'vitest';
import {
  type AugmentationConfig,
  augmentationPresets,
  augmentationSchema,
  resolveAugmentation,
} from '../../src-main/contract/augmentation.ts';
import { augmentationTables } from '../../src-main/contract/augmentation-presets.ts';
import { RandomStream } from '../../src-main/platform/random.ts';
import { augmentImage, augments } from '../../src-main/training/augment.ts';
import { addQuantumNoise, addRicianNoise, addSpeckle } from '../../src-main/training/augmentation/noise.ts';
import { blurImage, loseResolution, sharpenImage } from '../../src-main/training/augmentation/sharpness.ts';
import { applyGamma, eraseRectangle, expose, shade } from '../../src-main/training/augmentation/tones.ts';
import { drawControlGrid, type Warp, warpImage } from '../../src-main/training/augmentation/warp.ts';

const SIDE = 32;
const size = { height: SIDE, width: SIDE, channels: 1 };
const filled = (value: number): Float32Array => new Float32Array(SIDE * SIDE).fill(value);
const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: ArrayLike<number>): number => {
  const middle = mean(values);
  return Math.sqrt(mean(Array.from(values, (value) => (value - middle) ** 2)));
};
const texture = (): Float32Array => {
  const stream = new RandomStream(1, 'texture');
  return Float32Array.from({ length: SIDE * SIDE }, () => stream.uniform());
};
const stream = (): RandomStream => new RandomStream(5, 'test');
const still: Warp = {
  angle: 0,
  scaleX: 1,
  scaleY: 1,
  down: 0,
  right: 0,
  shear: 0,
  crop: { size: 1, top: 0, left: 0 },
  elastic: null,
};
const plan = (settings: object): AugmentationConfig =>
  resolveAugmentation(augmentationSchema.parse(settings));
const everything = {
  ...augmentationTables.photo,
  biasField: 0.5,
  rician: 0.05,
  quantumNoise: 0.05,
  speckle: 0.1,
  lowResolution: 0.5,
  chance: 1,
};

describe('a plan of before', () => {
  const drawn = (settings: object, seed: number, key: string, version: number): number[] => {
    const image = Float32Array.from({ length: 30 }, (_, i) => ((i * 7) % 30) / 30);
    augmentImage(image, { height: 6, width: 5, channels: 1 }, plan(settings), seed, key, version);
    return [...image];
  };

  // Values as drawn before there were presets and the rarer changes.
  it('gives the images that it gave before there were presets', () => {
    const wild = { flipHorizontal: true, rotate: 20, shift: 0.1, zoom: 0.1, intensity: 0.1, noise: 0.05 };
    const before = [
      0.052303, 0.234127, 0.431454, 0.442966, 0.642586, 0.317352, 0.489623, 0.599916, 0.623695, 0.51745,
      0.534271, 0.648392, 0.776055, 0.072986, 0.260067, 0.793838, 0.613284, 0.649252, 0.251896, 0.346813,
      0.406886, 0.155304, 0.311164, 0.417126, 0.375048, 0.016333, 0.189656, 0.413856, 0.504433, 0.211037,
    ];
    drawn(wild, 3, '1.2.3/0', 2).forEach((value, i) => expect(value).toBeCloseTo(before[i], 5));
    const first = [0.044532, 0.205167, 0.42551, 0.668091, 0.831571, 0.195005, 0.408839, 0.62509];
    first.forEach((value, i) => expect(drawn({}, 7, 'x/0', 1)[i]).toBeCloseTo(value, 5));
  });

  it('is drawn the same where a rarer change is added: that draws from a stream of its own', () => {
    const before = drawn({}, 7, 'x/0', 1);
    const after = drawn({ erase: 0.2, chance: 1 }, 7, 'x/0', 1);
    const same = before.filter((value, i) => value === after[i]).length;
    expect(same).toBeGreaterThan(15);
    expect(same).toBeLessThan(30);
  });
});

describe('an image with every change', () => {
  it('is the same each time, stays in [0, 1], and grey stays grey', () => {
    const colour = { ...size, channels: 3 };
    const greys = texture();
    const draw = (version: number): Float32Array => {
      const image = Float32Array.from({ length: 3 * SIDE * SIDE }, (_, i) => greys[Math.floor(i / 3)]);
      augmentImage(image, colour, everything, 1, 'a', version);
      return image;
    };
    expect(draw(3)).toEqual(draw(3));
    expect(draw(3)).not.toEqual(draw(4));
    for (const version of [1, 2, 3]) {
      const image = draw(version);
      expect(image.every((value) => value >= 0 && value <= 1)).toBe(true);
      for (let i = 0; i < image.length; i += 3)
        expect([image[i + 1], image[i + 2]]).toEqual([image[i], image[i]]);
    }
  });

  it('has a rarer change in about the share of the versions that was asked for', () => {
    const config = { ...augmentationTables.none, exposure: 0.5, chance: 0.3 };
    const changed = Array.from({ length: 400 }, (_, version) => {
      const image = filled(0.5);
      augmentImage(image, size, config, 1, 'a', version + 1);
      return image[0] !== 0.5;
    }).filter(Boolean).length;
    expect(changed / 400).toBeGreaterThan(0.24);
    expect(changed / 400).toBeLessThan(0.36);
    expect(augments({ ...config, chance: 0 })).toBe(false);
  });
});

describe('elastic deformation', () => {
  it('never folds: at the largest strength neighbours keep their order', () => {
    const ramp = Float32Array.from({ length: SIDE * SIDE }, (_, i) => (i % SIDE) / SIDE);
    const upright = Float32Array.from({ length: SIDE * SIDE }, (_, i) => Math.floor(i / SIDE) / SIDE);
    for (let seed = 0; seed < 20; seed++) {
      const elastic = drawControlGrid(new RandomStream(seed, 'grid'), 0.1);
      const x = warpImage(ramp, size, { ...still, elastic });
      const y = warpImage(upright, size, { ...still, elastic });
      const at = (values: Float32Array, row: number, column: number): number => values[row * SIDE + column];
      for (let row = 4; row < SIDE - 5; row++) {
        for (let column = 4; column < SIDE - 5; column++) {
          const area =
            (at(x, row, column + 1) - at(x, row, column)) * (at(y, row + 1, column) - at(y, row, column)) -
            (at(x, row + 1, column) - at(x, row, column)) * (at(y, row, column + 1) - at(y, row, column));
          expect(area).toBeGreaterThan(0);
        }
      }
    }
  });

  it('displaces by no more than was asked for, and does displace', () => {
    const elastic = drawControlGrid(stream(), 0.05);
    const ramp = Float32Array.from({ length: SIDE * SIDE }, (_, i) => (i % SIDE) / SIDE);
    const moved = warpImage(ramp, size, { ...still, elastic });
    const inner = [...moved]
      .map((value, i) => Math.abs(value - ramp[i]))
      .filter((_, i) => [i % SIDE, Math.floor(i / SIDE)].every((at) => at > 3 && at < 28));
    expect(Math.max(...inner)).toBeLessThanOrEqual(0.05);
    expect(Math.max(...inner)).toBeGreaterThan(0.005);
  });
});

describe('shear and crop', () => {
  it('lean upright lines by the tangent, about the middle', () => {
    const line = filled(0);
    for (let row = 0; row < SIDE; row++) line[row * SIDE + 16] = 1;
    const leaning = warpImage(line, size, { ...still, shear: 0.5 });
    const place = (row: number): number => {
      let sum = 0;
      for (let x = 0; x < SIDE; x++) sum += x * leaning[row * SIDE + x];
      return sum / mean(leaning.subarray(row * SIDE, (row + 1) * SIDE)) / SIDE;
    };
    expect(place(20) - place(10)).toBeCloseTo(-5, 3);
    expect(place(15) + place(16)).toBeCloseTo(32, 3);
  });

  it('enlarge the part that is kept', () => {
    const ramp = Float32Array.from({ length: SIDE * SIDE }, (_, i) => i % SIDE);
    const cropped = warpImage(ramp, size, { ...still, crop: { size: 0.5, top: 0.25, left: 0.25 } });
    expect(cropped[0]).toBeCloseTo(7.75, 5);
    expect(cropped[SIDE - 1]).toBeCloseTo(23.25, 5);
  });
});

describe('sharpness', () => {
  it('blurs by a Gaussian of the deviation asked for, and keeps the mean', () => {
    const point = filled(0);
    point[16 * SIDE + 16] = 1;
    const blurred = blurImage(point, size, 2);
    let [sum, variance] = [0, 0];
    blurred.forEach((value, i) => {
      sum += value;
      variance += value * ((i % SIDE) - 16) ** 2;
    });
    expect(sum).toBeCloseTo(1, 4);
    expect(Math.sqrt(variance)).toBeCloseTo(2, 1);
    expect([...blurImage(filled(0.7), size, 3)].every((value) => Math.abs(value - 0.7) < 1e-6)).toBe(true);
  });

  it('sharpening undoes some of it, and loses nothing of what is flat', () => {
    const soft = blurImage(texture(), size, 1);
    const sharp = soft.slice();
    sharpenImage(sharp, size, 1);
    expect(deviation(sharp)).toBeGreaterThan(1.2 * deviation(soft));
    const flat = filled(0.3);
    sharpenImage(flat, size, 3);
    expect(flat[100]).toBeCloseTo(0.3, 5);
  });

  it('loses resolution: fine stripes go, coarse ones and the mean stay', () => {
    const stripes = (width: number): Float32Array =>
      Float32Array.from({ length: SIDE * SIDE }, (_, i) => Math.floor((i % SIDE) / width) % 2);
    expect(deviation(loseResolution(stripes(1), size, 0.5))).toBeLessThan(0.02);
    expect(deviation(loseResolution(stripes(8), size, 0.5))).toBeGreaterThan(0.4);
    expect(mean(loseResolution(texture(), size, 0.4))).toBeCloseTo(mean(texture()), 2);
  });
});

describe('tones', () => {
  it('keep black and white under gamma, and the order of greys', () => {
    const greys = Float32Array.from([0, 0.25, 0.5, 1]);
    applyGamma(greys, 2);
    expect([...greys]).toEqual([0, 0.0625, 0.25, 1]);
    expose(greys, 2);
    expect([...greys]).toEqual([0, 0.125, 0.5, 1]);
  });

  it('shade smoothly, never below black, and not at all at strength 0', () => {
    const flat = filled(0.5);
    shade(flat, size, 0.3, stream());
    expect(deviation(flat)).toBeGreaterThan(0.01);
    for (let i = 1; i < flat.length; i++)
      if (i % SIDE > 0) expect(Math.abs(flat[i] - flat[i - 1])).toBeLessThan(0.15);
    const same = filled(0.5);
    shade(same, size, 0, stream());
    expect(same[7]).toBe(0.5);
  });

  it('cover about the area that was asked for with the mean', () => {
    for (let seed = 0; seed < 10; seed++) {
      const image = texture();
      const middle = mean(image);
      eraseRectangle(image, size, 0.1, new RandomStream(seed, 'erase'));
      const covered = [...image].filter((value) => Math.abs(value - middle) < 1e-6).length / image.length;
      expect(covered).toBeGreaterThan(0.08);
      expect(covered).toBeLessThan(0.12);
    }
  });
});

describe('noise', () => {
  it('of MR is a Rayleigh distribution where there is no signal, and nearly normal where there is much', () => {
    const dark = filled(0);
    addRicianNoise(dark, 1, 0.1, stream());
    expect(mean(dark)).toBeCloseTo(0.1 * Math.sqrt(Math.PI / 2), 2);
    const bright = filled(0.6);
    addRicianNoise(bright, 1, 0.05, stream());
    expect(deviation(bright)).toBeCloseTo(0.05, 2);
  });

  it('of photons grows with the root of the value, speckle with the value', () => {
    const spread = (add: typeof addSpeckle, value: number): number => {
      const image = filled(value);
      add(image, 1, 0.1, stream());
      return deviation(image);
    };
    expect(spread(addQuantumNoise, 0.64) / spread(addQuantumNoise, 0.16)).toBeCloseTo(2, 1);
    expect(spread(addSpeckle, 0.6) / spread(addSpeckle, 0.15)).toBeCloseTo(4, 1);
    expect(spread(addQuantumNoise, 0)).toBe(0);
  });
});

describe('the presets', () => {
  it('are all within the bounds of the schema, and only photographs have flips', () => {
    for (const [preset, table] of Object.entries(augmentationTables)) {
      expect(augmentationSchema.safeParse({ preset, ...table }).success).toBe(true);
      expect(table.flipHorizontal).toBe(preset === 'photo');
    }
    expect(augmentationPresets.filter((preset) => !(preset in augmentationTables))).toEqual(['auto']);
    expect(augments(augmentationTables.none)).toBe(false);
  });

  it('yield to what a plan writes, and settle once and for all', () => {
    const mine = plan({ preset: 'mr', rotate: 3, biasField: 0 });
    expect(mine).toEqual({ ...augmentationTables.mr, rotate: 3, biasField: 0 });
    expect(plan({ preset: 'mr', ...mine })).toEqual(mine);
  });

  it.each([
    [
      { elastic: 0.3 },
      'Expected a number from 0 to 0.1, found 0.3: beyond a tenth of the side tissue would fold',
    ],
    [{ shear: 60 }, 'Expected a number from 0 to 30 degrees, found 60: beyond that the shape of an organ'],
    [{ gamma: -1 }, 'Expected a number from 0 to 1, found -1'],
    [{ blur: 'much' }, 'Expected a number from 0 to 5 pixels, found "much"'],
  ])('are bounded, with the reason: %j', (settings, sentence) => {
    const { error } = augmentationSchema.safeParse(settings);
    expect(error!.issues[0].message).toContain(sentence);
  });
});
