import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as tfl from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelFromWeights, openWeightFile, parameterSpecs } from '../../../src-main/models/index.ts';
import { mobilenetV2 } from '../../../src-main/models/architectures/mobilenet-v2.ts';
import { RandomStream } from '../../../src-main/platform/random.ts';

const FILES = new URL('./files/tfjs/', import.meta.url).pathname;
type Listed = Record<string, { shape: number[]; values: number[] }>;
const expected = JSON.parse(readFileSync(join(FILES, 'expected.json'), 'utf8')) as Record<string, Listed>;

let place: string;
beforeAll(() => (place = realpathSync(mkdtempSync(join(tmpdir(), 'graft-tfjs-')))));
afterAll(() => rmSync(place, { recursive: true }));

async function listed(path: string): Promise<Listed> {
  const weights = await openWeightFile(path);
  try {
    return Object.fromEntries(
      [...weights.tensors.values()].map(({ name, shape, read }) => [
        name,
        { shape: [...shape], values: [...read()] },
      ]),
    );
  } finally {
    weights.close();
  }
}

describe.each(Object.keys(expected))('the TensorFlow.js model “%s”', (name) => {
  it('gives the numbers that its converter reads back, from the folder and from its model.json', async () => {
    const found = await listed(join(FILES, name));
    expect(found).toEqual(expected[name]);
    expect(await listed(join(FILES, name, 'model.json'))).toEqual(found);
  });
});

describe('a layers model', () => {
  it('calls its weights by layer, as Keras does, nested or not', async () => {
    for (const name of ['layers', 'nested', 'quantized']) {
      const weights = await openWeightFile(join(FILES, name));
      weights.close();
      expect(weights).toMatchObject({ format: 'tfjs-layers', family: 'keras' });
      expect([...weights.tensors.keys()]).toContain('second/depthwise_kernel');
    }
  });

  it('names all files that its weights lie in, for the checksum', async () => {
    const weights = await openWeightFile(join(FILES, 'layers'));
    weights.close();
    expect(weights.parts?.map((part) => part.slice(-21))).toEqual(
      [1, 2, 3, 4, 5, 6, 7].map((at) => `/group1-shard${at}of7.bin`),
    );
  });

  it('is read as TensorFlow.js itself saves it', async () => {
    const model = tfl.sequential({
      layers: [
        tfl.layers.conv2d({ inputShape: [8, 8, 3], filters: 4, kernelSize: 3, name: 'first' }),
        tfl.layers.batchNormalization({ name: 'first_bn' }),
      ],
    });
    const folder = join(place, 'own');
    mkdirSync(folder);
    await model.save(
      tfl.io.withSaveHandler((artifacts) => {
        const { weightData, weightSpecs, ...rest } = artifacts;
        writeFileSync(join(folder, 'weights.bin'), Buffer.from(weightData as ArrayBuffer));
        const weightsManifest = [{ paths: ['./weights.bin'], weights: weightSpecs }];
        writeFileSync(join(folder, 'model.json'), JSON.stringify({ ...rest, weightsManifest }));
        return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } });
      }),
    );
    const found = await listed(folder);
    const kernel = model.getLayer('first').getWeights()[0];
    expect(found['first/kernel']).toEqual({ shape: [3, 3, 3, 4], values: [...kernel.dataSync()] });
    expect(Object.keys(found)).toEqual(
      expect.arrayContaining(['first/bias', 'first_bn/gamma', 'first_bn/moving_variance']),
    );
  });

  it('is matched to a network of the library by its names, quantised as it is', async () => {
    const network = mobilenetV2([224, 224, 3], 7);
    const folder = join(place, 'mobilenet');
    const specs = parameterSpecs(network);
    const first = Uint8Array.from({ length: specs[0].shape.reduce((a, b) => a * b) }, (_, at) => at % 251);
    const sizes = specs.map(({ shape }) => shape.reduce((a, b) => a * b));
    const bytes = new Uint8Array(sizes.reduce((a, b) => a + b));
    bytes.set(first);
    const quantization = { dtype: 'uint8', scale: 0.5, min: -3 };
    writeModel(folder, bytes, {
      weights: specs.map(({ name, shape }) => ({ name, shape, dtype: 'float32', quantization })),
    });
    const file = await openWeightFile(folder);
    const { model, report } = modelFromWeights(file, { oneChannel: false });
    file.close();
    expect(report).toMatchObject({
      architecture: 'mobilenet_v2',
      format: 'TensorFlow.js layers model',
      naming: 'Keras',
      classes: 7,
      preprocessing: 'tf',
      unmatched: [],
    });
    expect([...model.parameters.get(specs[0].name).data]).toEqual([...first].map((q) => q * 0.5 - 3));
  });
});

interface Written {
  weights?: unknown;
  paths?: unknown;
  manifest?: unknown;
}

function writeModel(folder: string, bytes: Uint8Array, { weights, paths, manifest }: Written): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'shard.bin'), bytes);
  const weightsManifest = manifest ?? [{ paths: paths ?? ['shard.bin'], weights }];
  writeFileSync(join(folder, 'model.json'), JSON.stringify({ format: 'layers-model', weightsManifest }));
  return folder;
}

