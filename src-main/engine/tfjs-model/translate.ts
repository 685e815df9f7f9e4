import { GraftError } from '../../contract/errors.ts';
import { topologicalOrder } from '../graph/graph.ts';
import { type GraphNode, sizeOf } from '../graph/node.ts';
import { flag, integer, typeOf } from './graph-def.ts';
import type { StaticValues } from './static-values.ts';
import { writeConvolution, writePool } from './windows.ts';
import type { GraphWriter } from './writer.ts';

/** Operations of a traced program that are one operator of TensorFlow, on the same inputs. */
const DIRECT: Record<string, string> = {
  abs: 'Abs',
  acos: 'Acos',
  add: 'AddV2',
  asin: 'Asin',
  atan: 'Atan',
  ceil: 'Ceil',
  cos: 'Cos',
  cosh: 'Cosh',
  divide: 'RealDiv',
  elu: 'Elu',
  equal: 'Equal',
  erf: 'Erf',
  exp: 'Exp',
  floor: 'Floor',
  greater: 'Greater',
  greaterEqual: 'GreaterEqual',
  isInfinite: 'IsInf',
  isNan: 'IsNan',
  less: 'Less',
  lessEqual: 'LessEqual',
  log: 'Log',
  logicalAnd: 'LogicalAnd',
  logicalNot: 'LogicalNot',
  logicalOr: 'LogicalOr',
  maximum: 'Maximum',
  minimum: 'Minimum',
  multiply: 'Mul',
  negative: 'Neg',
  notEqual: 'NotEqual',
  power: 'Pow',
  reciprocal: 'Reciprocal',
  relu: 'Relu',
  round: 'Round',
  select: 'SelectV2',
  selu: 'Selu',
  sigmoid: 'Sigmoid',
  sign: 'Sign',
  sin: 'Sin',
  sinh: 'Sinh',
  softplus: 'Softplus',
  sqrt: 'Sqrt',
  square: 'Square',
  subtract: 'Sub',
  tan: 'Tan',
  tanh: 'Tanh',
};

const REDUCTIONS: Record<string, string> = { sum: 'Sum', mean: 'Mean', max: 'Max', min: 'Min', prod: 'Prod' };

/**
 * Writes everything that `outputs` need, inputs first.
 *
 * @throws GraftError `tfjs-missing`
 */
export function translateGraph(w: GraphWriter, outputs: readonly GraphNode[], values: StaticValues): void {
  const needed = topologicalOrder(outputs);
  // What feeds only what was computed here need not be there.
  const used = new Set<GraphNode>(outputs);
  for (const node of needed.toReversed())
    if (used.has(node) && values.of(node) === null) node.inputs.forEach((input) => used.add(input));
  for (const node of needed) if (used.has(node)) w.define(node, write(w, node, values));
}

