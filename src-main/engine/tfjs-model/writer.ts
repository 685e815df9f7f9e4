import type { GraphNode, NodeType } from '../graph/node.ts';
import { type AttributeValue, integer, type NodeDef, shapeOf, typeOf, type Weight } from './graph-def.ts';

/** Collects the nodes and constants of a graph of TensorFlow. */
export class GraphWriter {
  readonly nodes: NodeDef[] = [];
  readonly weights: Weight[] = [];
  /** The batch that the program was traced with, which the graph leaves free. */
  readonly batch: number;
  readonly #names = new Map<GraphNode, string>();
  readonly #small = new Map<string, string>();

  constructor(batch: number) {
    this.batch = batch;
  }

  /** Adds an operation and returns its name. */
  emit(
    op: string,
    input: readonly string[],
    attr: Record<string, AttributeValue> = {},
    name?: string,
  ): string {
    const own = name ?? `${op.toLowerCase()}_${this.nodes.length}`;
    this.nodes.push({ name: own, op, input: [...input], attr: { T: typeOf('float32'), ...attr } });
    return own;
  }

  placeholder(name: string, shape: readonly number[], dtype: NodeType): string {
    const free = shape.map((extent, axis) => (axis === 0 ? -1 : extent));
    this.nodes.push({
      name,
      op: 'Placeholder',
      input: [],
      attr: { dtype: typeOf(dtype), shape: { shape: shapeOf(free) } },
    });
    return name;
  }

  constant(data: Weight['data'], shape: readonly number[], dtype: NodeType): string {
    const key = data.length <= 64 ? `${dtype}[${shape}]${[...data]}` : null;
    const known = key === null ? undefined : this.#small.get(key);
    if (known !== undefined) return known;
    const name = `const_${this.weights.length}`;
    this.weights.push({ name, shape, dtype, data });
    this.nodes.push({
      name,
      op: 'Const',
      input: [],
      attr: {
        dtype: typeOf(dtype),
        value: { tensor: { dtype: (typeOf(dtype) as { type: string }).type, tensorShape: shapeOf(shape) } },
      },
    });
    if (key !== null) this.#small.set(key, name);
    return name;
  }

  /** A list of whole numbers, as axes, shapes and bounds are given. */
  list(values: readonly number[]): string {
    return this.constant(Int32Array.from(values), [values.length], 'int32');
  }

  number(value: number): string {
    return this.constant(Float32Array.of(value), [], 'float32');
  }

  whole(value: number): string {
    return this.constant(Int32Array.of(value), [], 'int32');
  }

  concat(parts: readonly string[], axis: number): string {
    return this.emit('ConcatV2', [...parts, this.whole(axis)], {
      N: integer(parts.length),
      Tidx: typeOf('int32'),
    });
  }

  pad(x: string, before: readonly number[], after: readonly number[], value: number): string {
    const pairs = this.constant(
      Int32Array.from(before.flatMap((extent, axis) => [extent, after[axis]])),
      [before.length, 2],
      'int32',
    );
    return this.emit('PadV2', [x, pairs, this.number(value)], { Tpaddings: typeOf('int32') });
  }

  define(node: GraphNode, name: string): void {
    this.#names.set(node, name);
  }

  /** The name of what a node gives. */
  nameOf(node: GraphNode): string {
    return this.#names.get(node)!;
  }

  /** The extents of something that depends on images, with −1 for what depends on their number. */
  freely(shape: readonly number[]): number[] {
    if (shape[0] % this.batch === 0) return [-1, ...shape.slice(1)];
    const at = shape.indexOf(this.batch);
    return shape.map((extent, axis) => (axis === at ? -1 : extent));
  }
}
