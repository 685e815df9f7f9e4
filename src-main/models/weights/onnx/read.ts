import { ByteFile } from '../byte-file.ts';
import type { FileGraph, FileTensor, WeightFile } from '../weight-file.ts';
import { type NumberArray, OnnxArrays } from './arrays.ts';
import { type OnnxModelFile, readModelProto } from './messages.ts';
import { hasLastChannels, translateOnnx } from './translate.ts';

/** Protobuf's own limit. */
const LARGEST = 2 ** 31;

/**
 * Whether a file is an ONNX model: the fields of a ModelProto one after the other, the graph among them. Messages are passed over and
 * not read.
 */
export function isOnnx(file: ByteFile): boolean {
  // The version of the format comes first in all files there are.
  let at = 0;
  for (let fields = 0; fields < 4096 && at < file.size; fields++) {
    const head = file.read(at, Math.min(11, file.size - at));
    const [tag] = head;
    const field = tag >> 3;
    const wire = tag & 7;
    if (tag > 127 || (fields === 0 && tag !== 8)) return false;
    if (wire === 0) {
      const length = head.subarray(1).findIndex((byte) => byte < 128) + 1;
      if (length === 0 || ![1, 5].includes(field)) return false;
      // Versions of the format have come to thirteen in ten years.
      if (field === 1 && (length > 1 || head[1] > 64)) return false;
      at += 1 + length;
      continue;
    }
    if (wire !== 2 || ![2, 3, 4, 6, 7, 8, 14].includes(field)) return false;
    // The graph: what follows it does not matter.
    if (field === 7) return true;
    let length = 0;
    let size = 0;
    do length += (head[1 + size] & 127) * 2 ** (7 * size);
    while (head[1 + size++] > 127 && size < 6);
    if (head[size] > 127) return false;
    at += 1 + size + length;
  }
  return false;
}

/**
 * Reads an ONNX file: its arrays, and its graph as a network that can be trained. Nothing in it is executed; numbers that lie in a file beside
 * it are read from its own folder alone.
 *
 * @throws GraftError `weights-missing`, `weights-file`, `graph-unsupported`
 */
export function readOnnxFile(path: string): WeightFile {
  const file = new ByteFile(path, 'an ONNX model');
  const arrays = new OnnxArrays(file);
  try {
    if (file.size > LARGEST) throw file.wrong('more than the 2 GiB that one can have');
    const model = readModelProto(file.read(0, file.size), () => file.wrong('something damaged'));
    const opened = new Map<string, NumberArray>();
    for (const tensor of model.initializers) opened.set(tensor.name, arrays.open(tensor));
    const tensors = new Map<string, FileTensor>();
    for (const [name, { shape, whole, read }] of opened)
      if (!whole) tensors.set(name, { name, shape, read: () => Float32Array.from(read()) });
    return {
      path,
      parts: arrays.parts,
      format: 'onnx',
      family: 'pytorch',
      tensors,
      graph: graphOf(file, model, opened, arrays),
      metadata: { producer: model.producer, opset: model.opset },
      close: () => {
        arrays.close();
        file.close();
      },
    };
  } catch (error) {
    arrays.close();
    file.close();
    throw error;
  }
}

function graphOf(
  file: ByteFile,
  model: OnnxModelFile,
  initializers: ReadonlyMap<string, NumberArray>,
  arrays: OnnxArrays,
): FileGraph {
  const { producer, opset, nodes } = model;
  const images = model.inputs.filter(({ name }) => !initializers.has(name));
  const laidOut = new Map<string, Float32Array>();
  const shape = images[0]?.shape;
  const sides = shape?.length !== 4 ? [] : hasLastChannels(shape) ? shape.slice(1, 3) : shape.slice(2);
  const [height, width] = sides;
  return {
    source: `${producer === '' ? 'a program that does not say' : producer}, ONNX opset ${opset}`,
    suffix: '-onnx',
    nodes: nodes.length,
    inputSize: height && width ? [height, width] : null,
    // Exporters fold normalisation into convolutions, whose weights then are no longer those of that name.
    keepsNames: nodes.some(({ operator }) => operator === 'BatchNormalization'),
    read: (size) => translateOnnx({ file, model, initializers, arrays, laidOut, images }, size),
  };
}
