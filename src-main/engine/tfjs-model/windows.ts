import type { GraphNode } from '../graph/node.ts';
import type { WindowAttributes } from '../graph/patterns.ts';
import { type AttributeValue, integers, word } from './graph-def.ts';
import type { GraphWriter } from './writer.ts';

type Pads = WindowAttributes['pads'];

/** `[top, bottom, left, right]` of what TensorFlow calls SAME. */
function samePads(node: GraphNode, size: readonly number[]): number[] {
  const [x] = node.inputs;
  const { strides, dilations } = node.attributes as unknown as WindowAttributes;
  return [0, 1].flatMap((axis) => {
    const extent = x.shape[axis + 1];
    const reach = (size[axis] - 1) * (dilations?.[axis] ?? 1) + 1;
    const needed = Math.max(0, (Math.ceil(extent / strides[axis]) - 1) * strides[axis] + reach - extent);
    return [Math.floor(needed / 2), Math.ceil(needed / 2)];
  });
}

/** How a window is padded: by a word of TensorFlow, or else by zeros that are put around the image before. */
function paddingOf(node: GraphNode, size: readonly number[]): 'SAME' | 'VALID' | null {
  const pads = node.attributes.pads as Pads;
  if (pads.every((extent) => extent === 0)) return 'VALID';
  return samePads(node, size).every((extent, at) => extent === pads[at]) ? 'SAME' : null;
}

const around = (w: GraphWriter, x: string, [top, bottom, left, right]: Pads, value: number): string =>
  w.pad(x, [0, top, left, 0], [0, bottom, right, 0], value);

function attributesOf(node: GraphNode, padding: 'SAME' | 'VALID'): Record<string, AttributeValue> {
  const { strides, dilations } = node.attributes as unknown as WindowAttributes;
  return {
    strides: integers([1, ...strides, 1]),
    padding: word(padding),
    data_format: word('NHWC'),
    dilations: integers([1, ...dilations, 1]),
  };
}

export function writeConvolution(w: GraphWriter, node: GraphNode): string {
  const [image, filter] = node.inputs;
  const padding = paddingOf(node, filter.shape);
  const x = padding ? w.nameOf(image) : around(w, w.nameOf(image), node.attributes.pads as Pads, 0);
  const op = node.op === 'conv2d' ? 'Conv2D' : 'DepthwiseConv2dNative';
  return w.emit(op, [x, w.nameOf(filter)], attributesOf(node, padding ?? 'VALID'));
}

/** Below every float32 that an image holds, as infinities times nothing would be no number. */
const LEAST = -3.4028234663852886e38;

export function writePool(w: GraphWriter, node: GraphNode): string {
  const [image] = node.inputs;
  const size = node.attributes.size as readonly number[];
  const padding = paddingOf(node, size);
  const attributes = { ...attributesOf(node, padding ?? 'VALID'), ksize: integers([1, ...size, 1]) };
  const pads = node.attributes.pads as Pads;
  const x = w.nameOf(image);
  if (node.op === 'maxPool') return w.emit('MaxPool', [padding ? x : around(w, x, pads, LEAST)], attributes);
  if (padding) return w.emit('AvgPool', [x], attributes);
  // Zeros around the image count in an average over them: put right by how many pixels of each window are the image's.
  const [, rows, columns] = node.shape;
  const share = Float32Array.from({ length: rows * columns }, (_, at) => {
    const inside = [Math.floor(at / columns), at % columns].map((place, axis) => {
      const start = place * (node.attributes.strides as readonly number[])[axis] - pads[axis * 2];
      return Math.min(image.shape[axis + 1], start + size[axis]) - Math.max(0, start);
    });
    return (size[0] * size[1]) / (inside[0] * inside[1]);
  });
  const averaged = w.emit('AvgPool', [around(w, x, pads, 0)], attributes);
  return w.emit('Mul', [averaged, w.constant(share, [1, rows, columns, 1], 'float32')]);
}
