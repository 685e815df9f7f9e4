import type { KernelSize, LayerOperation, Padding } from '../../../network.ts';
import type { Numbers } from '../../foreign-builder.ts';
import { activationOf } from './activations.ts';
import type { GraphNode } from './nodes.ts';
import { besideImage, type GraphTranslation, layerName, type Translate } from './translation.ts';
import { layerValue, type Value } from './values.ts';

/** A pair of numbers, or one where both are the same. */
export const pairOf = (down: number, right: number): KernelSize => (down === right ? down : [down, right]);

const SUMS = new Set(['BiasAdd', 'Add', 'AddV2']);

/** What stands behind the product in the same node. */
interface Fused {
  bias: Numbers | null;
  activations: string[];
}

/** Convolutions of all channels, of groups of them, and of each by itself. */
export const convolution =
  (depthwise: boolean): Translate =>
  (node, graph) => {
    const { builder } = graph;
    const filters = graph.constant(node, 1);
    if (filters.shape.length !== 4) throw graph.wrong(node, 'filters that are no images');
    const channels = outputChannels(filters, depthwise);
    const fused = fusedWith(node, channels, graph);
    const phases = graph.value(node, 0);
    const placed =
      phases.kind === 'phases' ? apart(node, phases, graph) : paddedInput(node, graph.layer(node), graph);
    const { input, padding, dilation } = placed;
    const strides = spatial(node, 'strides', graph);
    const name = layerName(node.name);
    const bias = fused.bias ?? followingBias(placed.last ?? node, channels, graph);
    const settings = {
      kernelSize: pairOf(filters.shape[0], filters.shape[1]),
      strides,
      padding,
      useBias: bias !== null,
      ...(dilation === 1 ? {} : { dilation }),
    };
    const operation = depthwise
      ? depthwiseOperation(settings, filters)
      : fullOperation(settings, filters, builder.shape(input), node, graph);
    const kernel = depthwise ? 'depthwise_kernel' : 'kernel';
    const output = builder.add(name, operation, [input], {
      [kernel]: filters,
      ...(bias ? { bias } : {}),
    });
    const value = withActivations(node, output, fused, graph);
    if (placed.last) graph.keep(placed.last.name, value);
    return value;
  };

const outputChannels = ({ shape }: Numbers, depthwise: boolean): number =>
  depthwise ? shape[2] * shape[3] : shape[3];

interface ConvolutionSettings {
  kernelSize: KernelSize;
  strides: KernelSize;
  padding: Padding;
  useBias: boolean;
  dilation?: KernelSize;
}

function depthwiseOperation(settings: ConvolutionSettings, { shape }: Numbers): LayerOperation {
  const config = { ...settings, ...(shape[3] === 1 ? {} : { depthMultiplier: shape[3] }) };
  return { kind: 'depthwiseConv2d', config };
}

function fullOperation(
  settings: ConvolutionSettings,
  { shape }: Numbers,
  image: readonly number[],
  node: GraphNode,
  graph: GraphTranslation,
): LayerOperation {
  const groups = image[2] / shape[2];
  if (!Number.isInteger(groups) || groups < 1) throw graph.wrong(node, 'filters for other channels');
  const config = { ...settings, filters: shape[3], ...(groups === 1 ? {} : { groups }) };
  return { kind: 'conv2d', config };
}

interface Placed {
  input: string;
  padding: Padding;
  dilation: KernelSize;
  /** The node that ends what stands for one convolution. */
  last?: GraphNode;
}

/** `explicit_paddings` are zeros around the image. */
function paddedInput(node: GraphNode, input: string, graph: GraphTranslation): Placed {
  if (node.attributes.text('data_format', 'NHWC') !== 'NHWC')
    throw graph.wrong(node, 'channels before pixels');
  const dilation = spatial(node, 'dilations', graph);
  const padding = node.attributes.text('padding', 'VALID');
  if (padding === 'SAME') return { input, padding: 'same', dilation };
  if (padding === 'VALID') return { input, padding: 'valid', dilation };
  const sides = node.attributes.wholes('explicit_paddings');
  const [, , top, bottom, left, right] = sides;
  if (padding !== 'EXPLICIT' || sides.length !== 8 || sides.some((side) => side < 0 || side > 4096))
    throw graph.wrong(node, `the padding ${padding}`);
  const padded = graph.builder.add(
    `${layerName(node.name)}_pad`,
    { kind: 'zeroPadding2d', config: { padding: [top, bottom, left, right] } },
    [input],
  );
  return { input: padded, padding: 'valid', dilation };
}

/** Height and width of `[1, height, width, 1]`. */
export function spatial(node: GraphNode, name: string, graph: GraphTranslation): KernelSize {
  const values = node.attributes.wholes(name);
  if (values.length === 0) return 1;
  const [images, down, right, channels] = values;
  const sound = (value: number): boolean => value >= 1 && value <= 4096;
  if (values.length !== 4 || images !== 1 || channels !== 1 || !sound(down) || !sound(right))
    throw graph.wrong(node, `${name} of [${values.join(', ')}]`);
  return pairOf(down, right);
}

/**
 * TensorFlow writes a convolution whose taps lie apart as three nodes: the image in phases, a convolution of these, and the image
 * put together again, less what was padded for want of whole phases.
 */
