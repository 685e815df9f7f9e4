import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { modelFromWeights, type WeightFile } from '../../../src-main/models/index.ts';
import { layerNames } from '../../../src-main/models/weights/keras/layer-names.ts';
import { sumChannels, transpose } from '../../../src-main/models/weights/match/lay-out.ts';
import { matchWeights } from '../../../src-main/models/weights/match/match.ts';

type Shapes = Record<string, number[]>;
const known = JSON.parse(
  gunzipSync(readFileSync(new URL('./files/names.json.gz', import.meta.url))).toString(),
) as Record<'torchvision' | 'timm' | 'keras' | 'keras2' | 'keras3', Record<string, Shapes>>;

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, extent) => product * extent, 1);

/** A file that is only names and shapes; each array counts from 0. Keras's are called as its reader calls them. */
function fileOf(shapes: Shapes, family: WeightFile['family']): WeightFile {
  const tensors = new Map(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      { name, shape, read: () => Float32Array.from({ length: sizeOf(shape) }, (_, at) => at) },
    ]),
  );
  return {
    path: 'names',
    format: family === 'pytorch' ? 'pytorch' : 'keras-h5',
    family,
    tensors: family === 'keras' ? layerNames(tensors) : tensors,
    metadata: {},
    close: () => {},
  };
}

const renamed = (shapes: Shapes, rename: (name: string) => string): Shapes =>
  Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [rename(name), shape]));

const familyOf = (source: string): WeightFile['family'] => (source.startsWith('keras') ? 'keras' : 'pytorch');
const cases = Object.entries(known).flatMap(([source, networks]) =>
  Object.entries(networks).map(([name, shapes]) => ({ source, name, shapes })),
);

describe.each(cases)('weights of $name from $source', ({ source, name, shapes }) => {
  it('are known by their names, to the last one', () => {
    const match = matchWeights(fileOf(shapes, familyOf(source)));
    expect(match.card.name).toBe(name);
    expect(match.missing).toEqual([]);
    // Left over: other heads, Keras's own normalisation of the input.
    for (const left of match.unmatched)
      expect(left).toMatch(
        /^(classifier|predictions|fc|AuxLogits|normalization|layers\/(dense|normalization)|pre_logits|head)/,
      );
    expect(match.hasHead).toBe(!name.startsWith('vgg'));
    expect(match.network.variant).toBe(
      familyOf(source) === 'pytorch' && !/^(resnet18|resnet34)$/.test(name)
        ? name.startsWith('vgg')
          ? undefined
          : 'torchvision'
        : undefined,
    );
  });
});

describe('names that are wrapped', () => {
  const { resnet50, densenet121, inception_v3: inception } = known.torchvision;

  it.each(['module.', 'model.', 'encoder.backbone.', '_orig_mod.module.'])(
    'are known behind %s',
    (prefix) => {
      const match = matchWeights(
        fileOf(
          renamed(resnet50, (name) => `${prefix}${name}`),
          'pytorch',
        ),
      );
      expect(match.card.name).toBe('resnet50');
    },
  );

  it('are known where a Keras model lies inside another', () => {
    const inner = renamed(known.keras.mobilenet_v2, (name) => `mobilenetv2_1.00_224/${name}`);
    expect(matchWeights(fileOf(inner, 'keras')).card.name).toBe('mobilenet_v2');
    const numbered = renamed(known.keras3.resnet50, (name) => `layers/functional/${name}`);
    expect(matchWeights(fileOf(numbered, 'keras')).card.name).toBe('resnet50');
  });

  it('are known by RadImageNet’s numbers', () => {
    const places: Record<string, string> = {
      conv1: '0',
      bn1: '1',
      layer1: '4',
      layer2: '5',
      layer3: '6',
      layer4: '7',
    };
    const backbone = Object.fromEntries(Object.entries(resnet50).filter(([name]) => !name.startsWith('fc.')));
    const numbered = renamed(
      backbone,
      (name) => `backbone.${name.replace(/^\w+/, (first) => places[first])}`,
    );
    expect(matchWeights(fileOf(numbered, 'pytorch'))).toMatchObject({
      naming: 'RadImageNet',
      hasHead: false,
    });
    const dense = renamed(densenet121, (name) => name.replace(/^features/, 'backbone.0'));
    expect(matchWeights(fileOf(dense, 'pytorch')).card.name).toBe('densenet121');
    const order = [...new Set(Object.keys(inception).map((name) => name.split('.')[0]))];
    // Two pools, after the third and the fifth convolution, have no weights and a number all the same.
    const place = (first: string): number => {
      const at = order.indexOf(first);
      return at + (at > 2 ? 1 : 0) + (at > 4 ? 1 : 0);
    };
    const parts = renamed(
      inception,
      (name) => `backbone.${name.replace(/^\w+/, (first) => String(place(first)))}`,
    );
    expect(matchWeights(fileOf(parts, 'pytorch')).card.name).toBe('inception_v3');
  });
});

