/** Element types inside a graph. TF.js's `bool` stays one: comparisons cost a byte an element, not four. */
export type NodeType = 'float32' | 'int32' | 'bool';

export type NodeAttribute = number | string | boolean | readonly number[] | readonly (readonly number[])[];

/**
 * One value of a traced computation. Shapes are TF.js's logical ones (images are NHWC); how a value lies in memory
 * is decided later, by the lowering.
 */
export interface GraphNode {
  readonly id: number;
  readonly op: string;
  readonly inputs: readonly GraphNode[];
  readonly attributes: Readonly<Record<string, NodeAttribute>>;
  readonly shape: readonly number[];
  readonly dtype: NodeType;
  /** Depends on parameters and constants alone: the same for every image of a batch. */
  readonly static: boolean;
  /** Values of a `constant`; one value stands for a whole uniform array. */
  readonly data?: Float32Array | Int32Array | Uint8Array;
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((size, extent) => size * extent, 1);

export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((extent, axis) => extent === b[axis]);

/** The one value of a uniform constant, else undefined. */
export function uniformValue(node: GraphNode): number | undefined {
  return node.op === 'constant' && node.data!.length === 1 ? node.data![0] : undefined;
}

/** NumPy's broadcasting of two shapes. */
export function broadcastShapes(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1)
      throw new Error(`Shapes [${a}] and [${b}] do not broadcast.`);
    return left === 1 ? right : left;
  });
}
