import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tfl from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backboneStages, modelFromWeights, openWeightFile } from '../../../src-main/models/index.ts';
import { RandomStream } from '../../../src-main/platform/random.ts';
import { units } from '../reference/formula.ts';
import { assembled, type Expected, outputsOf, relativeDifference, softmax } from './graph-helpers.ts';

const FOLDER = new URL('./files/graphs/', import.meta.url).pathname;
const expectedIn = (name: string): Record<string, Expected> =>
  JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as Record<string, Expected>;
const expected = {
  ...expectedIn('expected-keras.json'),
  // Graphs of TensorFlow.js have a test of their own.
  ...Object.fromEntries(
    Object.entries(expectedIn('expected-tfjs.json')).filter(([name]) => !name.endsWith('-graph')),
  ),
};

describe.each(Object.keys(expected))('the network in %s, of Keras', (name) => {
  it('computes what it computes in Keras, and is cut into stages', async () => {
    const graph = await assembled(join(FOLDER, name), expected[name].input);
    const found = await outputsOf(graph, expected[name]);
    const values = name.startsWith('zoo') ? softmax(found) : found;
    expect(relativeDifference(values, expected[name].output)).toBeLessThan(1e-4);
    expect(graph.classes).toBe(expected[name].output.length);
    // All that adapted.keras can learn lies in its first convolution: there is nothing to cut.
    expect(backboneStages(graph.network).length).toBeGreaterThan(name === 'adapted.keras' ? 0 : 1);
  });
});

describe('a network in a file of Keras', () => {
  it.each([
    ['lambda', 'code in it, the Lambda layer code, which Graft never runs'],
    ['registered', 'a layer of somebody’s own (mine>Doubled)'],
    ['disguised', 'a layer of somebody’s own (Conv2D)'],
    ['transposed', 'the layer up of the class Conv2DTranspose'],
    ['activation', 'activation = "exponential" in the layer conv'],
    ['shared', 'the layer twice used in several places'],
    ['inputs', 'a model of 2 inputs that is called on 1'],
    ['outputs', '2 outputs'],
    ['vector', 'an input that is no image of height, width and channels'],
  ])('is refused by the name of what Graft does not run: %s', async (name, found) => {
    const file = `refused-${name}.keras`;
    await expect(assembled(join(FOLDER, file), [8, 8])).rejects.toMatchObject({
      code: 'graph-unsupported',
      message: expect.stringContaining(`in ${file}, found ${found.replace('’', "'")}`),
    });
  });

  it('has one refusal for each of the files', () => {
    expect(readdirSync(FOLDER).filter((name) => name.startsWith('refused-'))).toHaveLength(9);
  });
});

describe('a network of TensorFlow.js’s own', () => {
  let place: string;
  beforeAll(() => (place = mkdtempSync(join(tmpdir(), 'graft-own-'))));
  afterAll(() => rmSync(place, { recursive: true }));

  it('computes what TensorFlow.js computes with it', async () => {
    await tfl.setBackend('cpu');
    const { layers } = tfl;
    const input = tfl.input({ shape: [12, 10, 3] });
    const apply = (
      layer: tfl.layers.Layer,
      x: tfl.SymbolicTensor | tfl.SymbolicTensor[],
    ): tfl.SymbolicTensor => layer.apply(x) as tfl.SymbolicTensor;
    const stem = apply(
      layers.conv2d({ filters: 6, kernelSize: 3, strides: 2, padding: 'same', activation: 'elu' }),
      input,
    );
    const normal = apply(layers.batchNormalization({ betaInitializer: 'randomNormal' }), stem);
    const left = apply(layers.separableConv2d({ filters: 6, kernelSize: 3, padding: 'same' }), normal);
    const right = apply(
      layers.depthwiseConv2d({ kernelSize: 3, padding: 'same', activation: 'hardSigmoid' }),
      normal,
    );
    const sum = apply(layers.leakyReLU({ alpha: 0.1 }), apply(layers.multiply(), [left, right]));
    const pooled = apply(
      layers.globalAveragePooling2d({}),
      apply(layers.upSampling2d({ size: [2, 2] }), sum),
    );
    const model = tfl.model({
      inputs: input,
      outputs: apply(layers.dense({ units: 4, activation: 'sigmoid' }), pooled),
    });
    const folder = join(place, 'saved');
    mkdirSync(folder);
    await model.save(
      tfl.io.withSaveHandler(({ weightData, weightSpecs, ...rest }) => {
        writeFileSync(join(folder, 'weights.bin'), Buffer.from(weightData as ArrayBuffer));
        const weightsManifest = [{ paths: ['./weights.bin'], weights: weightSpecs }];
        writeFileSync(join(folder, 'model.json'), JSON.stringify({ ...rest, weightsManifest }));
        return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } });
      }),
    );
    const image = Float32Array.from(units('image', 12 * 10 * 3));
    const output = [...(model.predict(tfl.tensor4d(image, [1, 12, 10, 3])) as tfl.Tensor).dataSync()];
    const found = await outputsOf(await assembled(folder, [12, 10]), {
      input: [12, 10, 3],
      scale: 1,
      output,
    });
    expect(relativeDifference(found, output)).toBeLessThan(1e-5);
  });

  it('is read from a sequential model whose layers are a list, as the first versions of Keras wrote them', async () => {
    const folder = join(place, 'list');
    cpSync(new URL('./files/tfjs/layers', import.meta.url).pathname, folder, { recursive: true });
    const path = join(folder, 'model.json');
    const model = JSON.parse(readFileSync(path, 'utf8')) as {
      modelTopology: { model_config: { config: { layers: unknown } } };
    };
    const { network } = await assembled(folder, [8, 8]);
    const { model_config: description } = model.modelTopology;
    Object.assign(description, { config: description.config.layers });
    writeFileSync(path, JSON.stringify(model));
    expect((await assembled(folder, [8, 8])).network).toEqual(network);
  });

  it.each(['nested-2.h5', 'adapted.keras'])(
    'is refused, or read as it is, wherever %s is changed',
    async (name) => {
      const whole = readFileSync(join(FOLDER, name));
      const random = new RandomStream(13, name);
      for (let attempt = 0; attempt < 60; attempt++) {
        const changed = Buffer.from(whole);
        for (let flips = 0; flips < 3; flips++)
          changed[8 + Math.floor(random.uniform() * (changed.length - 8))] = Math.floor(
            random.uniform() * 256,
          );
        const path = join(place, name);
        writeFileSync(path, changed);
        try {
          const file = await openWeightFile(path);
          try {
            modelFromWeights(file, {});
          } finally {
            file.close();
          }
        } catch (error) {
          expect(error).toMatchObject({
            kind: 'expected',
            message: expect.stringMatching(/^Expected .*found .*\.$/s),
          });
        }
      }
    },
  );
});
