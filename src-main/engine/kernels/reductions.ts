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
