import type { ForeignGraph } from '../../../graph/foreign-layer.ts';
import { ForeignBuilder, type Numbers, shownName, unsupportedGraph } from '../../foreign-builder.ts';
import type { FileGraph, FileTensor } from '../../weight-file.ts';
import { type GraphNode, graphNodes, type NodeOutput, outputOf } from './nodes.ts';
import { operationTranslations } from './operations.ts';
import { GraphTranslation } from './translation.ts';
import { layerValue } from './values.ts';

/** A `model.json` of a graph model. */
export interface GraphDescription {
  topology: unknown;
  /** Names of inputs and outputs; older files have none. */
  signature: unknown;
  /** Of TensorFlow. */
  version: unknown;
}

/**
 * The network of a frozen graph of TensorFlow, which TensorFlow.js runs node by node.
 *
 * @param tensors its constants, by the names of their nodes
 */
export function tensorflowGraph(
  path: string,
  { topology, signature, version }: GraphDescription,
  tensors: ReadonlyMap<string, FileTensor>,
): FileGraph {
  const file = shownName(path);
  const nodes = graphNodes(topology, file);
  const inputs = [...nodes.values()].filter(({ op }) => op === 'Placeholder');
  const shape = inputs.length === 1 ? inputs[0].attributes.shape('shape') : null;
  const known = new Map<string, Numbers>();
  const numbers = (name: string): Numbers => {
    const tensor = tensors.get(name);
    if (!tensor) throw unsupportedGraph(file, `the constant ${name} without numbers`);
    const found = known.get(name) ?? { shape: tensor.shape, data: tensor.read() };
    known.set(name, found);
    return found;
  };
  return {
    source: `TensorFlow ${typeof version === 'string' ? version : '(version not stated)'}, as a frozen graph`,
    suffix: '-tfjs',
    nodes: nodes.size,
    inputSize: shape?.length === 4 && isSize(shape[1]) && isSize(shape[2]) ? [shape[1], shape[2]] : null,
    // Normalisation is folded into convolutions, and nodes are called otherwise than layers.
    keepsNames: false,
    read: ([height, width]) => {
      if (inputs.length !== 1) throw unsupportedGraph(file, `${inputs.length} inputs`);
      const channels = shape?.length === 4 ? shape[3] : -1;
      if (!isSize(channels))
        throw unsupportedGraph(file, 'an input that is no image of height, width and channels');
      const builder = new ForeignBuilder(file, [height, width, channels]);
      return translated(builder, nodes, outputs(signature, nodes, file), numbers);
    },
  };
}

const isSize = (extent: number): boolean => Number.isSafeInteger(extent) && extent > 0 && extent <= 65_536;

function translated(
  builder: ForeignBuilder,
  nodes: ReadonlyMap<string, GraphNode>,
  output: NodeOutput,
  numbers: (name: string) => Numbers,
): ForeignGraph {
  const needed = inOrder(nodes, output.node, builder);
  const graph = new GraphTranslation(builder, needed, numbers);
  for (const node of needed) {
    const known = graph.known(node.name);
    if (known) graph.keep(node.name, known);
    else if (node.op === 'Placeholder') graph.keep(node.name, layerValue(builder.input(node.name)));
    else if (Object.hasOwn(operationTranslations, node.op))
      graph.keep(node.name, operationTranslations[node.op](node, graph));
    else throw builder.unsupported(`the operation ${node.op} (${node.name})`);
  }
  const value = graph.output(output);
  if (value?.kind !== 'layer' || value.rows) throw builder.unsupported('an output that is none of an image');
  return builder.graph(builder.file, value.layer);
}

/** The one output: as the signature says, or the node that no other takes. */
function outputs(signature: unknown, nodes: ReadonlyMap<string, GraphNode>, file: string): NodeOutput {
  const { outputs: named } = (signature ?? {}) as { outputs?: Record<string, { name?: unknown } | null> };
  const said = Object.values(named ?? {}).flatMap((output) =>
    typeof output?.name === 'string' ? [outputOf(output.name)] : [],
  );
  const taken = new Set([...nodes.values()].flatMap(({ inputs }) => inputs.map(({ node }) => node)));
  const last = [...nodes.values()].filter(
    ({ name, op }) => !taken.has(name) && op !== 'NoOp' && op !== 'Const',
  );
  const found = said.length > 0 ? said : last.map(({ name }) => ({ node: name, output: 0 }));
  if (found.length === 1) return found[0];
  throw unsupportedGraph(file, `${found.length} outputs`);
}

/** The nodes that an output needs, each after its inputs. Without recursion: graphs are thousands of nodes deep. */
function inOrder(
  nodes: ReadonlyMap<string, GraphNode>,
  output: string,
  builder: ForeignBuilder,
): GraphNode[] {
  const result: GraphNode[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const stack = [{ name: output, leaving: false }];
  while (stack.length > 0) {
    const { name, leaving } = stack.pop()!;
    const node = nodes.get(name);
    if (!node) throw builder.unsupported(`no node ${name}, which another one takes`);
    if (leaving) {
      state.set(name, 'done');
      result.push(node);
    } else if (state.get(name) === 'open') throw builder.unsupported(`the node ${name} that needs itself`);
    else if (!state.has(name)) {
      state.set(name, 'open');
      stack.push({ name, leaving: true });
      for (const { node: input } of node.inputs.toReversed())
        if (state.get(input) !== 'done') stack.push({ name: input, leaving: false });
    }
  }
  return result;
}
