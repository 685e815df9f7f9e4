import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import {
  exportOnnx,
  exportTfjs,
  openOnnx,
  openTfjs,
  Parameters,
  type Program,
  sizeOf,
} from '../../../src-main/engine/index.ts';
import {
  inferenceProgram,
  initialiseParameters,
  modelCard,
  modelCards,
} from '../../../src-main/models/index.ts';
import { relativeDifference } from '../kernels/compare.ts';
import { draw } from '../networks/sketch.ts';
import { sketches } from '../networks/sketches.ts';

const options = { freeBatch: 13, generatedBy: 'Graft test' };

const wave = (count: number, seed: number): Float32Array =>
  Float32Array.from({ length: count }, (_, at) => 0.5 + 0.5 * Math.sin(at * 1.7 + seed));

/** A program of one image input: what stock TensorFlow.js gives beside what ONNX Runtime gives, for several batches. */
async function compare(program: Program, parameters: Parameters): Promise<void> {
  const [[input, { shape }]] = Object.entries(program.inputs);
  const onnx = await openOnnx(exportOnnx(program, parameters, { freeBatch: 13 }), { threads: 1 });
  const tfjs = await openTfjs(exportTfjs(program, parameters, options));
  try {
    for (const batch of [1, 5]) {
      const extents = [batch, ...shape.slice(1)];
      const images = wave(sizeOf(extents), batch);
      const expected = await onnx.run({ [input]: images }, { [input]: extents });
      for (const [name, { data }] of Object.entries(expected)) {
        const found = tfjs.run(images, extents, name);
        expect(found).toHaveLength(data.length);
        expect(relativeDifference(found, data as Float32Array)).toBeLessThan(1e-5);
      }
    }
  } finally {
    tfjs.dispose();
    await onnx.dispose();
  }
}

/** A program of one image `[13, 9, 11, 4]` without weights. */
const plain = (name: string, body: (image: tf.Tensor4D) => tf.Tensor): Program => ({
  name,
  inputs: { image: { shape: [13, 9, 11, 4], dtype: 'float32' } },
  body: ({ image }) => ({ y: body(image as tf.Tensor4D) }),
});

const around = (
  top: number,
  bottom: number,
  left: number,
  right: number,
): tf.backend_util.ExplicitPadding => [
  [0, 0],
  [top, bottom],
  [left, right],
  [0, 0],
];

describe('A model of TensorFlow.js', () => {
  it.each(sketches)('takes any batch, and gives what ONNX Runtime gives: $name', async (sketch) => {
    await compare(
      {
        name: sketch.name,
        inputs: { images: { shape: [13, ...sketch.input.slice(1)], dtype: 'float32' } },
        body: ({ images }, scope) => {
          const logits = sketch.forward(images as tf.Tensor4D, (name) => scope(name));
          return { logits, probabilities: tf.softmax(logits) };
        },
      },
      draw(sketch).parameters,
    );
  });

  it.each([
    plain('pools padded on one side', (x) =>
      tf.concat(
        [tf.maxPool(tf.neg(x), 3, 2, around(0, 1, 0, 0)), tf.avgPool(x, 3, 2, around(0, 1, 0, 0))],
        3,
      ),
    ),
    plain('an average of what lies inside', (x) => tf.avgPool(x, 3, 1, around(1, 1, 1, 1))),
    plain('every other row from behind', (x) =>
      tf.reverse(x, 1).stridedSlice([0, 0, 0, 0], [13, 9, 11, 3], [1, 2, 1, 1]),
    ),
    plain('resizing', (x) => tf.image.resizeBilinear(x, [5, 17], false, true)),
    plain('attention', (x) => {
      const rows = tf.reshape(x, [13, 99, 4]);
      return tf.matMul(tf.softmax(tf.matMul(rows, rows, false, true)), rows);
    }),
    plain('activations', (x) =>
      tf.addN([
        tf.leakyRelu(tf.sub(x, 0.5), 0.1),
        tf.elu(tf.sub(x, 0.7)),
        tf.selu(x),
        tf.softplus(x),
        tf.erf(x),
        tf.relu6(tf.mul(x, 9)),
      ]),
    ),
    plain('means of features', (x) => tf.logSoftmax(tf.mean(x, [1, 2]))),
    plain('choices', (x) =>
      tf.where(tf.greater(x, 0.5), tf.clipByValue(x, 0.6, 0.8), tf.cast(tf.less(x, 0.2), 'float32')),
    ),
  ])('has $name', async (program) => {
    await compare(program, new Parameters());
  });

  it('has what depends on weights alone computed beforehand', () => {
    const parameters = new Parameters();
    parameters.add('kernel', [3, 3, 4, 2], wave(72, 3));
    parameters.add('variance', [2], Float32Array.of(0.25, 4));
    const { json } = exportTfjs(
      {
        name: 'normalised',
        inputs: { image: { shape: [13, 9, 11, 4], dtype: 'float32' } },
        body: ({ image }, scope) => {
          const y = tf.conv2d(image as tf.Tensor4D, scope('kernel') as unknown as tf.Tensor4D, 1, 'same');
          return { y: tf.mul(y, tf.rsqrt(scope('variance'))) };
        },
      },
      parameters,
      options,
    );
    const { modelTopology } = JSON.parse(json) as { modelTopology: { node: { op: string }[] } };
    expect(modelTopology.node.map(({ op }) => op)).toEqual(['Placeholder', 'Const', 'Conv2D', 'Identity']);
  });

  it('is refused in one sentence where it cannot be', () => {
    const program = plain('softmax over rows', (x) => tf.cumsum(x, 1));
    expect(() => exportTfjs(program, new Parameters(), options)).toThrow(
      /found cumulativeSum in this network/,
    );
  });

  it('lies in files of 4 MiB', async () => {
    const parameters = new Parameters();
    parameters.add('kernel', [4, 600_000], wave(2_400_000, 1));
    const program: Program = {
      name: 'wide',
      inputs: { x: { shape: [13, 4], dtype: 'float32' } },
      body: ({ x }, scope) => ({
        y: tf.max(tf.matMul(x as tf.Tensor2D, scope('kernel') as unknown as tf.Tensor2D), 1),
      }),
    };
    const { shards } = exportTfjs(program, parameters, options);
    expect(shards.map(({ bytes }) => bytes.length)).toEqual([4194304, 4194304, 1211396]);
    expect(shards[2].name).toBe('group1-shard3of3.bin');
    await compare(program, parameters);
  });
});

describe('Every network of the library', () => {
  it.each(modelCards().map(({ name }) => name))(
    'is a model of TensorFlow.js: %s',
    { timeout: 120_000 },
    (name) => {
      const card = modelCard(name);
      const size = name === 'inception_v3' ? 75 : 32;
      const network = card.architecture([size, size, card.channels], 3);
      const parameters = initialiseParameters(network, 1);
      const model = {
        network,
        classes: ['a', 'b', 'c'],
        preprocessing: card.preprocessing,
        imageChannels: card.channels,
      };
      const { json } = exportTfjs(inferenceProgram(model, 13), parameters, options);
      expect(json.length).toBeGreaterThan(1000);
    },
  );
});
