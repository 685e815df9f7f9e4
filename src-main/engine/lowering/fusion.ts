import { isPerChannel } from '../graph/patterns.ts';
import { type GraphNode, sameShape } from '../graph/node.ts';

/** A convolution, or a scaling of channels, with what ONNX Runtime can do in the same pass: add a bias, add another image, activate. */
export interface Fusion {
  convolution: GraphNode;
  bias?: GraphNode;
  sum?: GraphNode;
  activation?: GraphNode;
  /** All of its nodes, in order; the last one carries the fusion. */
  chain: readonly GraphNode[];
}

const CONVOLUTIONS = new Set([
  'conv2d',
  'depthwiseConv2d',
  'conv2dInputGradient',
  'depthwiseConv2dInputGradient',
]);

/** An image, and one number for each of its channels that it is multiplied by: a convolution of the smallest kind. */
export function channelScale(node: GraphNode): { image: GraphNode; scale: GraphNode } | undefined {
  if (node.op !== 'multiply' || node.dtype !== 'float32') return undefined;
  const [a, b] = node.inputs;
  for (const [image, scale] of [
    [a, b],
    [b, a],
  ])
    if (
      sameShape(image.shape, node.shape) &&
      !sameShape(scale.shape, node.shape) &&
      isPerChannel(scale.shape, node.shape)
    )
      return { image, scale };
  return undefined;
}

/**
 * Finds the chains convolution (or scaling of channels) → bias → sum → activation in which each value has one user. The last node of a
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
    fusions.set(to, { ...fusion, chain: [...fusion.chain, to] });
  };
  for (const node of order) {
    if (CONVOLUTIONS.has(node.op) || channelScale(node)) {
      fusions.set(node, { convolution: node, chain: [node] });
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