async function outcome(path: string): Promise<string> {
  try {
    await listed(path);
    return 'nothing was wrong';
  } catch (error) {
    return (error as Error).message;
  }
}

const SENTENCE = /^Expected [^\n]*found [^\n]*\.$/;

describe('a model of TensorFlow.js that means ill', () => {
  const one = { name: 'a/kernel', shape: [2], dtype: 'float32' };

  it.each([
    ['../shard.bin', 'outside its folder'],
    ['inner/../../shard.bin', 'outside its folder'],
    ['/etc/hostname', 'outside its folder'],
    ['..\\shard.bin', 'outside its folder'],
    ['C:\\shard.bin', 'outside its folder'],
    ['file:///etc/hostname', 'outside its folder'],
    ['.', 'outside its folder'],
    ['link.bin', 'a link out of its folder'],
    ['linked/shard.bin', 'a link out of its folder'],
    ['inner', 'which is no file'],
    ['absent.bin', 'no absent.bin beside it'],
    ['null\0byte', 'outside its folder'],
    ['', 'outside its folder'],
  ])('is refused when it names weights at “%s”', async (path, what) => {
    const folder = join(place, 'elsewhere', 'model');
    rmSync(dirname(folder), { recursive: true, force: true });
    writeModel(folder, new Uint8Array(8), { weights: [one], paths: [path] });
    mkdirSync(join(folder, 'inner'));
    writeFileSync(join(folder, '..', 'shard.bin'), new Uint8Array(8));
    symlinkSync(join(folder, '..', 'shard.bin'), join(folder, 'link.bin'));
    symlinkSync(join(folder, '..'), join(folder, 'linked'));
    const said = await outcome(folder);
    expect(said).toMatch(SENTENCE);
    expect(said).toContain(what);
  });

  it.each<[string, Written]>([
    ['more than there is', { weights: [{ ...one, shape: [3] }] }],
    ['less than there is', { weights: [{ ...one, shape: [1] }] }],
    ['more than any machine has', { weights: [{ ...one, shape: [2 ** 40, 2 ** 40] }] }],
    ['a negative extent', { weights: [{ ...one, shape: [-2] }] }],
    ['a thousand axes', { weights: [{ ...one, shape: Array.from({ length: 1000 }, () => 1) }] }],
    ['another type', { weights: [{ ...one, dtype: 'float8' }] }],
    ['the type constructor', { weights: [{ ...one, dtype: 'constructor' }] }],
    ['texts past the end', { weights: [{ ...one, dtype: 'string' }] }],
    ['a quantisation that nobody knows', { weights: [{ ...one, quantization: { dtype: 'int4' } }] }],
    [
      'a name twice',
      {
        weights: [
          { ...one, shape: [1] },
          { ...one, shape: [1] },
        ],
      },
    ],
    ['a file twice', { weights: [{ ...one, shape: [4] }], paths: ['shard.bin', './shard.bin'] }],
    [
      'a file in two groups',
      { manifest: [1, 2].map((at) => ({ paths: ['shard.bin'], weights: [{ ...one, name: `${at}` }] })) },
    ],
    ['no arrays', { manifest: [] }],
    ['nothing of a group', { manifest: [null] }],
    ['numbers for paths', { weights: [one], paths: [1] }],
  ])('is refused in one sentence when it asks for %s', async (_, written) => {
    expect(await outcome(writeModel(join(place, 'asks'), new Uint8Array(8), written))).toMatch(SENTENCE);
  });

  it('is refused for a shard alone, saying what to choose', async () => {
    expect(await outcome(join(FILES, 'layers', 'group1-shard1of7.bin'))).toMatch(
      /Choose model\.json beside it\.$/,
    );
  });

  it.each(['layers', 'quantized', 'types'])(
    'is refused, or read as it is, wherever %s is cut or changed',
    async (name) => {
      const random = new RandomStream(13, name);
      const folder = join(place, `changed-${name}`);
      cpSync(join(FILES, name), folder, { recursive: true });
      const whole = readFileSync(join(folder, 'model.json'));
      const write = (bytes: Uint8Array): void => writeFileSync(join(folder, 'model.json'), bytes);
      for (let attempt = 0; attempt < 60; attempt++) {
        write(whole.subarray(0, Math.floor(random.uniform() * (whole.length - 1))));
        expect(await outcome(folder)).toMatch(SENTENCE);
      }
      for (let attempt = 0; attempt < 300; attempt++) {
        const changed = Buffer.from(whole);
        for (let flips = 0; flips < 3; flips++)
          changed[Math.floor(random.uniform() * changed.length)] = 32 + Math.floor(random.uniform() * 95);
        write(changed);
        expect(await outcome(folder)).toMatch(/^Expected [^\n]*found [^\n]*\.$|^nothing was wrong$/);
      }
      write(whole);
      const [shard] = (JSON.parse(whole.toString()) as { weightsManifest: { paths: string[] }[] })
        .weightsManifest[0].paths;
      writeFileSync(join(folder, shard), readFileSync(join(folder, shard)).subarray(1));
      expect(await outcome(folder)).toMatch(SENTENCE);
    },
  );
});
