import { GraftError } from '../../contract/errors.ts';
import type { GraphNode } from '../graph/node.ts';
import type { Emitter } from './emitter.ts';

const INT32 = 6;
const INT64 = 7;

/** What has one lowering, on tensors as TF.js lays them out. */
export function lowerPlain(e: Emitter, node: GraphNode): void {
  e.define(node, 'plain', lower(e, node));
}

function lower(e: Emitter, node: GraphNode): string {
  const { attributes } = node;
  const input = (index: number): string => e.value(node.inputs[index]);
  switch (node.op) {
    case 'reshape':
      return e.reshape(input(0), node.shape);
    case 'transpose':
      return e.transpose(input(0), attributes.permutation as readonly number[]);
    case 'broadcastTo':
      return e.emit('Expand', [input(0), e.integers(expansion(node))]);
    case 'matMul':
      return e.matMul(input(0), input(1), {
        transposeA: Boolean(attributes.transposeA),
        transposeB: Boolean(attributes.transposeB),
        rankA: node.inputs[0].shape.length,
        rankB: node.inputs[1].shape.length,
      });
    case 'softmax':
      return e.emit('Softmax', [input(0)], { axis: attributes.axis as number });
    case 'logSoftmax':
      return e.emit('LogSoftmax', [input(0)], { axis: attributes.axis as number });
    case 'argMax':
    case 'argMin': {
      const operator = node.op === 'argMax' ? 'ArgMax' : 'ArgMin';
      return e.emit(
        'Cast',
        [e.emit(operator, [input(0)], { axis: attributes.axis as number, keepdims: 0 })],
        { to: INT32 },
      );
    }
    case 'cumulativeSum':
      return e.emit('CumSum', [input(0), e.scalar(attributes.axis as number, 'int32')], {
        exclusive: Number(attributes.exclusive),
        reverse: Number(attributes.reverse),
      });
    case 'gather':
      return e.emit('Gather', [input(0), input(1)], { axis: attributes.axis as number });
    case 'gatherNd':
      return e.emit('GatherND', [input(0), e.emit('Cast', [input(1)], { to: INT64 })]);
    case 'scatterNd':
      return e.emit('ScatterND', [input(0), e.emit('Cast', [input(1)], { to: INT64 }), input(2)], {
        reduction: 'add',
      });
  }
  throw new GraftError('lowering-missing', `The operation ${node.op} has no lowering.`, { kind: 'bug' });
}

/** An extent that stays is named 1, so that a batch stays free. */
function expansion({ inputs: [x], shape }: GraphNode): number[] {
  const added = shape.length - x.shape.length;
  return shape.map((extent, axis) => (x.shape[axis - added] === extent ? 1 : extent));
}
