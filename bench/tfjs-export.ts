// Every network of the library as a model of TensorFlow.js beside the same as ONNX: largest difference of the logits
// relative to their root mean square, sizes and seconds. Weights are random, which would let probabilities be 0 and 1 and tell nothing.
//
//   node bench/tfjs-export.ts [--size 96] [NAME …]
import { parseArgs } from 'node:util';
import type * as tf from '@tensorflow/tfjs-core';
import { exportOnnx, exportTfjs, openOnnx, openTfjs, type Program } from '../src-main/engine/index.ts';
import { applyNetwork, initialiseParameters, modelCard, modelCards } from '../src-main/models/index.ts';

const { values, positionals } = parseArgs({
  options: { size: { type: 'string', default: '96' } },
  allowPositionals: true,
});
const size = Number(values.size);
const names = positionals.length > 0 ? positionals : modelCards().map(({ name }) => name);
const CLASSES = 3;
const BATCH = 13;

for (const name of names) {
  const card = modelCard(name);
  const side = name === 'inception_v3' ? Math.max(size, 96) : size;
  const network = card.architecture([side, side, card.channels], CLASSES);
  const parameters = initialiseParameters(network, 1);
  const program: Program = {
    name,
    inputs: { image: { shape: [BATCH, side, side, card.channels], dtype: 'float32' } },
    body: ({ image }, scope) => ({ logits: applyNetwork(network, scope, image as tf.Tensor4D) }),
  };
  const image = Float32Array.from(
    { length: side * side * card.channels },
    (_, at) => 0.5 + 0.5 * Math.sin(at * 1.7),
  );
  const shape = [1, side, side, card.channels];
  const onnx = await openOnnx(exportOnnx(program, parameters, { freeBatch: BATCH }));
  const expected = (await onnx.run({ image }, { image: shape })).logits.data;
  await onnx.dispose();
  const startedAt = performance.now();
  const exported = exportTfjs(program, parameters, { freeBatch: BATCH, generatedBy: 'bench' });
  const written = performance.now();
  const tfjs = await openTfjs(exported);
  const found = tfjs.run(image, shape, 'logits');
  const ran = performance.now();
  tfjs.dispose();
  const scale = Math.hypot(...expected) / Math.sqrt(expected.length);
  const gap = Math.max(...found.map((value, at) => Math.abs(value - expected[at]))) / scale;
  const bytes = exported.shards.reduce((sum, shard) => sum + shard.bytes.length, 0);
  console.log(
    `${name.padEnd(16)} ${side}²  difference ${gap.toExponential(1)}  ${(bytes / 1e6).toFixed(1)} MB in ${exported.shards.length} files  ` +
      `written in ${((written - startedAt) / 1000).toFixed(1)} s, one image in ${((ran - written) / 1000).toFixed(1)} s on plain CPU`,
  );
}
