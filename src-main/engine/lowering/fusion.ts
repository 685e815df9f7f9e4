import { isPerChannel } from '../graph/patterns.ts';
import { type GraphNode, sameShape } from '../graph/node.ts';

/** A convolution with what ONNX Runtime can do in the same pass: add a bias, add another image, activate. */
export interface Fusion {
  convolution: GraphNode;
  bias?: GraphNode;
  sum?: GraphNode;
  activation?: GraphNode;
}

const CONVOLUTIONS = new Set([
  'conv2d',
  'depthwiseConv2d',
  'conv2dInputGradient',
  'depthwiseConv2dInputGradient',
]);

/**
 * Finds the chains convolution → bias → sum → activation in which each value has one user. The last node of a
 * chain carries the fusion; the others are absorbed in it.
 */
export function findFusions(
  order: readonly GraphNode[],
  users: ReadonlyMap<GraphNode, number>,
): { fusions: Map<GraphNode, Fusion>; absorbed: Set<GraphNode> } {
  const fusions = new Map<GraphNode, Fusion>();
  const absorbed = new Set<GraphNode>();
  const take = (from: GraphNode, to: GraphNode, fusion: Fusion): void => {
    fusions.delete(from);
    absorbed.add(from);
    fusions.set(to, fusion);
  };
  for (const node of order) {
    if (CONVOLUTIONS.has(node.op)) {
      fusions.set(node, { convolution: node });
      continue;
    }
    if (node.op === 'add') {
      for (const [image, other] of [
        [node.inputs[1], node.inputs[0]],
        [node.inputs[0], node.inputs[1]],
      ]) {
        const fusion = fusions.get(image);
        if (!fusion || users.get(image) !== 1 || fusion.activation || !sameShape(image.shape, node.shape))
          continue;
        if (!fusion.bias && !fusion.sum && other.static && isPerChannel(other.shape, node.shape)) {
          take(image, node, { ...fusion, bias: other });
          break;
        }
        // The other image has to exist by the time the convolution runs: nodes come in order, so it does.
        if (!fusion.sum && image !== other && sameShape(other.shape, node.shape)) {
          take(image, node, { ...fusion, sum: other });
          break;
        }
      }
    } else if (node.op === 'relu' || node.op === 'clip') {
      const fusion = fusions.get(node.inputs[0]);
      if (fusion && users.get(node.inputs[0]) === 1 && !fusion.activation)
        take(node.inputs[0], node, { ...fusion, activation: node });
    }
  }
  return { fusions, absorbed };
}
