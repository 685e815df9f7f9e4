import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, it } from 'vitest';
import { GraftError } from '../../../src-main/contract/errors.ts';
import { compileTrainingStep, openExecutor, type Program } from '../../../src-main/engine/index.ts';
import { encodeModel, type OnnxGraph } from '../../../src-main/engine/onnx/model.ts';
import {
  applyNetwork,
  atSize,
  backboneStages,
  detectFormat,
  freezeMap,
  loadModel,
  type Model,
  modelFromWeights,
  type Network,
  openWeightFile,
  outputShapes,
  parameterSpecs,
  planFreeze,
  saveModel,
  trainableParameters,
  withHead,
} from '../../../src-main/models/index.ts';
import { RandomStream } from '../../../src-main/platform/random.ts';

interface Expected {
  /** Channels, height, width. */
  size: [number, number, number];
  output: number[];
  /** `[1, channels, height, width]` by the name of the weights. */
  nodes: Record<string, { shape: number[]; values: number[] }>;
}

const folder = fileURLToPath(new URL('./files/onnx', import.meta.url));
const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Record<string, Expected>;
const scratch = mkdtempSync(join(tmpdir(), 'graft-onnx-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

async function modelOf(
  path: string,
  options: Parameters<typeof modelFromWeights>[1] = {},
): Promise<ReturnType<typeof modelFromWeights>> {
  const file = await openWeightFile(path);
  try {
    return modelFromWeights(file, options);
  } finally {
    file.close();
  }
}

const inFolder = (name: string): string => join(folder, name);

/** The image of make_onnx_files.py, its channels last. */
function image([channels, height, width]: Expected['size']): Float32Array {
  return Float32Array.from({ length: channels * height * width }, (_, at) => {
    const channel = at % channels;
    const pixel = Math.floor(at / channels);
    return Math.sin((channel * height * width + pixel) * 0.7 + 1);
  });
}

/** What a network, or its layers up to one, makes of an image. */
async function run(
  { network, parameters }: Pick<Model, 'network' | 'parameters'>,
  x: Float32Array,
  layer?: string,
): Promise<Float32Array> {
  const at =
    layer === undefined ? network.layers.length - 1 : network.layers.findIndex(({ name }) => name === layer);
  const part: Network = { ...network, layers: network.layers.slice(0, at + 1) };
  const executor = await openExecutor({ engine: 'compiled', threads: 1 });
  const program: Program = {
    name: network.name,
    inputs: { x: { shape: [1, ...network.inputShape], dtype: 'float32' } },
    body: (inputs, scope) => ({ y: applyNetwork(part, scope, inputs.x) }),
  };
  const compiled = await executor.compile(program, parameters);
  const { y } = await compiled.run({ x });
  await compiled.dispose();
  return y.data as Float32Array;
}

/** Largest difference over the root mean square. */
function difference(found: ArrayLike<number>, wanted: readonly number[]): number {
  expect(found).toHaveLength(wanted.length);
  const square = wanted.reduce((sum, value) => sum + value * value, 0) / wanted.length;
  return (
    wanted.reduce((most, value, at) => Math.max(most, Math.abs(value - found[at])), 0) / Math.sqrt(square)
  );
}

const TOLERANCE = 1e-4;

describe.each(Object.entries(expected))('%s', (name, { size, output, nodes }) => {
  it('gives what ONNX Runtime gives, at its output and on the way', async () => {
    const { model, report } = await modelOf(inFolder(name));
    const [channels, height, width] = size;
    // Where the file leaves the size open.
    const sized = { ...model, network: { ...model.network, inputShape: [height, width, channels] as const } };
    const x = image(size);
    const logits = await run(sized, x);
    const softmax = name === 'by-hand.onnx';
    expect(difference(softmax ? probabilities(logits) : logits, output)).toBeLessThan(TOLERANCE);
    expect(report.classes).toBe(output.length);
    for (const [weight, { shape, values }] of Object.entries(nodes)) {
      const found = await run(sized, x, weight.replace(/\.weight$/, ''));
      const [, filters, rows, columns] = shape;
      const last = Array.from({ length: values.length }, (_, at) => {
        const [filter, pixel] = [at % filters, Math.floor(at / filters)];
        return values[filter * rows * columns + pixel];
      });
      expect(difference(found, last), weight).toBeLessThan(TOLERANCE);
    }
  });
});

const probabilities = (logits: Float32Array): number[] => {
  const powers = [...logits].map(Math.exp);
  const sum = powers.reduce((total, value) => total + value, 0);
  return powers.map((value) => value / sum);
};

describe('a network of ONNX', () => {
  it('is known by what is in the file', async () => {
    expect(await detectFormat(inFolder('residual.onnx'))).toBe('onnx');
    expect(await detectFormat(inFolder('mobile.onnx'))).toBe('onnx');
    const other = join(scratch, 'weights.pth');
    writeFileSync(other, readFileSync(inFolder('residual.onnx')));
    expect(await detectFormat(other)).toBe('onnx');
  });

  it('keeps batch normalisation, the names of its modules and stages for each resolution', async () => {
    const { model, report } = await modelOf(inFolder('residual.onnx'));
    const layers = new Map(model.network.layers.map((layer) => [layer.name, layer]));
    expect(layers.get('bn1')).toMatchObject({ kind: 'batchNormalization', stage: 'stem' });
    expect(layers.get('conv2')).toMatchObject({
      kind: 'conv2d',
      stage: 'stage1',
      config: { padding: 'same' },
    });
    expect(backboneStages(model.network)).toEqual(report.graph!.stages);
    expect(report.graph).toMatchObject({ fixedSize: false, layers: 8 });
    expect(report).toMatchObject({
      architecture: 'residual-onnx',
      format: 'ONNX',
      preprocessing: 'torch',
      classes: 5,
    });
  });

  it('takes images of other sizes, or says that it is bound to its own', async () => {
    const free = (await modelOf(inFolder('shuffle.onnx'))).model;
    expect(outputShapes(withHead(atSize(free.network, 48, 64), 2)).get('side')).toEqual([24, 16, 8]);
    const { model, report } = await modelOf(inFolder('transformer.onnx'));
    expect(report.graph?.fixedSize).toBe(true);
    expect(() => atSize(model.network, 48, 48)).toThrow(
      /Expected images of 32 × 32 pixels for transformer-onnx, whose graph is bound to that size; found 48 × 48/,
    );
  });

  it('comes back whole after it was saved', async () => {
    const { model } = await modelOf(inFolder('transformer.onnx'));
    const saved = join(scratch, 'transformer');
    saveModel(saved, model);
    const loaded = loadModel(saved);
    expect(loaded.network).toEqual(model.network);
    expect(loaded.parameters.hash()).toBe(model.parameters.hash());
  });

  it('sees grey images through its first convolution summed', async () => {
    const whole = await modelOf(inFolder('residual.onnx'));
    const gray = await modelOf(inFolder('residual.onnx'), { oneChannel: true });
    expect(gray.report.adapted).toEqual([
      { name: 'conv1', how: 'summed over its 3 channels, for grey images' },
    ]);
    const pixels = image([1, 32, 32]);
    const three = Float32Array.from({ length: pixels.length * 3 }, (_, at) => pixels[Math.floor(at / 3)]);
    const at32 = ({ model }: typeof whole): Model => ({ ...model, network: atSize(model.network, 32, 32) });
    const seen = await run(at32(whole), three);
    expect(difference(await run(at32(gray), pixels), [...seen])).toBeLessThan(1e-5);
  });

  it.each(['residual.onnx', 'mobile.onnx', 'shuffle.onnx', 'transformer.onnx'])(
    '%s learns above the cut, and nothing below it moves',
    async (name) => {
      const { model } = await modelOf(inFolder(name));
      const network = withHead(atSize(model.network, 32, 32), 2);
      const { parameters } = model;
      for (const { name: weight, shape } of parameterSpecs(network))
        if (!parameters.has(weight)) parameters.add(weight, shape);
      const stages = backboneStages(network);
      const plan = planFreeze(network, { freezeUntil: stages[Math.floor((stages.length - 1) / 2)] });
      const trainable = trainableParameters(network, plan);
      const frozen = parameterSpecs(network)
        .map((spec) => spec.name)
        .filter((weight) => !trainable.includes(weight));
      const before = {
        frozen: parameters.hash(frozen),
        each: trainable.map((weight) => parameters.hash([weight])),
      };
      const executor = await openExecutor({ engine: 'compiled', threads: 1 });
      const step = await compileTrainingStep(executor, trainingProgram(network), parameters, {
        trainable,
        optimizer: { kind: 'adamw' },
      });
      const stream = new RandomStream(1, 'images');
      const x = Float32Array.from({ length: 2 * 32 * 32 * 3 }, () => stream.normal(0, 1));
      // The head is drawn as zeros: what lies before it has a gradient from the second step on.
      for (let round = 0; round < 3; round++) await step.run({ x, y: Int32Array.of(0, 1) }, 1e-2);
      await step.dispose();
      expect(parameters.hash(frozen)).toBe(before.frozen);
      expect(freezeMap(network, plan).some(({ trainable: learns }) => learns)).toBe(true);
      const still = trainable.filter((weight, at) => parameters.hash([weight]) === before.each[at]);
      expect(still).toEqual([]);
    },
  );
});

function trainingProgram(network: Network): Program {
  return {
    name: 'a step',
    inputs: { x: { shape: [2, ...network.inputShape], dtype: 'float32' }, y: { shape: [2], dtype: 'int32' } },
    body: ({ x, y }, scope) => {
      const logits = applyNetwork(network, scope, x) as tf.Tensor2D;
      const target = tf.oneHot(tf.cast(y, 'int32') as tf.Tensor1D, 2);
      return { loss: tf.neg(tf.mean(tf.sum(tf.mul(target, tf.logSoftmax(logits)), 1))) };
    },
  };
}

describe('a file that is no network for Graft', () => {
  const bytesOf = (values: Float32Array): Uint8Array => new Uint8Array(values.buffer);
  const graph = (nodes: OnnxGraph['nodes'], more: Partial<OnnxGraph> = {}): string => {
    const path = join(scratch, `graph-${nodes.length}-${nodes.map(({ op }) => op).join('-')}.onnx`);
    const whole: OnnxGraph = {
      name: 'by hand',
      inputs: [{ name: 'x', type: 'float32', shape: ['n', 3, 8, 8] }],
      outputs: [{ name: 'y', type: 'float32', shape: ['n', 4] }],
      nodes,
      constants: [
        { name: 'w', type: 'float32', shape: [4, 3, 1, 1], data: bytesOf(new Float32Array(12).fill(0.1)) },
      ],
      opset: 18,
      ...more,
    };
    writeFileSync(path, encodeModel(whole));
    return path;
  };

  it('names every operator that Graft does not have, at once', async () => {
    const path = graph([
      { op: 'LSTM', inputs: ['x'], outputs: ['a'] },
      { op: 'Attention', domain: 'com.microsoft', inputs: ['a'], outputs: ['y'] },
    ]);
    await expect(modelOf(path)).rejects.toThrow(
      /operators that Graft has, found LSTM, com.microsoft.Attention in/,
    );
  });

  it('says which setting of an operator it does not have, and where', async () => {
    const path = graph([
      {
        op: 'MaxPool',
        name: 'pool',
        inputs: ['x'],
        outputs: ['y'],
        attributes: { kernel_shape: [2, 2], dilations: [2, 2] },
      },
    ]);
    await expect(modelOf(path)).rejects.toThrow(/found MaxPool with dilation \(pool\) in/);
  });

  it('takes one image alone', async () => {
    const two = [
      { name: 'x', type: 'float32', shape: ['n', 3, 8, 8] },
      { name: 'z', type: 'float32', shape: ['n', 3, 8, 8] },
    ] as const;
    const path = graph([{ op: 'Add', inputs: ['x', 'z'], outputs: ['y'] }], { inputs: two });
    await expect(modelOf(path)).rejects.toThrow(/from one image to one output, found 2 inputs/);
  });

  it('does not take an array for another’s shape', async () => {
    const data = bytesOf(new Float32Array(11));
    const path = graph([{ op: 'Conv', inputs: ['x', 'w'], outputs: ['y'] }], {
      constants: [{ name: 'w', type: 'float32', shape: [4, 3, 1, 1], data }],
    });
    await expect(modelOf(path)).rejects.toThrow(/found other numbers than \[4, 3, 1, 1\] in w/);
    const huge = graph(
      [
        { op: 'Conv', inputs: ['x', 'w'], outputs: ['y'] },
        { op: 'Relu', inputs: ['y'], outputs: ['z'] },
      ],
      {
        constants: [{ name: 'w', type: 'float32', shape: [2 ** 30, 2 ** 20], data }],
      },
    );
    await expect(modelOf(huge)).rejects.toThrow(GraftError);
  });

  it('reads numbers beside it from its own folder alone', async () => {
    const source = readFileSync(inFolder('mobile.onnx'));
    const name = Buffer.from('mobile.onnx.data');
    const away = Buffer.from('../../etc/passwd');
    const path = join(scratch, 'away.onnx');
    const bytes = Buffer.from(source);
    for (let at = bytes.indexOf(name); at >= 0; at = bytes.indexOf(name, at)) away.copy(bytes, at);
    writeFileSync(path, bytes);
    await expect(modelOf(path)).rejects.toThrow(/weights named outside its folder/);
    const alone = join(scratch, 'alone.onnx');
    writeFileSync(alone, source);
    await expect(modelOf(alone)).rejects.toThrow(/found no mobile.onnx.data beside it, which holds weights/);
  });

  it('never does more than say a sentence, whatever is cut off or changed', async () => {
    const source = readFileSync(inFolder('mobile-classic.onnx'));
    const path = join(scratch, 'changed.onnx');
    const stream = new RandomStream(7, 'fuzz');
    const wrong: unknown[] = [];
    for (let round = 0; round < 400; round++) {
      const cut = round % 2 === 0;
      const bytes = Buffer.from(
        cut ? source.subarray(0, Math.floor(stream.uniform(0, source.length))) : source,
      );
      if (!cut)
        for (let change = 0; change <= round % 5; change++)
          bytes[Math.floor(stream.uniform(0, bytes.length))] = Math.floor(stream.uniform(0, 256));
      writeFileSync(path, bytes);
      try {
        await modelOf(path);
      } catch (thrown) {
        if (!(thrown instanceof GraftError) || thrown.kind === 'bug') wrong.push(thrown);
      }
    }
    expect(wrong).toEqual([]);
  });
});
