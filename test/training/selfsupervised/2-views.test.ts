import { describe, expect, it } from 'vitest';
import { viewSchema } from '../../../src-main/contract/self-supervision.ts';
import { blur, makeView } from '../../../src-main/training/selfsupervised/views.ts';
import { ViewStream } from '../../../src-main/training/selfsupervised/view-stream.ts';
import { SIDE, stripes } from '../helpers.ts';
import { unlabelledTask } from './helpers.ts';

const size = { height: SIDE, width: SIDE, channels: 1 };
const still = {
  scale: 1,
  rotate: 0,
  intensity: 0,
  gamma: 1,
  blur: 0,
  noise: 0,
  flipHorizontal: false,
  flipVertical: false,
};
const picture = (index: number): Float32Array => {
  const image = new Float32Array(SIDE * SIDE);
  stripes.read(index, image, 0);
  return image;
};
const name = { seed: 7, key: 'a/0', epoch: 1, view: 0 } as const;

describe('a view of an image', () => {
  it('is the same each time by its name, another for the other view, epoch, image and seed, and stays in [0, 1]', () => {
    const image = picture(0);
    const kept = image.slice();
    const config = viewSchema.parse({});
    const one = makeView(image, size, config, name);
    expect(makeView(image, size, config, name)).toEqual(one);
    for (const other of [{ view: 1 as const }, { epoch: 2 }, { key: 'b/0' }, { seed: 8 }])
      expect(makeView(image, size, config, { ...name, ...other })).not.toEqual(one);
    expect(image).toEqual(kept);
    expect(Math.min(...one)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...one)).toBeLessThanOrEqual(1);
  });

  it('is the image itself when nothing is switched on', () => {
    const view = makeView(picture(1), size, viewSchema.parse(still), name);
    picture(1).forEach((value, at) => expect(view[at]).toBeCloseTo(value, 6));
  });

  it('never shows the left side on the right unless flips are allowed', () => {
    // A ramp from left to right: a flip alone makes it fall.
    const ramp = Float32Array.from({ length: SIDE * SIDE }, (_, at) => (at % SIDE) / (SIDE - 1));
    const falls = (flipHorizontal: boolean): number =>
      Array.from({ length: 40 }, (_, at) =>
        makeView(ramp, size, viewSchema.parse({ ...still, scale: 0.4, flipHorizontal }), {
          ...name,
          key: `${at}`,
        }),
      ).filter((view) => view[8 * SIDE] > view[8 * SIDE + SIDE - 1]).length;
    expect(falls(false)).toBe(0);
    expect(falls(true)).toBeGreaterThan(8);
    expect(falls(true)).toBeLessThan(32);
  });

  it('crops lie inside the image: nothing black comes in', () => {
    const white = new Float32Array(SIDE * SIDE).fill(1);
    for (let at = 0; at < 30; at++) {
      const view = makeView(white, size, viewSchema.parse({ ...still, scale: 0.3 }), {
        ...name,
        key: `${at}`,
      });
      expect(Math.min(...view)).toBeGreaterThan(0.999);
    }
  });

  it('is blurred as a Gaussian is', () => {
    const dot = new Float32Array(SIDE * SIDE);
    dot[8 * SIDE + 8] = 1;
    blur(dot, size, 1.5);
    const at = (x: number, y: number): number => dot[(8 + y) * SIDE + 8 + x];
    expect(dot.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 4);
    expect(at(2, 0) / at(0, 0)).toBeCloseTo(Math.exp(-4 / 4.5), 4);
    expect(at(1, 2) / at(0, 0)).toBeCloseTo(Math.exp(-5 / 4.5), 4);
  });
});

describe('a stream of views', () => {
  it('shows each image once an epoch but for what is over, the same from workers as from here, from any step on', async () => {
    const { config, images, samples } = unlabelledTask();
    const options = { images, samples, config, batchSize: 8 };
    const here = new ViewStream({ ...options, workers: 0 });
    const elsewhere = new ViewStream({ ...options, workers: 1 });
    expect(here.stepsPerEpoch).toBe(3);
    const first = await here.batch(4, 8);
    expect(first.first).toHaveLength(8 * SIDE * SIDE);
    expect(await elsewhere.batch(3, 4)).not.toEqual(first);
    expect(await elsewhere.batch(4, 4)).toEqual(first);
    expect((await here.batch(1, 8)).first).not.toEqual(first.first);
    await here.close();
    await elsewhere.close();
  });
});