function write(w: GraphWriter, node: GraphNode, values: StaticValues): string {
  const known = values.of(node);
  if (known) return w.constant(known, node.shape, 'float32');
  const { op, attributes } = node;
  const inputs = node.inputs.map((input) => w.nameOf(input));
  const [x] = inputs;
  const direct = DIRECT[op];
  if (direct) return w.emit(direct, inputs, { T: typeOf(node.inputs[0].dtype) });
  const reduction = REDUCTIONS[op];
  if (reduction)
    return w.emit(reduction, [x, w.list(attributes.axes as readonly number[])], {
      Tidx: typeOf('int32'),
      keep_dims: flag(false),
    });
  switch (op) {
    case 'input':
      return w.placeholder(attributes.name as string, node.shape, node.dtype);
    case 'constant':
      return w.constant(filled(node), node.shape, node.dtype);
    case 'conv2d':
    case 'depthwiseConv2d':
      return writeConvolution(w, node);
    case 'maxPool':
    case 'averagePool':
      return writePool(w, node);
    case 'matMul': {
      const { transposeA, transposeB } = attributes as { transposeA: boolean; transposeB: boolean };
      return node.inputs.every(({ shape }) => shape.length === 2)
        ? w.emit('MatMul', inputs, { transpose_a: flag(transposeA), transpose_b: flag(transposeB) })
        : w.emit('BatchMatMulV2', inputs, { adj_x: flag(transposeA), adj_y: flag(transposeB) });
    }
    case 'softmax':
    case 'logSoftmax':
      if (attributes.axis !== node.shape.length - 1) throw missing(`${op} along another axis than the last`);
      return w.emit(op === 'softmax' ? 'Softmax' : 'LogSoftmax', [x]);
    case 'reshape':
      return w.emit('Reshape', [x, w.list(node.static ? node.shape : w.freely(node.shape))], {
        T: typeOf(node.dtype),
        Tshape: typeOf('int32'),
      });
    case 'transpose':
      return w.emit('Transpose', [x, w.list(attributes.permutation as readonly number[])], {
        T: typeOf(node.dtype),
        Tperm: typeOf('int32'),
      });
    case 'broadcastTo':
      return broadcast(w, node, x);
    case 'concat':
      return w.concat(inputs, attributes.axis as number);
    case 'pad':
      return w.pad(
        x,
        attributes.before as readonly number[],
        attributes.after as readonly number[],
        attributes.value as number,
      );
    case 'slice':
      return slice(w, node, x);
    case 'gather':
      return w.emit('GatherV2', [...inputs, w.whole(attributes.axis as number)], {
        Tparams: typeOf(node.dtype),
        batch_dims: integer(0),
      });
    case 'cast':
    case 'truncate':
      return w.emit('Cast', [x], { SrcT: typeOf(node.inputs[0].dtype), DstT: typeOf(node.dtype) });
    case 'below': {
      const less = w.emit('Less', [x, w.number(attributes.limit as number)]);
      return w.emit('Cast', [less], { SrcT: typeOf('bool'), DstT: typeOf('float32') });
    }
    case 'clip': {
      const { low, high } = attributes as { low: number; high: number };
      if (low === 0 && high === 6) return w.emit('Relu6', [x]);
      const above = low === -Infinity ? x : w.emit('Maximum', [x, w.number(low)]);
      return high === Infinity ? above : w.emit('Minimum', [above, w.number(high)]);
    }
    case 'leakyRelu':
      return w.emit('LeakyRelu', [x], { alpha: { f: attributes.alpha as number } });
  }
  throw missing(op);
}

/** Uniform constants hold one value for all places. */
function filled({ data, shape }: GraphNode): Float32Array | Int32Array | Uint8Array {
  const values = data!;
  const size = sizeOf(shape);
  if (values.length === size) return values;
  if (values instanceof Float32Array) return new Float32Array(size).fill(values[0]);
  return values instanceof Int32Array
    ? new Int32Array(size).fill(values[0])
    : new Uint8Array(size).fill(values[0]);
}

/** By ones with the extents that are new, as the number of images is known only when the model runs. */
function broadcast(w: GraphWriter, node: GraphNode, x: string): string {
  const [from] = node.inputs;
  const added = node.shape.length - from.shape.length;
  const ones = node.shape.map((extent, axis) => (from.shape[axis - added] === extent ? 1 : extent));
  if (node.dtype !== 'float32' || ones.includes(w.batch)) throw missing('repeating for each image');
  return w.emit('Mul', [x, w.constant(new Float32Array(sizeOf(ones)).fill(1), ones, 'float32')]);
}

/** Axes that are taken whole say so by their mask, so that any number of images goes through. */
function slice(w: GraphWriter, node: GraphNode, x: string): string {
  const { begin, end, strides } = node.attributes as Record<string, readonly number[]>;
  const extents = node.inputs[0].shape;
  const mask = (holds: (axis: number) => boolean): number =>
    extents.reduce((bits, _, axis) => (holds(axis) ? bits | (1 << axis) : bits), 0);
  const forward = (axis: number): boolean => strides[axis] > 0;
  const clipped = end.map((stop, axis) => Math.min(extents[axis], Math.max(stop, -extents[axis] - 1)));
  return w.emit('StridedSlice', [x, w.list(begin), w.list(clipped), w.list(strides)], {
    T: typeOf(node.dtype),
    Index: typeOf('int32'),
    begin_mask: integer(mask((axis) => forward(axis) && begin[axis] === 0)),
    end_mask: integer(mask((axis) => (forward(axis) ? end[axis] >= extents[axis] : end[axis] < 0))),
    ellipsis_mask: integer(0),
    new_axis_mask: integer(0),
    shrink_axis_mask: integer(0),
  });
}

const missing = (what: string): GraftError =>
  new GraftError(
    'tfjs-missing',
    `Expected operations that a model of TensorFlow.js has for any number of images, found ${what} in this network. Export it as ONNX.`,
  );
