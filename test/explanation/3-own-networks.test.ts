import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { openOnnx, sizeOf } from '../../src-main/engine/index.ts';
import {
  checkByRandomisation,
  chosenLayer,
  explainTargets,
  offeredLayers,
} from '../../src-main/explanation/index.ts';
import {
  applyNetwork,
  initialiseParameters,
  type Model,
  modelCards,
  modelFromWeights,
  openWeightFile,
  outputShapes,
  withHead,
} from '../../src-main/models/index.ts';
import type { ImageSource } from '../../src-main/training/index.ts';
import { largestDifference, target, withExecutor } from './small-model.ts';

const FILES = fileURLToPath(new URL('../models/weights/files/', import.meta.url));

interface ExpectedMap {
  file: string;
  layer: string;
  classIndex: number;
  rows: number;
  columns: number;
  gradcam: number[];
  'gradcam++': number[];
}
const expectedMaps = JSON.parse(
  readFileSync(new URL('./reference/own-network-maps.json', import.meta.url), 'utf8'),
) as ExpectedMap[];

/** A network as its file describes it, which sees pixels as they are given. */
async function ownModel(name: string, side?: number): Promise<Model> {
  const file = await openWeightFile(`${FILES}${name}`);
  try {
    const { model } = modelFromWeights(file, {});
    const [height, width, channels] = model.network.inputShape;
    const inputShape = [side ?? height, side ?? width, channels] as const;
    const network = { ...model.network, inputShape };
    const [units] = outputShapes(network).get(network.layers.at(-1)!.name)!;
    const classes = Array.from({ length: units }, (_, at) => `class ${at}`);
    return { ...model, network, classes, preprocessing: { scale: [1], offset: [0] } };
  } finally {
    file.close();
  }
}

/** The image of onnx_networks.py at 0; others at other places of the same wave. */
function wave({ network }: Pick<Model, 'network'>): ImageSource {
  const [height, width, channels] = network.inputShape;
  return {
    ...{ height, width, channels, checksum: 'wave' },
    read: (index, into, offset) => {
      for (let at = 0; at < height * width * channels; at++) {
        const [pixel, channel] = [Math.floor(at / channels), at % channels];
        into[offset + at] = Math.sin((channel * height * width + pixel + 17 * index) * 0.7 + 1);
      }
    },
  };
}

const largest = (values: readonly number[]): number => Math.max(1e-4, ...values);

describe('maps by gradients of a network that came as a file', () => {
  it.each(expectedMaps)('$file at $layer are those of PyTorch', async (expected) => {
    const { file, layer, classIndex, rows, columns } = expected;
    const model = await ownModel(`onnx/${file}`, 32);
    await withExecutor(async (executor) => {
      for (const method of ['gradcam', 'gradcam++'] as const) {
        const context = { executor, images: wave(model) };
        const [map] = await explainTargets([model], [target(0, classIndex)], { method, layer }, context);
        expect([map.rows, map.columns]).toEqual([rows, columns]);
        const apart = largestDifference(map.values, expected[method]) / largest(expected[method]);
        expect(apart, method).toBeLessThan(2e-4);
      }
    });
  });

  it.each(['graphs/blocks-graph', 'graphs/blocks-layers'])(
    '%s are, at the last layer before the mean over all places, its features times the weights of the class',
    async (name) => {
      // Where a mean and a dense layer follow, Grad-CAM is the class activation map of Zhou et al. (2016) over the number of places.
      const described = await ownModel(name);
      const network = withHead(described.network, described.classes.length);
      const parameters = initialiseParameters(network, 5);
      for (const { name: weight, data } of described.parameters)
        if (parameters.has(weight)) parameters.get(weight).data.set(data);
      const model = { ...described, network, parameters };
      const images = wave(model);
      const { name: layer, rows, columns, channels } = chosenLayer(network);
      const cut = network.layers.findIndex((one) => one.name === layer);
      const kernel = parameters.get(`${network.layers.at(-1)!.name}/kernel`);
      const image = new Float32Array(sizeOf(network.inputShape));
      images.read(3, image, 0);
      await withExecutor(async (executor) => {
        const features = await executor.compile(
          {
            name: 'features',
            inputs: { image: { shape: [1, ...network.inputShape], dtype: 'float32' } },
            body: ({ image: x }, scope) => ({
              y: applyNetwork(
                { ...network, layers: network.layers.slice(0, cut + 1) },
                scope,
                x as tf.Tensor4D,
              ),
            }),
          },
          parameters,
        );
        const { y } = await features.run({ image });
        await features.dispose();
        let largestOfAll = 0;
        for (const classIndex of [0, 1, 2, 3]) {
          const wanted = Array.from({ length: rows * columns }, (_, place) => {
            let sum = 0;
            for (let at = 0; at < channels; at++)
              sum += y.data[place * channels + at] * kernel.data[at * model.classes.length + classIndex];
            return Math.max(0, sum) / (rows * columns);
          });
          const [map] = await explainTargets(
            [model],
            [target(3, classIndex)],
            { method: 'gradcam' },
            { executor, images },
          );
          expect(largestDifference(map.values, wanted)).toBeLessThan(1e-6);
          largestOfAll = Math.max(largestOfAll, ...wanted);
        }
        expect(largestOfAll).toBeGreaterThan(1e-4);
      });
    },
  );

  it('lie the right way where the network has turned its image', async () => {
    const model = await ownModel('graphs/zoo-graph');
    const context = { images: wave(model) };
    expect(chosenLayer(model.network)).toMatchObject({ name: 'zoo.turned.transpose', rows: 4, columns: 7 });
    await withExecutor(async (executor) => {
      const at = async (layer: string): Promise<number[]> => {
        const targets = [target(0, 1)];
        const [map] = await explainTargets(
          [model],
          targets,
          { method: 'gradcam', layer },
          { executor, ...context },
        );
        return [...map.values];
      };
      const turned = await at('zoo.turned.transpose');
      expect(Math.max(...turned)).toBeGreaterThan(0);
      expect(largestDifference(turned, await at('zoo.last.BiasAdd'))).toBeLessThan(1e-7);
    });
  });
});

