import { bytesOf, type Parameters } from './parameters.ts';
import { shapeOf, typeName } from './tfjs-model/graph-def.ts';
import { StaticValues } from './tfjs-model/static-values.ts';
import { translateGraph } from './tfjs-model/translate.ts';
import { GraphWriter } from './tfjs-model/writer.ts';
import { traceProgram } from './trace/trace.ts';
import type { Program } from './types.ts';

export interface TfjsExportOptions {
  /** The batch size in the program's input shapes, which the model leaves free: a prime that no other extent has, such as 13. */
  freeBatch: number;
  /** Who made it, such as `Graft 1.0.0`. */
  generatedBy: string;
  /** Kept in the file: class names, preprocessing. Never anything about patients. */
  metadata?: Record<string, string>;
}

/** A model of TensorFlow.js: its `model.json`, and the files of weights that it names. */
export interface TfjsModel {
  json: string;
  shards: { name: string; bytes: Uint8Array }[];
}

/** What browsers keep in their caches well, and the converter's own size. */
const SHARD_BYTES = 4 * 2 ** 20;

/**
 * A program with its weights as a graph model of TensorFlow.js, which `loadGraphModel` of the stock package reads. It is the traced
 * program, operation by operation, so that every network has one, ensembles too; what depends on weights alone is computed beforehand.
 *
 * @throws GraftError `tfjs-missing` for operations that it has none for
 */
export function exportTfjs(program: Program, parameters: Parameters, options: TfjsExportOptions): TfjsModel {
  const { outputs } = traceProgram(program, parameters);
  const writer = new GraphWriter(options.freeBatch);
  translateGraph(writer, Object.values(outputs), new StaticValues(parameters));
  for (const [name, node] of Object.entries(outputs))
    writer.emit('Identity', [writer.nameOf(node)], {}, name);
  const signature = (
    tensors: readonly { name: string; dtype: 'float32' | 'int32' | 'bool'; shape: readonly number[] }[],
  ): Record<string, unknown> =>
    Object.fromEntries(
      tensors.map(({ name, dtype, shape }) => [
        name,
        { name: `${name}:0`, dtype: typeName(dtype), tensorShape: shapeOf([-1, ...shape.slice(1)]) },
      ]),
    );
  const shards = shardsOf(Buffer.concat(writer.weights.map(({ data }) => bytesOf(data))));
  const model = {
    format: 'graph-model',
    generatedBy: options.generatedBy,
    convertedBy: options.generatedBy,
    signature: {
      inputs: signature(Object.entries(program.inputs).map(([name, input]) => ({ name, ...input }))),
      outputs: signature(Object.entries(outputs).map(([name, { dtype, shape }]) => ({ name, dtype, shape }))),
    },
    ...(options.metadata ? { userDefinedMetadata: options.metadata } : {}),
    modelTopology: { node: writer.nodes, library: {}, versions: { producer: 1 } },
    weightsManifest: [
      {
        paths: shards.map(({ name }) => name),
        weights: writer.weights.map(({ name, shape, dtype }) => ({ name, shape, dtype })),
      },
    ],
  };
  return { json: JSON.stringify(model), shards };
}

function shardsOf(bytes: Uint8Array): TfjsModel['shards'] {
  const count = Math.max(1, Math.ceil(bytes.length / SHARD_BYTES));
  return Array.from({ length: count }, (_, at) => ({
    name: `group1-shard${at + 1}of${count}.bin`,
    bytes: bytes.subarray(at * SHARD_BYTES, (at + 1) * SHARD_BYTES),
  }));
}
