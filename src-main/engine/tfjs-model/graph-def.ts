import type { NodeType } from '../graph/node.ts';

/** Values of a node's attributes, as TensorFlow's protocol buffers are written in JSON. */
export type AttributeValue =
  | { type: string }
  | { b: boolean }
  | { i: string }
  | { f: number }
  | { s: string }
  | { list: { i: string[] } }
  | { shape: TensorShape }
  | { tensor: { dtype: string; tensorShape: TensorShape } };

export interface TensorShape {
  dim: { size: string }[];
}

/** One operation of a frozen graph of TensorFlow. */
export interface NodeDef {
  name: string;
  op: string;
  input: string[];
  attr: Record<string, AttributeValue>;
}

/** A constant of the graph, whose numbers lie in the files of weights. */
export interface Weight {
  name: string;
  shape: readonly number[];
  dtype: NodeType;
  data: Float32Array | Int32Array | Uint8Array;
}

const TYPES: Record<NodeType, string> = { float32: 'DT_FLOAT', int32: 'DT_INT32', bool: 'DT_BOOL' };
export const typeName = (dtype: NodeType): string => TYPES[dtype];

export const typeOf = (dtype: NodeType): AttributeValue => ({ type: TYPES[dtype] });
export const flag = (value: boolean): AttributeValue => ({ b: value });
export const integer = (value: number): AttributeValue => ({ i: String(value) });
export const integers = (values: readonly number[]): AttributeValue => ({ list: { i: values.map(String) } });
/** Text is bytes there, and so base64. */
export const word = (text: string): AttributeValue => ({ s: Buffer.from(text).toString('base64') });
export const shapeOf = (shape: readonly number[]): TensorShape => ({
  dim: shape.map((extent) => ({ size: String(extent) })),
});
