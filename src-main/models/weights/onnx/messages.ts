import { GraftError } from '../../../contract/errors.ts';
import { type Field, fieldsOf, integersOf, textOf } from './protobuf.ts';

/** An array as the file has it (TensorProto). */
export interface OnnxTensor {
  name: string;
  /** Of ONNX's list of types. */
  type: number;
  shape: number[];
  /** Fields with numbers in them, by their field number; `raw` is what most files use. */
  raw: Uint8Array<ArrayBuffer> | null;
  typed: Field[];
  /** Where numbers lie in another file: `location`, `offset`, `length`. */
  external: Record<string, string> | null;
}

export interface OnnxAttribute {
  float: number;
  integer: number;
  text: string;
  tensor: OnnxTensor | null;
  floats: number[];
  integers: number[];
  /** Graphs within graphs, which Graft does not read. */
  graph: boolean;
}

export interface OnnxNode {
  name: string;
  operator: string;
  /** '' is ONNX's own. */
  domain: string;
  inputs: string[];
  outputs: string[];
  attributes: Map<string, OnnxAttribute>;
}

/** Extents: a number, or null where any will do. */
export interface OnnxValueInfo {
  name: string;
  type: number;
  shape: (number | null)[] | null;
}

export interface OnnxModelFile {
  producer: string;
  /** Version of ONNX's own operators. */
  opset: number;
  nodes: OnnxNode[];
  initializers: OnnxTensor[];
  inputs: OnnxValueInfo[];
  outputs: OnnxValueInfo[];
}

type Wrong = () => Error;
type Bytes = Uint8Array<ArrayBuffer>;

/** Graphs of this many nodes are none of a network for images. */
const MOST_NODES = 200_000;

/**
 * Reads a ModelProto (onnx.proto3, field numbers as there). Of what it does not know it takes no notice, as protobuf has it.
 *
 * @param wrong makes the error for bytes that are none
 */
export function readModelProto(bytes: Bytes, wrong: Wrong): OnnxModelFile {
  const producer = { name: '', version: '' };
  let opset = 1;
  let graph: Bytes | null = null;
  for (const field of fieldsOf(bytes, wrong)) {
    if (field.number === 2) producer.name = textOf(field);
    else if (field.number === 3) producer.version = textOf(field);
    else if (field.number === 7) graph = message(field, wrong);
    else if (field.number === 8) {
      const { domain, version } = readOpset(message(field, wrong), wrong);
      if (domain === '' || domain === 'ai.onnx') opset = version;
    }
  }
  if (!graph) throw wrong();
  return {
    producer: `${producer.name} ${producer.version}`.trim().slice(0, 80),
    opset,
    ...readGraph(graph, wrong),
  };
}

function readOpset(bytes: Bytes, wrong: Wrong): { domain: string; version: number } {
  const opset = { domain: '', version: 1 };
  for (const field of fieldsOf(bytes, wrong)) {
    if (field.number === 1) opset.domain = textOf(field);
    else if (field.number === 2) opset.version = field.integer;
  }
  return opset;
}

function readGraph(
  bytes: Bytes,
  wrong: Wrong,
): Pick<OnnxModelFile, 'nodes' | 'initializers' | 'inputs' | 'outputs'> {
  const graph: ReturnType<typeof readGraph> = { nodes: [], initializers: [], inputs: [], outputs: [] };
  for (const field of fieldsOf(bytes, wrong)) {
    switch (field.number) {
      case 1:
        if (graph.nodes.push(readNode(message(field, wrong), wrong)) > MOST_NODES) throw wrong();
        break;
      case 5:
        graph.initializers.push(readTensorProto(message(field, wrong), wrong));
        break;
      case 11:
        graph.inputs.push(readValueInfo(message(field, wrong), wrong));
        break;
      case 12:
        graph.outputs.push(readValueInfo(message(field, wrong), wrong));
        break;
      case 15:
        throw new GraftError(
          'graph-unsupported',
          'Expected arrays that hold all of their numbers in the ONNX file, found sparse ones. Export the network without them.',
        );
    }
  }
  return graph;
}