describe('weights of a network that holds another', () => {
  const { resnet50, efficientnet_b0: b0 } = known.torchvision;
  const copied = (shapes: Shapes, from: string, to: string[]): Shapes => ({
    ...shapes,
    ...Object.assign(
      {},
      ...to.map((name) =>
        renamed(
          Object.fromEntries(Object.entries(shapes).filter(([own]) => own.startsWith(from))),
          (own) => `${name}${own.slice(from.length)}`,
        ),
      ),
    ),
  });
  const resnet101 = copied(
    resnet50,
    'layer3.5.',
    Array.from({ length: 17 }, (_, at) => `layer3.${at + 6}.`),
  );
  const keras = copied(known.keras.resnet50, 'conv4_block6_', ['conv4_block7_', 'conv4_block23_']);

  it.each([
    ['a deeper network', resnet101, 'pytorch', 'layer3.6.conv1.weight'],
    [
      'one behind a prefix',
      renamed(resnet101, (name) => `module.${name}`),
      'pytorch',
      'module.layer3.6.conv1.weight',
    ],
    ['one of Keras', keras, 'keras', 'conv4_block7_'],
    [
      'one with more in each block',
      { ...resnet50, 'layer1.0.se.fc1.weight': [16, 256, 1, 1] },
      'pytorch',
      'layer1.0.se.fc1.weight',
    ],
    ['a deeper EfficientNet', copied(b0, 'features.2.1.', ['features.2.2.']), 'pytorch', 'features.2.2.'],
  ] as [string, Shapes, WeightFile['family'], string][])(
    'are not taken for the smaller one: %s',
    (_, shapes, family, first) => {
      const file = fileOf(shapes, family);
      expect(() => matchWeights(file)).toThrow(`the first ${first}`);
      // Whoever says so gets it, and is told what was left out.
      const name = first.startsWith('features') ? 'efficientnet_b0' : 'resnet50';
      expect(matchWeights(file, name).unmatched.length).toBeGreaterThan(0);
    },
  );

  it('are those of a backbone with other heads, a decoder or a second copy around it', () => {
    const inside = renamed(resnet50, (name) => `encoder_q.${name}`);
    const around = {
      ...inside,
      ...renamed(inside, (name) => name.replace('_q', '_k')),
      'encoder_q.fc.2.weight': [128, 2048],
      'encoder_q.neck.0.weight': [256, 2048, 1, 1],
      'decoder.layer1.0.weight': [64, 64, 3, 3],
      'encoder_q.layer1.0.scale': [256],
    };
    expect(matchWeights(fileOf(around, 'pytorch')).card.name).toBe('resnet50');
    const headed = { ...known.keras.mobilenet_v2, 'dense/kernel': [1280, 64], 'dense_1/kernel': [64, 2] };
    expect(matchWeights(fileOf(headed, 'keras')).card.name).toBe('mobilenet_v2');
  });
});

describe('networks for X-rays', () => {
  const xrv: Shapes = {
    ...known.torchvision.densenet121,
    'features.conv0.weight': [64, 1, 7, 7],
    'classifier.weight': [18, 1024],
    'classifier.bias': [18],
  };

  it('keep their one channel, their classes and their range', () => {
    const { model, report } = modelFromWeights(fileOf(xrv, 'pytorch'), { oneChannel: false });
    expect(report).toMatchObject({
      architecture: 'densenet121',
      channels: 1,
      classes: 18,
      preprocessing: 'xrv',
    });
    expect(model.network.inputShape[2]).toBe(1);
    expect(model.preprocessing).toEqual({ scale: [2048], offset: [-1024] });
  });
});

describe('a network of three channels for grey images', () => {
  it('sums its first convolution, and says so', () => {
    const file = fileOf(known.torchvision.resnet18, 'pytorch');
    const { model, report } = modelFromWeights(file, { oneChannel: true });
    expect(report.adapted).toEqual([
      { name: 'conv1.weight', how: 'summed over its 3 channels, for grey images' },
    ]);
    const { shape, data } = model.parameters.get('conv1_conv/kernel');
    expect(shape).toEqual([7, 7, 1, 64]);
    // Numbers count in PyTorch's order [64, 3, 7, 7]: filter 5 at row 2, column 4.
    const at = (channel: number): number => ((5 * 3 + channel) * 7 + 2) * 7 + 4;
    expect(data[(2 * 7 + 4) * 64 + 5]).toBe(at(0) + at(1) + at(2));
    expect(model.preprocessing.scale).toHaveLength(1);
  });
});

describe('a file that does not fit', () => {
  it('is refused with the nearest network and what differs', () => {
    const { 'layer4.1.conv2.weight': dropped, ...rest } = known.torchvision.resnet34;
    expect(dropped).toBeDefined();
    const thrown = (shapes: Shapes, wanted?: string): unknown => {
      try {
        return matchWeights(fileOf(shapes, 'pytorch'), wanted);
      } catch (error) {
        return error;
      }
    };
    expect(thrown(rest, 'resnet34')).toMatchObject({
      code: 'weights-unmatched',
      message: expect.stringMatching(
        /found 181 of 182 of ResNet-34, the nearest.*conv5_block2_2_conv\/kernel \[3, 3, 512, 512\]/,
      ),
    });
    expect(thrown({ 'encoder.weight': [3, 4] })).toMatchObject({
      code: 'weights-unmatched',
      message: expect.stringContaining('1 arrays with other names (encoder.weight)'),
    });
  });
});

describe('axes', () => {
  it('change places as they do in a loop for each', () => {
    const shape = [2, 3, 4, 5];
    const data = Float32Array.from({ length: 120 }, (_, at) => at);
    const turned = transpose(data, shape, [2, 3, 1, 0]);
    for (let a = 0; a < 2; a++)
      for (let b = 0; b < 3; b++)
        for (let c = 0; c < 4; c++)
          for (let d = 0; d < 5; d++)
            expect(turned[((c * 5 + d) * 3 + b) * 2 + a]).toBe(data[((a * 3 + b) * 4 + c) * 5 + d]);
  });

  it('of channels add up', () => {
    expect([...sumChannels(Float32Array.of(1, 2, 3, 4, 5, 6), [1, 1, 3, 2])]).toEqual([9, 12]);
  });
});
