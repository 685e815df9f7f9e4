import * as tf from '@tensorflow/tfjs-core';
import { GraftError } from '../../contract/errors.ts';
import { GraphBuilder } from '../graph/build.ts';
import type { GraphNode, NodeType } from '../graph/node.ts';

export const TRACE_BACKEND = 'graft-trace';

const RANDOM_OPS = /^(rand(om\w+)?|truncatedNormal|dropout|multinomial)__op$/;

/**
 * A TF.js backend whose tensors hold graph nodes instead of numbers. Running a program on it once records the
 * program; asking a tensor for its values is an error, because at that time there are none.
 */
export class TraceBackend extends tf.KernelBackend {
  builder = new GraphBuilder();
  /** The kernel at work, for error messages. */
  kernel = '';
  #nodes = new WeakMap<object, GraphNode>();
  readonly #references = new WeakMap<object, number>();
  #count = 0;

  /** A fresh graph for a new trace. */
  reset(): void {
    this.builder = new GraphBuilder();
    this.#nodes = new WeakMap();
  }

  nodeOf(info: { dataId: tf.DataId; shape: readonly number[]; dtype: tf.DataType }): GraphNode {
    const node = this.#nodes.get(info.dataId);
    if (!node)
      throw new GraftError('trace-foreign-tensor', 'A tensor from outside this trace was used inside it.', {
        kind: 'bug',
      });
    return this.builder.reshape(node, info.shape);
  }

  /** A tensor handle for a node, as TF.js's kernels return them. */
  wrap(node: GraphNode, dtype: tf.DataType = node.dtype): tf.TensorInfo {
    const dataId = {};
    this.#nodes.set(dataId, node);
    this.#count++;
    return { dataId, shape: [...node.shape], dtype };
  }

  override write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): tf.DataId {
    const node = this.#constant(values, shape, dtype);
    const drawn = randomOperation();
    if (drawn) throw randomError(drawn);
    const dataId = {};
    this.#nodes.set(dataId, node);
    return dataId;
  }

  override move(dataId: tf.DataId, values: tf.BackendValues, shape: number[], dtype: tf.DataType): void {
    this.#nodes.set(dataId, this.#constant(values, shape, dtype));
  }

  #constant(values: tf.BackendValues, shape: number[], dtype: tf.DataType): GraphNode {
    if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
      throw new GraftError(
        'trace-dtype',
        `A traced program may hold float32, int32 and bool tensors; found ${dtype}.`,
      );
    }
    return this.builder.graph.constant(values as Float32Array, shape, dtype as NodeType);
  }

  override readSync(): never {
    const where = this.kernel ? ` (after the kernel ${this.kernel})` : '';
    throw new GraftError(
      'trace-reads-values',
      `The program reads a tensor's values${where}; a traced program has none yet. Express it with tensor operations, or pass the value in as an input.`,
    );
  }

  override read(): never {
    return this.readSync();
  }

  /** Whether nobody holds the tensor any more. A variable shares the data of what it was made from. */
  override disposeData(dataId: tf.DataId, force = false): boolean {
    const left = this.refCount(dataId) - 1;
    this.#references.set(dataId, left);
    return force || left <= 0;
  }

  override refCount(dataId: tf.DataId): number {
    return this.#references.get(dataId) ?? 1;
  }

  override incRef(dataId: tf.DataId): void {
    this.#references.set(dataId, this.refCount(dataId) + 1);
  }

  override numDataIds(): number {
    return this.#count;
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override timerAvailable(): boolean {
    return false;
  }

  override dispose(): void {}
}

/** The TF.js function at work that draws random numbers, seeded or not, as its scopes tell; undefined if there is none. */
export function randomOperation(): string | undefined {
  const scope = tf.engine().state.scopeStack.find(({ name }) => RANDOM_OPS.test(name));
  return scope?.name.replace(/__op$/, '');
}

/** Numbers drawn while tracing would be the same at every step: refused, whichever way they were drawn. */
export function randomError(what: string): GraftError {
  return new GraftError(
    'trace-random',
    `The program draws random numbers (${what}), which would be the same at every step. Draw them outside and pass them in as an input.`,
  );
}
