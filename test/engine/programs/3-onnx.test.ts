import { describe, expect, it } from 'vitest';
import * as tf from '@tensorflow/tfjs-core';
import {
  bytesOf,
  exportOnnx,
  openExecutor,
  openOnnx,
  Parameters,
  type Program,
  sizeOf,
} from '../../../src-main/engine/index.ts';
import { encodeModel } from '../../../src-main/engine/onnx/model.ts';
import { MessageWriter } from '../../../src-main/engine/onnx/protobuf.ts';
import { relativeDifference } from '../kernels/compare.ts';
import { draw } from '../networks/sketch.ts';
import { sketches } from '../networks/sketches.ts';
import { integersOf, messagesOf, readMessage, textsOf } from './read-message.ts';

describe('A protobuf message', () => {
  it('has integers as varints, large and negative ones too', () => {
    expect([...new MessageWriter().integer(1, 0).integer(2, 300).finish()]).toEqual([8, 0, 16, 172, 2]);
    for (const value of [0, 1, 127, 128, 2 ** 31, 2 ** 40 + 3, -1, -(2 ** 40)])
      expect(integersOf(readMessage(new MessageWriter().integer(20, value).finish()), 20)).toEqual([value]);
  });

  it('has texts as UTF-8, and floats as four bytes', () => {
    const fields = readMessage(new MessageWriter().text(3, 'Lunge, linke – 肺').float(2, -0.1).finish());
    expect(textsOf(fields, 3)).toEqual(['Lunge, linke – 肺']);
    expect(new Float32Array((fields[1].value as Uint8Array).slice().buffer)[0]).toBe(Math.fround(-0.1));
  });

  it('holds messages within messages, and long runs of bytes as they are', () => {
    const long = Uint8Array.from({ length: 5000 }, (_, i) => i % 251);
    const inner = new MessageWriter().integer(1, 7).bytes(9, long).packedIntegers(2, [1, -1, 300]);
    const bytes = new MessageWriter().text(2, 'before').message(5, inner).integer(6, 1).finish();
    const fields = readMessage(bytes);
    expect(fields.map(({ field }) => field)).toEqual([2, 5, 6]);
    const [read] = messagesOf(fields, 5);
    expect(read[1].value).toEqual(long);
    expect(read[2].value).toHaveLength(1 + 10 + 2);
  });
});

/** `y = x · weight` for one pixel, written by hand. */
const graph = {
  name: 'product',
  inputs: [{ name: 'x', type: 'float32', shape: ['batch', 2] }],
  outputs: [{ name: 'y', type: 'float32', shape: ['batch', 1] }],
  nodes: [{ op: 'Gemm', inputs: ['x', 'w'], outputs: ['y'], attributes: { alpha: { float: 2 }, transB: 1 } }],
  constants: [{ name: 'w', type: 'float32', shape: [1, 2], data: bytesOf(Float32Array.of(3, 4)) }],
  opset: 18,
  metadata: { classes: 'a, b' },
} as const;

describe('An ONNX file', () => {
  it('says its versions, its shapes with their free dimensions, and its metadata', () => {
    const model = readMessage(encodeModel(graph));
    expect(integersOf(model, 1)).toEqual([8]);
    expect(textsOf(model, 2)).toEqual(['Graft']);
    expect(messagesOf(model, 8).map((set) => [textsOf(set, 1), integersOf(set, 2)])).toEqual([[[''], [18]]]);
    expect(messagesOf(model, 14).map((entry) => [...textsOf(entry, 1), ...textsOf(entry, 2)])).toEqual([
      ['classes', 'a, b'],
    ]);
    const [body] = messagesOf(model, 7);
    const [input] = messagesOf(body, 11);
    const [tensor] = messagesOf(messagesOf(input, 2)[0], 1);
    const dimensions = messagesOf(messagesOf(tensor, 2)[0], 1);
    expect(textsOf(input, 1)).toEqual(['x']);
    expect(textsOf(dimensions[0], 2)).toEqual(['batch']);
    expect(integersOf(dimensions[1], 1)).toEqual([2]);
  });

  it('is read by ONNX Runtime, and computes what it says', async () => {
    const model = await openOnnx(encodeModel(graph), { threads: 1 });
    const { y } = await model.run({ x: Float32Array.of(1, 1, 2, 0.5) }, { x: [2, 2] });
    expect([...y.data]).toEqual([14, 16]);
    await expect(model.run({}, {})).rejects.toThrow('an input named x');
    await model.dispose();
  });
});

