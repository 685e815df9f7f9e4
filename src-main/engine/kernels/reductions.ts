import type { GraphBuilder } from '../graph/build.ts';
import type { GraphNode } from '../graph/node.ts';
import { axesOf, register } from './register.ts';

export function registerReductions(): void {
  reduction('Sum', (x, axes, b) => b.reduce('sum', x.dtype === 'bool' ? b.cast(x, 'int32') : x, axes));
  reduction('Mean', (x, axes, b) => b.reduce('mean', b.cast(x, 'float32'), axes));
  reduction('Max', (x, axes, b) => b.reduce('max', x, axes));
  reduction('Min', (x, axes, b) => b.reduce('min', x, axes));
  reduction('Prod', (x, axes, b) => b.reduce('prod', x, axes));
  reduction('Any', (x, axes, b) => b.cast(b.reduce('max', b.cast(x, 'int32'), axes), 'bool'));
  reduction('All', (x, axes, b) => b.cast(b.reduce('min', b.cast(x, 'int32'), axes), 'bool'));
  for (const [kernel, op] of [
    ['ArgMax', 'argMax'],
    ['ArgMin', 'argMin'],
  ]) {
    register(kernel, ({ x }, { axis }, b) => {
      const [at] = axesOf(axis, x.shape.length);
      return b.make(
        op,
        [x],
        x.shape.filter((_, i) => i !== at),
        { axis: at },
        'int32',
      );
    });
  }
  register('Cumsum', ({ x }, { axis, exclusive, reverse }, b) =>
    b.make('cumulativeSum', [x], x.shape, {
      axis: axesOf(axis, x.shape.length)[0],
      exclusive: Boolean(exclusive),
      reverse: Boolean(reverse),
    }),
  );
  register('Cumprod', ({ x }, { axis, exclusive, reverse }, b) =>
    cumulativeProduct(b, x, axesOf(axis, x.shape.length)[0], Boolean(exclusive), Boolean(reverse)),
  );
}

/** ONNX has no such operator: row by row, the product of what counts, with ones in the place of the rest. */
function cumulativeProduct(
  b: GraphBuilder,
  x: GraphNode,
  axis: number,
  exclusive: boolean,
  reverse: boolean,
): GraphNode {
  const extent = x.shape[axis];
  const counts = Uint8Array.from({ length: extent * extent }, (_, i) => {
    const [row, column] = [Math.floor(i / extent), i % extent];
    const before = reverse ? column > row : column < row;
    return Number(before || (column === row && !exclusive));
  });
  const after = x.shape.slice(axis + 1);
  const mask = b.graph.constant(counts, [extent, extent, ...after.map(() => 1)], 'bool');
  const rows = b.reshape(x, [...x.shape.slice(0, axis), 1, extent, ...after]);
  return b.reduce('prod', b.select(mask, rows, b.uniform(1, [], x.dtype)), [axis + 1]);
}

function reduction(
  kernel: string,
  build: (x: GraphNode, axes: readonly number[], b: GraphBuilder) => GraphNode,
): void {
  register(kernel, ({ x }, { axis, reductionIndices, keepDims }, b) => {
    // TF.js's Max names its axes differently from all others.
    const axes = axesOf(reductionIndices ?? axis, x.shape.length);
    const reduced = build(x, axes, b);
    return keepDims
      ? b.reshape(
          reduced,
          x.shape.map((extent, i) => (axes.includes(i) ? 1 : extent)),
        )
      : reduced;
  });
}