function readNode(bytes: Bytes, wrong: Wrong): OnnxNode {
  const node: OnnxNode = {
    name: '',
    operator: '',
    domain: '',
    inputs: [],
    outputs: [],
    attributes: new Map(),
  };
  for (const field of fieldsOf(bytes, wrong)) {
    if (field.number === 1) node.inputs.push(textOf(field));
    else if (field.number === 2) node.outputs.push(textOf(field));
    else if (field.number === 3) node.name = textOf(field);
    else if (field.number === 4) node.operator = textOf(field);
    else if (field.number === 5) {
      const [name, attribute] = readAttribute(message(field, wrong), wrong);
      node.attributes.set(name, attribute);
    } else if (field.number === 7) node.domain = textOf(field);
  }
  return node;
}

function readAttribute(bytes: Bytes, wrong: Wrong): [string, OnnxAttribute] {
  const attribute: OnnxAttribute = {
    float: 0,
    integer: 0,
    text: '',
    tensor: null,
    floats: [],
    integers: [],
    graph: false,
  };
  let name = '';
  for (const field of fieldsOf(bytes, wrong)) {
    switch (field.number) {
      case 1:
        name = textOf(field);
        break;
      case 2:
        [attribute.float] = floatsOf(field, wrong);
        break;
      case 3:
        attribute.integer = field.integer;
        break;
      case 4:
        attribute.text = textOf(field);
        break;
      case 5:
        attribute.tensor = readTensorProto(message(field, wrong), wrong);
        break;
      case 6:
      case 11:
        attribute.graph = true;
        break;
      case 7:
        for (const value of floatsOf(field, wrong)) attribute.floats.push(value);
        break;
      case 8:
        for (const value of integersOf(field, wrong)) attribute.integers.push(value);
        break;
    }
  }
  return [name, attribute];
}

/** Four bytes each. */
export function floatsOf({ wire, bytes }: Field, wrong: Wrong): number[] {
  if ((wire !== 5 && wire !== 2) || bytes.length % 4 !== 0) throw wrong();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / 4 }, (_, at) => view.getFloat32(at * 4, true));
}

function readTensorProto(bytes: Bytes, wrong: Wrong): OnnxTensor {
  const tensor: OnnxTensor = { name: '', type: 0, shape: [], raw: null, typed: [], external: null };
  let elsewhere = false;
  const places: Record<string, string> = {};
  for (const field of fieldsOf(bytes, wrong)) {
    switch (field.number) {
      case 1:
        for (const extent of integersOf(field, wrong)) {
          if (!Number.isSafeInteger(extent) || extent < 0 || tensor.shape.push(extent) > 32) throw wrong();
        }
        break;
      case 2:
        tensor.type = field.integer;
        break;
      case 4:
      case 5:
      case 7:
      case 10:
      case 11:
        tensor.typed.push(field);
        break;
      case 8:
        tensor.name = textOf(field);
        break;
      case 9:
        tensor.raw = message(field, wrong);
        break;
      case 13: {
        const [key, value] = readEntry(message(field, wrong), wrong);
        places[key] = value;
        break;
      }
      case 14:
        elsewhere = field.integer === 1;
        break;
    }
  }
  if (elsewhere) tensor.external = places;
  return tensor;
}

function readEntry(bytes: Bytes, wrong: Wrong): [string, string] {
  let [key, value] = ['', ''];
  for (const field of fieldsOf(bytes, wrong)) {
    if (field.number === 1) key = textOf(field);
    else if (field.number === 2) value = textOf(field);
  }
  return [key, value];
}

function readValueInfo(bytes: Bytes, wrong: Wrong): OnnxValueInfo {
  const info: OnnxValueInfo = { name: '', type: 0, shape: null };
  for (const field of fieldsOf(bytes, wrong)) {
    if (field.number === 1) info.name = textOf(field);
    if (field.number !== 2) continue;
    for (const type of fieldsOf(message(field, wrong), wrong)) {
      // Of a tensor, and no list or map of them.
      if (type.number !== 1) continue;
      for (const part of fieldsOf(message(type, wrong), wrong)) {
        if (part.number === 1) info.type = part.integer;
        else if (part.number === 2) info.shape = readShape(message(part, wrong), wrong);
      }
    }
  }
  return info;
}

function readShape(bytes: Bytes, wrong: Wrong): (number | null)[] {
  const shape: (number | null)[] = [];
  for (const field of fieldsOf(bytes, wrong)) {
    if (field.number !== 1) continue;
    let extent: number | null = null;
    for (const part of fieldsOf(message(field, wrong), wrong))
      if (part.number === 1 && part.integer > 0) extent = part.integer;
    shape.push(extent);
  }
  return shape;
}

function message({ wire, bytes }: Field, wrong: Wrong): Bytes {
  if (wire !== 2) throw wrong();
  return bytes;
}