/** The network as a file takes it: images in, logits and probabilities out. */
function inference(sketch: (typeof sketches)[number], batch: number): Program {
  return {
    name: sketch.name,
    inputs: { images: { shape: [batch, ...sketch.input.slice(1)], dtype: 'float32' } },
    body: ({ images }, scope) => {
      const logits = sketch.forward(images as tf.Tensor4D, (name) => scope(name));
      return { logits, probabilities: tf.softmax(logits) };
    },
  };
}

describe('A network that was exported', () => {
  it.each(sketches)('takes any batch, and gives what TF.js gives: $name', async (sketch) => {
    const { parameters } = draw(sketch);
    const file = exportOnnx(inference(sketch, 13), parameters, { freeBatch: 13 });
    const [body] = messagesOf(readMessage(file), 7);
    // Operators of any runtime: none from a domain of its own.
    expect(
      messagesOf(body, 1)
        .flatMap((node) => textsOf(node, 7))
        .filter(Boolean),
    ).toEqual([]);
    const model = await openOnnx(file, { threads: 1 });
    const reference = await openExecutor({ engine: 'reference' });
    for (const batch of [1, 5]) {
      const shape = [batch, ...sketch.input.slice(1)];
      const images = Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i * 1.7 + batch));
      const found = await model.run({ images }, { images: shape });
      const expected = await (await reference.compile(inference(sketch, batch), parameters)).run({ images });
      for (const name of ['logits', 'probabilities']) {
        expect(found[name].shape).toEqual(expected[name].shape);
        expect(relativeDifference(found[name].data, expected[name].data)).toBeLessThan(1e-5);
      }
    }
    await model.dispose();
  });

  it('keeps its shapes where no batch is to be free', () => {
    const [sketch] = sketches;
    const file = exportOnnx(inference(sketch, 2), draw(sketch).parameters, { metadata: { licence: 'x' } });
    const model = readMessage(file);
    const [input] = messagesOf(messagesOf(model, 7)[0], 11);
    const [tensor] = messagesOf(messagesOf(input, 2)[0], 1);
    const dimensions = messagesOf(messagesOf(tensor, 2)[0], 1);
    expect(dimensions.flatMap((dimension) => integersOf(dimension, 1))).toEqual([2, 12, 12, 3]);
    expect(messagesOf(model, 14).map((entry) => textsOf(entry, 1)[0])).toEqual(['licence']);
  });

  it('has constants for all its weights', () => {
    const [sketch] = sketches;
    const file = exportOnnx(inference(sketch, 2), draw(sketch).parameters);
    const [body] = messagesOf(readMessage(file), 7);
    expect(messagesOf(body, 11).map((input) => textsOf(input, 1)[0])).toEqual(['images']);
  });

  it('does not change with the weights afterwards', async () => {
    const parameters = new Parameters();
    parameters.add('w', [2], Float32Array.of(1, 2));
    const program: Program = {
      name: 'scale',
      inputs: { x: { shape: [2], dtype: 'float32' } },
      body: ({ x }, scope) => ({ y: tf.mul(x, scope('w')) }),
    };
    const file = exportOnnx(program, parameters);
    parameters.get('w').data.fill(9);
    const model = await openOnnx(file);
    expect([...(await model.run({ x: Float32Array.of(1, 1) }, { x: [2] })).y.data]).toEqual([1, 2]);
    await model.dispose();
  });
});
