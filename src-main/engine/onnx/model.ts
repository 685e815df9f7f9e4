import { MessageWriter } from './protobuf.ts';

/** ONNX element types that Graft writes (TensorProto.DataType). */
export const ELEMENT = { float32: 1, int32: 6, int64: 7, bool: 9 } as const;
export type OnnxElement = keyof typeof ELEMENT;

export type Attribute =
  number | { float: number } | string | readonly number[] | { floats: readonly number[] };

export interface OnnxNode {
  op: string;
  /** '' is ONNX's own domain. */
  domain?: string;
  name?: string;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes?: Record<string, Attribute>;
}

export interface OnnxValue {
  name: string;
  type: OnnxElement;
  /** A string stands for a free dimension of that name. */
  shape: readonly (number | string)[];
}

export interface OnnxConstant {
  name: string;
  type: OnnxElement;
  shape: readonly number[];
  /** Raw little-endian values. */
  data: Uint8Array;
}

export interface OnnxGraph {
  name: string;
  inputs: readonly OnnxValue[];
  outputs: readonly OnnxValue[];
  nodes: readonly OnnxNode[];
  constants: readonly OnnxConstant[];
  /** Opset of ONNX's own domain. */
  opset: number;
  /** Versions of further domains, by name. */
  domains?: Record<string, number>;
  metadata?: Record<string, string>;
}

/** IR version 8 is the oldest with everything used here, so that the most readers accept the file. */
const IR_VERSION = 8;

/** An ONNX ModelProto (onnx.proto3, field numbers as there), as the bytes of a file. */
export function encodeModel(graph: OnnxGraph): Uint8Array {
  const body = new MessageWriter();
  for (const node of graph.nodes) body.message(1, encodeNode(node));
  body.text(2, graph.name);
  for (const { name, type, shape, data } of graph.constants) {
    const tensor = new MessageWriter()
      .packedIntegers(1, shape)
      .integer(2, ELEMENT[type])
      .text(8, name)
      .bytes(9, data);
    body.message(5, tensor);
  }
  for (const value of graph.inputs) body.message(11, encodeValue(value));
  for (const value of graph.outputs) body.message(12, encodeValue(value));

  const model = new MessageWriter().integer(1, IR_VERSION).text(2, 'Graft').message(7, body);
  for (const [domain, version] of Object.entries({ '': graph.opset, ...graph.domains })) {
    model.message(8, new MessageWriter().text(1, domain).integer(2, version));
  }
  for (const [key, value] of Object.entries(graph.metadata ?? {})) {
    model.message(14, new MessageWriter().text(1, key).text(2, value));
  }
  return model.finish();
}

function encodeNode(node: OnnxNode): MessageWriter {
  const message = new MessageWriter();
  for (const input of node.inputs) message.text(1, input);
  for (const output of node.outputs) message.text(2, output);
  if (node.name) message.text(3, node.name);
  message.text(4, node.op);
  for (const [name, value] of Object.entries(node.attributes ?? {}))
    message.message(5, encodeAttribute(name, value));
  if (node.domain) message.text(7, node.domain);
  return message;
}

const KIND = { float: 1, integer: 2, string: 3, floats: 6, integers: 7 };

function encodeAttribute(name: string, value: Attribute): MessageWriter {
  const message = new MessageWriter().text(1, name);
  if (typeof value === 'number') return message.integer(3, value).integer(20, KIND.integer);
  if (typeof value === 'string') return message.text(4, value).integer(20, KIND.string);
  if ('float' in value) return message.float(2, value.float).integer(20, KIND.float);
  if ('floats' in value) return message.packedFloats(7, value.floats).integer(20, KIND.floats);
  return message.packedIntegers(8, value).integer(20, KIND.integers);
}

function encodeValue({ name, type, shape }: OnnxValue): MessageWriter {
  const dimensions = new MessageWriter();
  for (const extent of shape) {
    const dimension = new MessageWriter();
    if (typeof extent === 'number') dimension.integer(1, extent);
    else dimension.text(2, extent);
    dimensions.message(1, dimension);
  }
  const tensor = new MessageWriter().integer(1, ELEMENT[type]).message(2, dimensions);
  return new MessageWriter().text(1, name).message(2, new MessageWriter().message(1, tensor));
}