describe('the layer that is looked at', () => {
  it.each([
    ['onnx/transformer.onnx', 'blocks.1.norm1'],
    ['onnx/transformer-modern.onnx', 'blocks.1.norm1'],
    ['onnx/residual.onnx', 'Relu_2'],
    ['onnx/mobile.onnx', 'relu6'],
    ['onnx/shuffle.onnx', 'Relu_1'],
  ])('of %s is %s, the last with places on which the answer depends', async (name, layer) => {
    const { network } = await ownModel(name, 32);
    expect(chosenLayer(network).name).toBe(layer);
    const offered = offeredLayers(network);
    expect(offered.at(-1)!.name).toBe(layer);
    expect(new Set(offered.map(({ stage }) => stage)).size).toBe(offered.length);
  });

  it('is never attention between patches, nor a border', async () => {
    const { network } = await ownModel('onnx/transformer.onnx');
    // [17 tokens, 2 heads, 6]: no image of 17 rows.
    expect(() => chosenLayer(network, 'out_permute')).toThrow(
      expect.objectContaining({ code: 'layer-unknown' }),
    );
    // What the last block gives at the patches goes nowhere: only the class token is read.
    expect(() => chosenLayer(network, 'norm')).toThrow(expect.objectContaining({ code: 'layer-unknown' }));
    const mobile = await ownModel('onnx/mobile.onnx', 32);
    expect(() => chosenLayer(mobile.network, 'depthwise_pad')).toThrow(/places in the image/);
  });

  it('of every network of the library is its last image of features', () => {
    for (const card of modelCards()) {
      const network = card.architecture([128, 128, card.channels], 2);
      const { name, rows, columns } = chosenLayer(network);
      const pooled = network.layers.findLast(({ kind }) => kind === 'globalAveragePooling2d')!;
      expect(name, card.name).toBe(pooled.inputs[0]);
      expect(rows * columns, card.name).toBeGreaterThan(1);
    }
  });
});

describe('occlusion of a network that came as a file', () => {
  it('is what ONNX Runtime says of the file itself, patch by patch', async () => {
    const [name, patch, classIndex] = ['onnx/residual.onnx', 16, 3];
    const model = await ownModel(name, 32);
    const images = wave(model);
    const [height, width, channels] = model.network.inputShape;
    const image = new Float32Array(height * width * channels);
    images.read(0, image, 0);
    const file = await openOnnx(readFileSync(`${FILES}${name}`));
    const ask = async (covered: Float32Array): Promise<number> => {
      const first = covered.map((_, at) => {
        const [channel, pixel] = [Math.floor(at / (height * width)), at % (height * width)];
        return covered[pixel * channels + channel];
      });
      const [logits] = Object.values(
        await file.run({ image: first }, { image: [1, channels, height, width] }),
      );
      const powers = Array.from(logits.data as Float32Array, (value) => Math.exp(value));
      return powers[classIndex] / powers.reduce((sum, value) => sum + value, 0);
    };
    const mean = image.reduce((sum, value) => sum + value, 0) / image.length;
    const whole = await ask(image);
    const wanted = new Float32Array(height * width);
    for (const top of [0, patch])
      for (const left of [0, patch]) {
        const inside = (pixel: number): boolean =>
          Math.floor(Math.floor(pixel / width) / patch) * patch === top &&
          Math.floor((pixel % width) / patch) * patch === left;
        const fall =
          whole - (await ask(image.map((value, at) => (inside(Math.floor(at / channels)) ? mean : value))));
        wanted.forEach((_, pixel) => inside(pixel) && (wanted[pixel] = Math.max(0, fall)));
      }
    await file.dispose();
    await withExecutor(async (executor) => {
      const request = { method: 'occlusion', patch, stride: patch } as const;
      const [map] = await explainTargets([model], [target(0, classIndex)], request, { executor, images });
      expect(Math.max(...wanted)).toBeGreaterThan(1e-5);
      expect(largestDifference(map.values, wanted)).toBeLessThan(1e-6);
    });
  });
});

describe('the parameter-randomisation check of a network that came as a file', () => {
  it.each(['onnx/transformer.onnx', 'onnx/mobile.onnx', 'graphs/zoo-graph'])(
    'draws every stage of %s anew and leaves the model as it was',
    async (name) => {
      const model = await ownModel(name);
      const before = model.parameters.hash();
      await withExecutor(async (executor) => {
        const targets = [target(0, 1), target(1, 1)];
        const context = { executor, images: wave(model) };
        const { check } = await checkByRandomisation(model, targets, { method: 'gradcam' }, 3, context);
        expect(check.steps[0].stage).toBe('head');
        expect(check.steps.at(-1)!.stage).toBe('stem');
        expect(check.layer).toBe(chosenLayer(model.network).name);
        // Drawn anew means other maps, step by step.
        expect(new Set(check.steps.map(({ spearman }) => spearman)).size).toBeGreaterThan(2);
        expect(check.verdict).toBe('passed');
      });
      expect(model.parameters.hash()).toBe(before);
    },
  );
});
