import type { Reduction } from '../../../graph/operations.ts';
import type { Activation, Translation } from '../translation.ts';
import { integers, type Operators, positive } from './operator.ts';

const reduce =
  (reduction: Reduction): Operators[string] =>
  (t, node) => {
    const x = t.activation(node.inputs[0]);
    const rank = x.axes.length;
    const given = integers(t, node, 1, 'axes');
    if (!given || given.length === 0) throw t.unsupported('all axes at once');
    const axes = given.map((axis) => positive(axis, rank));
    const keep = (node.attributes.get('keepdims')?.integer ?? 1) === 1;
    t.values.set(node.outputs[0], reduced(t, x, reduction, axes, keep));
  };

function reduced(
  t: Translation,
  given: Activation,
  reduction: Reduction,
  axes: readonly number[],
  keep: boolean,
): Activation {
  const x = t.withBatchOff(given, axes);
  const own = axes.flatMap((axis) => x.axes[axis]).sort((a, b) => a - b);
  if (own.includes(0)) throw t.unsupported('the mean of a batch');
  const kept = x.axes.filter((_, axis) => keep || !axes.includes(axis));
  const image = t.shapeOf(x.layer).length === 3 && own.join() === '1,2';
  if (image && reduction === 'mean') {
    const layer = t.add({ kind: 'globalAveragePooling2d', config: { keepDimensions: true } }, [x.layer]);
    return { layer, axes: kept };
  }
  // The layer's own axes stay as axes of 1: what is not counted among ONNX's any more is left where it is.
  const layer = t.add({ kind: 'reduce', config: { reduction, axes: own, keepDimensions: true } }, [x.layer]);
  return { layer, axes: kept };
}

export const reductions: Operators = {
  ReduceMax: reduce('max'),
  ReduceMean: reduce('mean'),
  ReduceMin: reduce('min'),
  ReduceSum: reduce('sum'),
};
