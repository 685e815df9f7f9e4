import { describe, expect, it } from 'vitest';
import { coarsenessOf } from '../../src-main/contract/explanation.ts';
import { chosenLayer, explainTargets, offeredLayers, toLargest } from '../../src-main/explanation/index.ts';
import {
  inferenceProgram,
  modelCards,
  NetworkBuilder,
  initialiseParameters,
} from '../../src-main/models/index.ts';
import { RandomStream } from '../../src-main/platform/random.ts';
import {
  images,
  largestDifference,
  reference,
  smallModel,
  smallNetwork,
  target,
  withExecutor,
} from './small-model.ts';

describe('a map of hardly any places', () => {
  it('is said to be one, and others are not', () => {
    expect(coarsenessOf({ rows: 2, columns: 2 })).toContain('only 2 × 2 places');
    expect(coarsenessOf({ rows: 3, columns: 5 })).toContain('only 3 × 5 places');
    expect(coarsenessOf({ rows: 4, columns: 4 })).toBeNull();
  });
});

describe('maps by gradients', () => {
  const methods = ['gradcam', 'gradcam++'] as const;
  for (const method of methods)
    it(`${method} is what PyTorch's gradients make of every layer and class`, async () => {
      await withExecutor(async (executor) => {
        for (const expected of reference.maps) {
          const { layer, classIndex } = expected;
          const targets = [target(0, classIndex), target(1, classIndex)];
          const maps = await explainTargets([smallModel()], targets, { method, layer }, { executor, images });
          maps.forEach(({ rows, columns, values }, at) => {
            expect([rows, columns]).toEqual([expected.rows, expected.columns]);
            expect(largestDifference(values, expected[method][at]), `${layer} ${classIndex}`).toBeLessThan(
              1e-5,
            );
          });
        }
      });
    });

  it('looks by default at the last layer that has places', async () => {
    expect(chosenLayer(smallNetwork()).name).toBe('two_relu');
    expect(offeredLayers(smallNetwork()).map(({ name }) => name)).toEqual(['one_swish', 'two_relu']);
    await withExecutor(async (executor) => {
      const [byDefault] = await explainTargets(
        [smallModel()],
        [target(0, 1)],
        { method: 'gradcam' },
        { executor, images },
      );
      const last = reference.maps.find(({ layer, classIndex }) => layer === 'two_relu' && classIndex === 1)!;
      expect(largestDifference(byDefault.values, last.gradcam[0])).toBeLessThan(1e-5);
    });
  });

  it('refuses a layer without places, naming some that have', () => {
    expect(() => chosenLayer(smallNetwork(), 'predictions')).toThrow(
      /one_swish, two_relu; found "predictions"/,
    );
    const flat = new NetworkBuilder('flat', [1, 1, 3], 'one');
    flat.conv2d('conv', 2, 1);
    flat.head(2);
    expect(() => chosenLayer(flat.build())).toThrow(expect.objectContaining({ code: 'layer-missing' }));
  });

  it('explains the class that one sigmoid says by being small as well as the other', async () => {
    const two = smallModel({ classes: ['no', 'yes'], output: 'sigmoid' });
    await withExecutor(async (executor) => {
      const context = { executor, images };
      const [yes, no] = await explainTargets(
        [two],
        [target(0, 1), target(0, 0)],
        { method: 'gradcam' },
        context,
      );
      // The one unit has the weights of the reference's first class.
      const first = reference.maps.find(({ layer, classIndex }) => layer === 'two_relu' && classIndex === 0)!;
      expect(largestDifference(yes.values, first.gradcam[0])).toBeLessThan(1e-5);
      expect(yes.values.some((value, at) => value > 0 && no.values[at] > 0)).toBe(false);
      expect(no.values.some((value) => value > 0)).toBe(true);
    });
  });

  it('of models that answer together gives the mean, each scaled to its largest', async () => {
    const other = smallModel();
    for (const { data } of other.parameters)
      data.forEach((value, at) => (data[at] = value * (1 + 0.3 * (at % 3))));
    await withExecutor(async (executor) => {
      const context = { executor, images };
      const request = { method: 'gradcam' as const };
      const [one] = await explainTargets([smallModel()], [target(1, 2)], request, context);
      const [two] = await explainTargets([other], [target(1, 2)], request, context);
      const [both] = await explainTargets([smallModel(), other], [target(1, 2)], request, context);
      const [a, b] = [toLargest(one.values), toLargest(two.values)];
      expect(
        largestDifference(
          both.values,
          a.map((value, at) => (value + b[at]) / 2),
        ),
      ).toBeLessThan(1e-6);
      expect(Math.max(...both.values)).toBeGreaterThan(0.5);
    });
  });

  it('works for a network of the library with depthwise filters and residuals', async () => {
    const card = modelCards().find(({ name }) => name === 'mobilenet_v2')!;
    const network = card.architecture([32, 32, 3], 2);
    const given = new Set(network.layers.map(({ name }) => name));
    const parameters = initialiseParameters(network, 1, given);
    const stream = new RandomStream(1, 'cheap');
    for (const { name, data } of parameters)
      data.forEach(
        (_, at) => (data[at] = /gamma|variance/.test(name) ? 1 : 0.1 * ((stream.uint32() % 200) / 100 - 1)),
      );
    const model = {
      ...smallModel(),
      network,
      parameters,
      classes: ['a', 'b'],
      preprocessing: card.preprocessing,
    };
    const drawn = {
      ...images,
      height: 32,
      width: 32,
      read: (index: number, into: Float32Array, offset: number) => {
        for (let at = 0; at < 1024; at++) into[offset + at] = ((at * 37 + index * 11) % 101) / 100;
      },
    };
    await withExecutor(async (executor) => {
      const layer = offeredLayers(network).at(-3)!;
      const [map] = await explainTargets(
        [model],
        [target(0, 1)],
        { method: 'gradcam', layer: layer.name },
        { executor, images: drawn },
      );
      expect([map.rows, map.columns]).toEqual([layer.rows, layer.columns]);
      expect(map.values.every(Number.isFinite)).toBe(true);
      expect(Math.max(...map.values)).toBeGreaterThan(0);
    });
  });
});

