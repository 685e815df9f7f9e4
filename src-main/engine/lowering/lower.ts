import { topologicalOrder } from '../graph/graph.ts';
import type { GraphNode } from '../graph/node.ts';
import type { Emitter } from './emitter.ts';
import { lowerChannelScale } from './channel-scale.ts';
import { lowerConvolution, lowerSpread } from './convolution.ts';
import { lowerDepthwiseFilterGradient } from './depthwise.ts';
import { isElementwise, lowerElementwise } from './elementwise.ts';
import { lowerFilterGradient } from './filter-gradient.ts';
import { findFusions, type Fusion } from './fusion.ts';
import { lowerPlain } from './plain.ts';
import { lowerAveragePoolGradient, lowerMaxPoolGradient, lowerPool } from './pooling.ts';
import { lowerReduction } from './reduction.ts';
import { lowerConcat, lowerPad, lowerSlice } from './shapes.ts';

/** Lowers everything that `outputs` need, inputs first. `leaf` names the values of inputs and parameters. */
export function lowerGraph(
  emitter: Emitter,
  outputs: readonly GraphNode[],
  leaf: (node: GraphNode) => string,
): void {
  const order = topologicalOrder(outputs);
  const users = countUsers(order, outputs);
  const { absorbed, fusions } = findFusions(order, users);
  const pooledTwice = new Set(
    order.filter((node) => node.op === 'maxPoolGradient').map((node) => node.inputs[2]),
  );
  for (const node of order) {
    if (node.op === 'constant' || absorbed.has(node)) continue;
    if (node.op === 'input' || node.op === 'parameter') emitter.define(node, 'plain', leaf(node));
    else lowerNode(emitter, node, fusions.get(node), pooledTwice);
  }
}

function lowerNode(
  e: Emitter,
  node: GraphNode,
  fusion: Fusion | undefined,
  pooledTwice: ReadonlySet<GraphNode>,
): void {
  if (fusion?.convolution.op === 'multiply') return lowerChannelScale(e, node, fusion);
  if (fusion) return lowerConvolution(e, node, fusion);
  if (isElementwise(node)) return lowerElementwise(e, node);
  switch (node.op) {
    case 'sum':
    case 'mean':
    case 'max':
    case 'min':
    case 'prod':
      return lowerReduction(e, node);
    case 'conv2dFilterGradient':
      return lowerFilterGradient(e, node);
    case 'depthwiseConv2dFilterGradient':
      return lowerDepthwiseFilterGradient(e, node);
    case 'spread':
      return lowerSpread(e, node);
    case 'maxPool':
    case 'averagePool':
      return lowerPool(e, node, pooledTwice.has(node));
    case 'maxPoolGradient':
      return lowerMaxPoolGradient(e, node);
    case 'averagePoolGradient':
      return lowerAveragePoolGradient(e, node);
    case 'concat':
      return lowerConcat(e, node);
    case 'slice':
      return lowerSlice(e, node);
    case 'pad':
      return lowerPad(e, node);
    default:
      return lowerPlain(e, node);
  }
}

/** How often each node is used, program outputs included. */
function countUsers(order: readonly GraphNode[], outputs: readonly GraphNode[]): Map<GraphNode, number> {
  const users = new Map<GraphNode, number>();
  for (const node of [...order.flatMap((user) => user.inputs), ...outputs])
    users.set(node, (users.get(node) ?? 0) + 1);
  return users;
}
