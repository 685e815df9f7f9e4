import { type GraphNode, sameShape } from '../graph/node.ts';
import type { Emitter } from './emitter.ts';

const OPERATOR: Record<string, string> = {
  sum: 'ReduceSum',
  mean: 'ReduceMean',
  max: 'ReduceMax',
  min: 'ReduceMin',
  prod: 'ReduceProd',
};

/** Reductions over an image's pixels (and batch) read it in the form it has; others read it as TF.js lays it. */
export function lowerReduction(e: Emitter, node: GraphNode): void {
  const [x] = node.inputs;
  const axes = node.attributes.axes as readonly number[];
  const native = e.native(x);
  const overPixels = x.shape.length === 4 && (sameShape(axes, [1, 2]) || sameShape(axes, [0, 1, 2]));
  if (native === 'plain' || !overPixels) {
    e.define(node, 'plain', reduce(e, node.op, e.value(x), axes));
    return;
  }
  const [n, h, w, c] = x.shape;
  const image = e.value(x, native);
  const batch = axes.length === 3 ? [0] : [];
  if (native === 'nchw') {
    e.define(node, 'plain', reduce(e, node.op, image, [...batch, 2, 3]));
    return;
  }
  const { block } = e.target;
  const view = e.reshape(image, [n, c / block, h * w, block]);
  // Pixels first: the long axis is the one that runs in parallel.
  const pixels = reduce(e, node.op, view, [2]);
  const all = batch.length > 0 ? reduce(e, node.op, pixels, [0]) : pixels;
  e.define(node, 'plain', e.reshape(all, node.shape));
}

function reduce(e: Emitter, op: string, value: string, axes: readonly number[]): string {
  return e.emit(OPERATOR[op], [value, e.integers(axes)], { keepdims: 0 });
}
