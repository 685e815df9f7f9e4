import { GraftError } from '../../contract/errors.ts';
import type { GraphBuilder } from '../graph/build.ts';
import { type GraphNode, sizeOf } from '../graph/node.ts';
import { axesOf, register } from './register.ts';

export function registerProducts(): void {
  register('BatchMatMul', ({ a, b }, { transposeA, transposeB }, g) =>
    g.matMul(a, b, Boolean(transposeA), Boolean(transposeB)),
  );
  register('_FusedMatMul', ({ a, b, bias, preluActivationWeights }, attributes, g) => {
    const product = g.matMul(a, b, Boolean(attributes.transposeA), Boolean(attributes.transposeB));
    const sum = bias ? g.add(product, bias) : product;
    return activate(g, sum, attributes, preluActivationWeights);
  });
  register('GatherV2', ({ x, indices }, { axis, batchDims }, b) => {
    const [at] = axesOf(axis, x.shape.length);
    if (batchDims)
      throw new GraftError(
        'trace-gather',
        'tf.gather with batchDims is not supported in a compiled program; gather from a flattened tensor instead.',
      );
    const shape = [...x.shape.slice(0, at), ...indices.shape, ...x.shape.slice(at + 1)];
    return b.make('gather', [x, b.cast(indices, 'int32')], shape, { axis: at });
  });
  register('GatherNd', ({ params, indices }, _, b) => {
    const depth = indices.shape.at(-1)!;
    return b.make(
      'gatherNd',
      [params, indices],
      [...indices.shape.slice(0, -1), ...params.shape.slice(depth)],
    );
  });
  register('ScatterNd', ({ indices, updates }, { shape }, b) =>
    b.make(
      'scatterNd',
      [b.uniform(0, shape as number[], updates.dtype), indices, updates],
      shape as number[],
      {},
      updates.dtype,
    ),
  );
  register('UnsortedSegmentSum', ({ x, segmentIds }, { numSegments }, b) => {
    // The transpose of a gather: a product with the one-hot matrix of the segments.
    const rows = sizeOf(segmentIds.shape);
    const hot = oneHot(b, b.reshape(segmentIds, [rows]), numSegments as number, 1, 0);
    const rest = x.shape.slice(segmentIds.shape.length);
    const flat = b.reshape(x, [rows, sizeOf(rest)]);
    return b.reshape(b.matMul(hot, flat, true), [numSegments as number, ...rest]);
  });
  register('OneHot', ({ indices }, { depth, onValue, offValue, dtype }, b) => {
    const hot = oneHot(b, indices, depth as number, onValue as number, offValue as number);
    return b.cast(hot, (dtype as 'float32' | 'int32' | undefined) ?? 'float32');
  });
}

/** ONNX Runtime has no OneHot for int32: a comparison with 0 … depth−1 instead. Indices outside give no 1. */
function oneHot(b: GraphBuilder, indices: GraphNode, depth: number, on: number, off: number): GraphNode {
  const classes = b.integers(Array.from({ length: depth }, (_, i) => i));
  const column = b.reshape(b.cast(indices, 'int32'), [...indices.shape, 1]);
  const hot = b.cast(b.binary('equal', column, classes), 'float32');
  const scaled = on - off === 1 ? hot : b.multiply(hot, b.uniform(on - off));
  return off === 0 ? scaled : b.add(scaled, b.uniform(off));
}

/** The activation of TF.js's fused kernels, as an op of its own. */
export function activate(
  b: GraphBuilder,
  x: GraphNode,
  attributes: Record<string, unknown>,
  prelu?: GraphNode,
): GraphNode {
  const kind = attributes.activation as string | undefined;
  if (!kind || kind === 'linear') return x;
  if (kind === 'relu6') return b.clip(x, 0, 6);
  if (kind === 'leakyrelu')
    return b.unary('leakyRelu', x, { alpha: (attributes.leakyreluAlpha as number) ?? 0.2 });
  if (kind === 'prelu') return b.select(b.binary('less', x, b.uniform(0)), b.multiply(x, prelu!), x);
  return b.unary(kind, x);
}
