import { convolution, matMul, spaceToBatch } from './convolutions.ts';
import { activation, binary, clip, prelu, unary } from './element-wise.ts';
import { batchNormalization, pad, pool, reduction, resize } from './pools.ts';
import {
  concatenate,
  constant,
  expand,
  gather,
  pack,
  product,
  reshape,
  same,
  shapeOf,
  squeeze,
  stridedSlice,
  transpose,
} from './shapes.ts';
import type { Translate } from './translation.ts';

/** Lengths are whole numbers already, and so are constants. */
const cast: Translate = (node, graph) =>
  graph.value(node, 0).kind === 'constant' ? unary(node, graph) : same(node, graph);

/** One translation for several names. */
const all = (names: readonly string[], translate: Translate): Record<string, Translate> =>
  Object.fromEntries(names.map((name) => [name, translate]));

/** What Graft makes of each operation of TensorFlow, by its name. Inputs are translated apart. */
export const operationTranslations: Readonly<Record<string, Translate>> = {
  Const: constant,
  ...all(
    ['Identity', 'StopGradient', 'PreventGradient', 'CheckNumerics', 'Snapshot', 'PlaceholderWithDefault'],
    same,
  ),
  Cast: cast,
  ...all(['Conv2D', '_FusedConv2D'], convolution(false)),
  ...all(
    ['DepthwiseConv2dNative', 'FusedDepthwiseConv2dNative', '_FusedDepthwiseConv2dNative'],
    convolution(true),
  ),
  ...all(['MatMul', '_FusedMatMul', 'BatchMatMulV2'], matMul),
  SpaceToBatchND: spaceToBatch,
  ...all(['FusedBatchNorm', 'FusedBatchNormV2', 'FusedBatchNormV3'], batchNormalization),
  ...all(
    ['Relu', 'Relu6', 'Sigmoid', 'Tanh', 'Elu', 'Selu', 'Softplus', 'Softsign', 'LeakyRelu', 'Softmax'],
    activation,
  ),
  Prelu: prelu,
  ClipByValue: clip,
  ...all(
    ['BiasAdd', 'Add', 'AddV2', 'Sub', 'Mul', 'RealDiv', 'Div', 'FloorDiv', 'Maximum', 'Minimum', 'Pow'],
    (node, graph) => binary(node.op === 'BiasAdd' ? { ...node, op: 'Add' } : node, graph),
  ),
  ...all(
    ['Neg', 'Abs', 'Exp', 'Log', 'Sqrt', 'Rsqrt', 'Square', 'Reciprocal', 'Inv', 'Erf', 'Sign', 'Sin', 'Cos'],
    unary,
  ),
  MaxPool: pool('maxPooling2d'),
  AvgPool: pool('averagePooling2d'),
  ...all(['Mean', 'Sum', 'Max', 'Min'], reduction),
  ...all(['Pad', 'PadV2'], pad),
  ResizeNearestNeighbor: resize('nearest'),
  ResizeBilinear: resize('bilinear'),
  ConcatV2: concatenate,
  Reshape: reshape,
  Squeeze: squeeze,
  ExpandDims: expand,
  Transpose: transpose,
  StridedSlice: stridedSlice,
  GatherV2: gather,
  Shape: shapeOf,
  Pack: pack,
  Prod: product,
};
