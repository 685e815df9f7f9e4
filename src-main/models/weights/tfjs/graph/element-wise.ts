import type { LayerOperation } from '../../../network.ts';
import type { UnaryFunction } from '../../../graph/operations.ts';
import type { Numbers } from '../../foreign-builder.ts';
import { activationOf } from './activations.ts';
import { binaryFolds, foldBinary, foldUnary, multiplyExtents, unaryFolds } from './fold.ts';
import type { GraphNode } from './nodes.ts';
import { besideImage, type GraphTranslation, layerName, scalarOf, type Translate } from './translation.ts';
import { layerValue, type Value } from './values.ts';

const FUNCTIONS: Record<string, readonly UnaryFunction[]> = {
  Neg: ['negative'],
  Abs: ['abs'],
  Exp: ['exp'],
  Log: ['log'],
  Sqrt: ['sqrt'],
  Rsqrt: ['sqrt', 'reciprocal'],
  Square: ['square'],
  Reciprocal: ['reciprocal'],
  Inv: ['reciprocal'],
  Erf: ['erf'],
  Sign: ['sign'],
  Sin: ['sin'],
  Cos: ['cos'],
};

/** Of one tensor, or of a constant, which is computed now. */
export const unary: Translate = (node, graph) => {
  const constant = graph.constantOrNull(node, 0);
  if (constant && Object.hasOwn(unaryFolds, node.op))
    return { kind: 'constant', ...foldUnary(constant, unaryFolds[node.op]) };
  const functions = Object.hasOwn(FUNCTIONS, node.op) ? FUNCTIONS[node.op] : [];
  return layerValue(
    functions.reduce(
      (input, name) =>
        graph.builder.add(layerName(node.name), { kind: 'unary', config: { function: name } }, [input]),
      graph.layer(node),
    ),
  );
};

export const activation: Translate = (node, graph) => {
  const config = activationOf(node.op, node.attributes.decimal('alpha', 0.2))!;
  return layerValue(
    graph.builder.add(layerName(node.name), { kind: 'activation', config }, [graph.layer(node)]),
  );
};

export const prelu: Translate = (node, graph) => {
  const input = graph.layer(node);
  const alpha = besideImage(graph.constant(node, 1), graph.builder.shape(input).length);
  if (!alpha) throw graph.wrong(node, 'slopes of another shape');
  const operation: LayerOperation = { kind: 'prelu', config: { shape: alpha.shape } };
  return layerValue(graph.builder.add(layerName(node.name), operation, [input], { alpha }));
};

export const clip: Translate = (node, graph) => {
  const limits = [1, 2].map((at) => scalarOf(graph.constant(node, at)));
  const [minimum, maximum] = limits;
  if (minimum === null || maximum === null) throw graph.wrong(node, 'several limits');
  const operation: LayerOperation = { kind: 'clip', config: { minimum, maximum } };
  return layerValue(graph.builder.add(layerName(node.name), operation, [graph.layer(node)]));
};

const KINDS = {
  Add: 'add',
  AddV2: 'add',
  Sub: 'subtract',
  Mul: 'multiply',
  RealDiv: 'divide',
  Div: 'divide',
  Maximum: 'maximum',
  Minimum: 'minimum',
  Pow: 'power',
} as const;
type Arithmetic = (typeof KINDS)[keyof typeof KINDS];

/** Of two tensors, of a tensor and a constant, or of constants and lengths, which are computed now. */
export const binary: Translate = (node, graph) => {
  const [a, b] = [graph.value(node, 0), graph.value(node, 1)];
  if (a.kind === 'constant' && b.kind === 'constant') {
    const folded = foldBinary(a, b, binaryFolds[node.op]);
    if (!folded) throw graph.wrong(node, 'constants that do not go together');
    return { kind: 'constant', ...folded };
  }
  if (a.kind === 'extents' || b.kind === 'extents') return lengths(node, graph);
  const kind = Object.hasOwn(KINDS, node.op) ? KINDS[node.op as keyof typeof KINDS] : null;
  if (kind === null) throw graph.wrong(node, 'images');
  const rows = [a, b].some((value) => value.kind === 'layer' && value.rows);
  const tensor = a.kind === 'layer' ? a.layer : b.kind === 'layer' ? b.layer : null;
  if (tensor === null) throw graph.wrong(node, 'an input of another kind');
  const constant = a.kind === 'constant' ? a : b.kind === 'constant' ? b : null;
  if (rows && constant?.shape.length !== 1) throw graph.wrong(node, 'pixels of all images at once');
  const output = constant
    ? withConstant(node, kind, { tensor, constant, first: a.kind === 'constant' }, graph)
    : ofTensors(node, kind, graph);
  return rows ? { kind: 'layer', layer: output, rows } : layerValue(output);
};