describe('maps by occlusion', () => {
  it('are what covering patch by patch, one image at a time, comes to', async () => {
    const model = smallModel();
    const [side, patch, stride] = [reference.side, 4, 3];
    await withExecutor(async (executor) => {
      const [map] = await explainTargets(
        [model],
        [target(1, 2)],
        { method: 'occlusion', patch, stride },
        { executor, images },
      );
      const compiled = await executor.compile(inferenceProgram(model, 1), model.parameters);
      const ask = async (image: Float32Array): Promise<number> =>
        (await compiled.run({ image })).probabilities.data[2];
      const image = Float32Array.from(reference.images[1]);
      const mean = image.reduce((sum, value) => sum + value, 0) / image.length;
      const whole = await ask(image);
      const falls = image.map(() => 0);
      const counts = image.map(() => 0);
      for (const top of [0, 3, 6, 8])
        for (const left of [0, 3, 6, 8]) {
          const inside = (at: number): boolean => {
            const [row, column] = [Math.floor(at / side), at % side];
            return row >= top && row < top + patch && column >= left && column < left + patch;
          };
          const fall = whole - (await ask(image.map((value, at) => (inside(at) ? mean : value))));
          for (let at = 0; at < image.length; at++)
            if (inside(at)) {
              falls[at] += fall;
              counts[at]++;
            }
        }
      await compiled.dispose();
      expect([map.rows, map.columns]).toEqual([side, side]);
      expect(
        largestDifference(
          map.values,
          falls.map((fall, at) => Math.max(0, fall / counts[at])),
        ),
      ).toBeLessThan(1e-6);
      expect(Math.max(...map.values)).toBeGreaterThan(0);
    });
  });

  it('refuses a patch larger than the image', async () => {
    await withExecutor(async (executor) => {
      const asked = explainTargets(
        [smallModel()],
        [target(0, 0)],
        { method: 'occlusion', patch: 40 },
        { executor, images },
      );
      await expect(asked).rejects.toMatchObject({ code: 'patch-too-large' });
    });
  });
});