function apart(
  node: GraphNode,
  { layer, block, padding }: Extract<Value, { kind: 'phases' }>,
  graph: GraphTranslation,
): Placed {
  const last = graph.onlyUser(node);
  const plain = node.attributes.text('padding', 'VALID') === 'VALID' && spatial(node, 'strides', graph) === 1;
  if (last?.op !== 'BatchToSpaceND' || !plain) throw graph.wrong(node, 'an image in phases');
  const crops = graph.constantCalled(last.inputs.at(2)?.node ?? '')?.data;
  if (crops?.length !== 4) throw graph.wrong(last, 'crops that are computed');
  const [top, cutBottom, left, cutRight] = crops;
  const [down, right] = block;
  const sides = [padding[0], padding[1] - cutBottom, padding[2], padding[3] - cutRight] as const;
  if (top !== 0 || left !== 0 || sides.some((side) => side < 0)) throw graph.wrong(last, 'other crops');
  const config = { padding: sides };
  const padded = sides.every((side) => side === 0)
    ? layer
    : graph.builder.add(`${layerName(node.name)}_pad`, { kind: 'zeroPadding2d', config }, [layer]);
  return { input: padded, padding: 'valid', dilation: pairOf(down, right), last };
}

export const spaceToBatch: Translate = (node, graph) => {
  const block = graph.wholes(node, 1);
  const padding = graph.wholes(node, 2);
  const sound = [...block, ...padding].every((value) => value >= 0 && value <= 4096);
  if (block.length !== 2 || padding.length !== 4 || !sound)
    throw graph.wrong(node, 'other axes than those of an image');
  return { kind: 'phases', layer: graph.layer(node), block, padding };
};

/** Of an image, a vector, or of all pixels as one list. */
export const matMul: Translate = (node, graph) => {
  const { builder } = graph;
  const value = graph.value(node, 0);
  const weights = graph.constant(node, 1);
  const { attributes } = node;
  if (value.kind !== 'layer' || attributes.flag('transpose_a') || attributes.flag('adj_x'))
    throw graph.wrong(node, 'a product of other things than features and weights');
  const kernel = attributes.flag('transpose_b') || attributes.flag('adj_y') ? turned(weights) : weights;
  const rows = value.rows === true;
  if (
    kernel.shape.length !== 2 ||
    (node.op !== 'BatchMatMulV2' && !rows && builder.shape(value.layer).length !== 1)
  )
    throw graph.wrong(node, 'weights that are no matrix');
  const fused = fusedWith(node, kernel.shape[1], graph);
  const bias = fused.bias ?? followingBias(node, kernel.shape[1], graph);
  const output = builder.add(
    layerName(node.name),
    { kind: 'dense', config: { units: kernel.shape[1], useBias: bias !== null } },
    [value.layer],
    { kernel, ...(bias ? { bias } : {}) },
  );
  const result = withActivations(node, output, fused, graph);
  return rows && result.kind === 'layer' ? { ...result, rows } : result;
};

function turned({ shape, data }: Numbers): Numbers {
  const [rows, columns] = shape;
  const result = new Float32Array(data.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      result[column * rows + row] = data[row * columns + column];
  return { shape: [columns, rows], data: result };
}

function fusedWith(node: GraphNode, channels: number, graph: GraphTranslation): Fused {
  const operations = node.attributes.texts('fused_ops');
  if (operations.length === 0) return { bias: null, activations: [] };
  const [first, ...activations] = operations;
  if (first !== 'BiasAdd' || node.inputs.length < 3) throw graph.wrong(node, `${first} in one node`);
  return { bias: vector(graph.constant(node, 2), channels), activations };
}

/** One number stands for all channels. */
const vector = ({ data }: Numbers, channels: number): Numbers =>
  data.length === 1
    ? { shape: [channels], data: new Float32Array(channels).fill(data[0]) }
    : { shape: [data.length], data };

function withActivations(
  node: GraphNode,
  output: string,
  { activations }: Fused,
  graph: GraphTranslation,
): Value {
  const own = layerName(node.name);
  const last = activations.reduce((input, op) => {
    if (op === 'Prelu') {
      const alpha = besideImage(graph.constant(node, 3), graph.builder.shape(input).length);
      if (!alpha) throw graph.wrong(node, 'slopes of another shape');
      const config = { shape: alpha.shape };
      return graph.builder.add(`${own}_prelu`, { kind: 'prelu', config }, [input], { alpha });
    }
    const config = activationOf(op, node.attributes.decimal('leakyrelu_alpha', 0.2));
    if (!config) throw graph.wrong(node, `the activation ${op}`);
    return graph.builder.add(`${own}_${config.activation}`, { kind: 'activation', config }, [input]);
  }, output);
  return layerValue(last);
}

/** A sum with a constant that follows is the bias: one layer to freeze, and one to fold normalisation into. */
function followingBias(node: GraphNode, channels: number, graph: GraphTranslation): Numbers | null {
  const sum = graph.onlyUser(node);
  if (!sum || !SUMS.has(sum.op)) return null;
  const other = sum.inputs.find(({ node: input }) => input !== node.name);
  const bias = other ? graph.constantCalled(other.node) : null;
  const isVector = bias?.data.length === channels && bias.shape.at(-1) === channels;
  if (!bias || !isVector) return null;
  graph.alias(sum, node);
  return vector(bias, channels);
}
