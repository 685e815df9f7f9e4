import { readFileSync } from 'node:fs';
import type * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { openExecutor, sizeOf } from '../../../src-main/engine/index.ts';
import {
  applyNetwork,
  CAFFE,
  modelCard,
  modelFromWeights,
  preprocess,
  stagesOf,
  type WeightFile,
} from '../../../src-main/models/index.ts';
import { formulaValues, units } from '../reference/formula.ts';

interface Sample {
  shape: number[];
  mean: number;
  deviation: number;
  values: number[];
}
const reference = JSON.parse(
  readFileSync(new URL('../reference/resnet50_2018.json', import.meta.url), 'utf8'),
) as {
  input: [number, number, number];
  weights: Record<string, number[]>;
  stages: Record<string, Sample>;
  top: Sample;
};

it('weights of Keras’s ResNet-50 before 2019 compute what they computed there', async () => {
  const tensors = new Map(
    Object.entries(reference.weights).map(([name, shape]) => [
      name,
      { name, shape, read: () => formulaValues(name, shape) },
    ]),
  );
  const file: WeightFile = {
    path: 'resnet50_weights_tf_dim_ordering_tf_kernels.h5',
    format: 'keras-h5',
    family: 'keras',
    tensors,
    metadata: {},
    close: () => {},
  };
  const { model, report } = modelFromWeights(file, { oneChannel: false });
  expect(report).toMatchObject({
    architecture: 'resnet50',
    naming: 'Keras before 2019',
    matched: 320,
    unmatched: [],
    classes: 5,
    preprocessing: 'caffe',
  });
  expect(model.network.variant).toBe('keras-2018');
  // As training builds it for images of another size.
  const network = modelCard('resnet50').architecture(reference.input, 5, model.network.variant);
  const executor = await openExecutor({ engine: 'compiled', threads: 2 });
  const forward = await executor.compile(
    {
      name: 'stages',
      inputs: { image: { shape: [1, ...reference.input], dtype: 'float32' } },
      body: ({ image }, scope) => {
        let x: tf.Tensor = preprocess(image as tf.Tensor4D, 3, CAFFE);
        let from: string | null = null;
        const outputs: Record<string, tf.Tensor> = {};
        for (const stage of stagesOf(network)) {
          x = applyNetwork(network, scope, x, { from, to: stage });
          outputs[stage] = x;
          from = stage;
        }
        return outputs;
      },
    },
    model.parameters,
  );
  const outputs = await forward.run({ image: Float32Array.from(units('image', sizeOf(reference.input))) });
  await forward.dispose();
  await executor.dispose();
  for (const [stage, { shape, values, mean, deviation }] of Object.entries({
    ...reference.stages,
    head: reference.top,
  })) {
    const { data, shape: found } = outputs[stage];
    expect(found.slice(1)).toEqual(shape);
    const difference = Math.max(
      ...values.map((value, at) => Math.abs(value - Number(data[(at * 7919) % data.length]))),
    );
    expect(difference / Math.hypot(mean, deviation), stage).toBeLessThan(3e-5);
  }
});
