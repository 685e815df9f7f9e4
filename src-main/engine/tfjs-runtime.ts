import './tfjs.ts';
import '@tensorflow/tfjs-backend-cpu';
import { io, loadGraphModel } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import type { TfjsModel } from './export-tfjs.ts';

/** A model of TensorFlow.js opened with the stock package on its plain CPU backend, as anybody else would: the check of an export. */
export interface OpenTfjsModel {
  /** Numbers of an output for a batch of images. */
  run(images: Float32Array, shape: readonly number[], output: string): Float32Array;
  dispose(): void;
}

export async function openTfjs({ json, shards }: TfjsModel): Promise<OpenTfjsModel> {
  const { modelTopology, weightsManifest, signature, format } = JSON.parse(json) as {
    modelTopology: object;
    weightsManifest: { weights: io.WeightsManifestEntry[] }[];
    signature: object;
    format: string;
  };
  const data = Buffer.concat(shards.map(({ bytes }) => bytes));
  const before = tf.engine().backendName as string | undefined;
  const onCpu = async <Result>(work: () => Result | Promise<Result>): Promise<Result> => {
    await tf.setBackend('cpu');
    return work();
  };
  const model = await onCpu(() =>
    loadGraphModel(
      io.fromMemory({
        format,
        modelTopology,
        signature,
        weightSpecs: weightsManifest.flatMap(({ weights }) => weights),
        weightData: data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) as ArrayBuffer,
      }),
    ),
  );
  return {
    run: (images, shape, output) => {
      tf.setBackend('cpu');
      return tf.tidy(() => {
        const result = model.execute(tf.tensor(images, [...shape]), output) as tf.Tensor;
        return result.dataSync<'float32'>();
      });
    },
    dispose: () => {
      model.dispose();
      if (before) tf.setBackend(before);
    },
  };
}