function ofTensors(node: GraphNode, kind: Arithmetic, graph: GraphTranslation): string {
  const { builder } = graph;
  const inputs = [graph.layer(node, 0), graph.layer(node, 1)];
  const [a, b] = inputs.map((input) => builder.shape(input).length);
  if (a !== b) throw graph.wrong(node, 'tensors of different ranks');
  return builder.add(layerName(node.name), { kind, config: {} }, inputs);
}

interface WithConstant {
  tensor: string;
  constant: Numbers;
  /** Whether the constant stands first. */
  first: boolean;
}

function withConstant(
  node: GraphNode,
  kind: Arithmetic,
  { tensor, constant, first }: WithConstant,
  graph: GraphTranslation,
): string {
  const { builder } = graph;
  const name = layerName(node.name);
  const rank = builder.shape(tensor).length;
  const channels = builder.shape(tensor)[rank - 1];
  const beside = besideImage(constant, rank);
  if (!beside) throw graph.wrong(node, `a constant of shape [${constant.shape.join(', ')}]`);
  const scalar = scalarOf(constant);
  if (scalar !== null && (kind === 'minimum' || kind === 'maximum')) {
    const config =
      kind === 'minimum' ? { minimum: null, maximum: scalar } : { minimum: scalar, maximum: null };
    return builder.add(name, { kind: 'clip', config }, [tensor]);
  }
  const perChannel = beside.data.length === channels && beside.shape[rank - 1] === channels;
  const fixed = scalar !== null || (perChannel && !builder.hasWeights);
  const config = fixed ? rescaling(kind, [...constant.data], first) : null;
  if (config) return builder.add(name, { kind: 'rescale', config }, [tensor]);
  // Scales and shifts behind the first weights are a normalisation that was folded: they can learn.
  const learns = perChannel && channels > 1 && (kind === 'add' || kind === 'multiply');
  const other = builder.array(`${name}_weight`, beside, learns);
  return builder.add(name, { kind, config: {} }, first ? [other, tensor] : [tensor, other]);
}

/** Arithmetic with constants as `x · scale + offset`; null where it is none. */
function rescaling(
  kind: Arithmetic,
  values: number[],
  first: boolean,
): { scale: number[]; offset: number[] } | null {
  switch (kind) {
    case 'add':
      return { scale: [1], offset: values };
    case 'multiply':
      return { scale: values, offset: [0] };
    case 'subtract':
      return first ? { scale: [-1], offset: values } : { scale: [1], offset: values.map((value) => -value) };
    case 'divide':
      return first ? null : { scale: values.map((value) => 1 / value), offset: [0] };
    default:
      return null;
  }
}

/** Sizes of images times what they are enlarged by, and the like. */
function lengths(node: GraphNode, graph: GraphTranslation): Value {
  const fold = Object.hasOwn(binaryFolds, node.op) ? binaryFolds[node.op] : null;
  const [a, b] = [0, 1].map((at) => graph.extents(node, at).extents);
  if (!fold || (a.length !== b.length && a.length !== 1 && b.length !== 1))
    throw graph.wrong(node, 'lengths that do not go together');
  const scalar = [0, 1].every((at) => {
    const value = graph.value(node, at);
    return value.kind === 'extents' ? value.scalar : value.kind === 'constant' && value.shape.length === 0;
  });
  const extents = Array.from({ length: Math.max(a.length, b.length) }, (_, at) => {
    const pair = [a[a.length === 1 ? 0 : at], b[b.length === 1 ? 0 : at]];
    if (node.op === 'Mul') {
      const product = multiplyExtents(pair);
      if (product) return product;
    }
    if (pair.some(({ batch }) => batch)) throw graph.wrong(node, 'arithmetic with the number of images');
    return { size: fold(pair[0].size, pair[1].size), batch: false };
  });
  return { kind: 'extents', extents, scalar };
}
