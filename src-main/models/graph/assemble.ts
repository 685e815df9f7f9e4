import { GraftError } from '../../contract/errors.ts';
import { Parameters, sizeOf } from '../../engine/index.ts';
import { withHead } from '../builder.ts';
import { initialValues } from '../initialise.ts';
import {
  checkNetwork,
  HEAD_STAGE,
  type Layer,
  type Network,
  outputShapes,
  parameterSpecs,
  POOL_STAGE,
} from '../network.ts';
import { articulationPoints } from './articulation.ts';
import { type BackboneEnd, findBackboneEnd } from './backbone-end.ts';
import type { ForeignGraph, ForeignLayer } from './foreign-layer.ts';
import { cleanNames } from './names.ts';
import { orderLayers } from './order.ts';
import { cutIntoStages } from './stages.ts';

/** A network from a file as one of Graft's. */
export interface AssembledGraph {
  network: Network;
  parameters: Parameters;
  /** Outputs of the file's own classifier, which is the network's head; null where it has none, and the head is drawn. */
  classes: number | null;
}

/** Outputs of a head that has to be drawn. */
const CLASSES = 2;

/**
 * Makes a network of Graft's of one that a file describes: layers in order, in stages that can be frozen one after the other,
 * the classifier apart as pool and head, so that `withHead` puts another in its place. Layers keep their names, cleaned.
 *
 * @throws GraftError `network-broken`, `network-shapes`, `graph-unsupported`, `weights-file`
 */
export function assembleGraph(graph: ForeignGraph): AssembledGraph {
  const { layers, fromArrays } = withoutSoftmax(graph);
  if (layers[0]?.kind !== 'input') throw unsupported(graph, 'an output that does not depend on the image');
  const flat: Network = {
    name: graph.name,
    inputShape: graph.inputShape,
    layers: layers.map((layer) => ({ ...layer, stage: 'stem' })),
  };
  const shapes = outputShapes(flat);
  const counts = new Map<string, number>();
  for (const { layer, shape } of parameterSpecs(flat))
    counts.set(layer, (counts.get(layer) ?? 0) + sizeOf(shape));
  const weights = ({ name }: ForeignLayer): number => counts.get(name) ?? 0;
  if (counts.size === 0) throw unsupported(graph, 'no layers with weights');
  const points = articulationPoints(layers).filter((at) => !fromArrays.has(layers[at].name));
  const found = findBackboneEnd(layers, points, shapes, (layer) => weights(layer) > 0);
  const backbone = layers.slice(0, found.end + 1);
  const inside = points.filter((at) => at <= found.end);
  const ends = cutIntoStages({ layers: backbone, points: inside, shapes, weights });
  const stageAt = (at: number): string => stageName(ends.findIndex((end) => at <= end));
  const staged = backbone.map((layer, at): Layer => ({ ...layer, stage: stageAt(at) }));
  const features = asImage(graph, staged[staged.length - 1], shapes);
  const body = { ...flat, layers: features ? [...staged, features] : staged };
  const headed = withOwnHead(body, layers, found, shapes);
  const network = headed ?? withHead(body, CLASSES);
  checkNetwork(network);
  return named(graph, network, headed === null);
}

/** Outputs are logits: a softmax at the end goes. */
function withoutSoftmax({ name, layers, output }: ForeignGraph): ReturnType<typeof orderLayers> {
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  let last = byName.get(output);
  while (last?.kind === 'activation' && last.config.activation === 'softmax')
    last = byName.get(last.inputs[0]);
  return orderLayers(name, layers, last?.name ?? output);
}

const stageName = (index: number): string => (index === 0 ? 'stem' : `stage${index}`);

/** Graft's heads pool an image: a vector is one of a single pixel, tokens are one of a single row. */
function asImage(graph: ForeignGraph, last: Layer, shapes: ReturnType<typeof outputShapes>): Layer | null {
  const shape = shapes.get(last.name)!;
  if (shape.length === 3) return null;
  if (shape.length === 0 || shape.length > 3)
    throw unsupported(graph, `features of shape [${shape.join(', ')}]`);
  const target = shape.length === 1 ? [1, 1, shape[0]] : [1, -1, shape[1]];
  return {
    kind: 'reshape',
    config: { shape: target },
    name: 'features',
    inputs: [last.name],
    stage: last.stage,
  };
}

/** The file's classifier as pool and head; null where it is none that Graft can have. */
function withOwnHead(
  body: Network,
  layers: readonly ForeignLayer[],
  { end, pooled }: BackboneEnd,
  shapes: ReturnType<typeof outputShapes>,
): Network | null {
  const output = shapes.get(layers[layers.length - 1].name)!;
  if (pooled === null || output.length !== 1 || pooled === layers.length - 1) return null;
  const source = body.layers[body.layers.length - 1].name;
  const rest = layers.slice(end + 1);
  if (source === layers[end].name) {
    const staged = rest.map((layer, at): Layer => ({
      ...layer,
      stage: end + 1 + at <= pooled ? POOL_STAGE : HEAD_STAGE,
    }));
    return { ...body, layers: [...body.layers, ...staged] };
  }
  // What was given another shape is given back the one that the classifier knows.
  const shape = shapes.get(layers[end].name)!;
  const back: Layer = {
    kind: 'reshape',
    config: { shape },
    name: 'pooled',
    inputs: [source],
    stage: POOL_STAGE,
  };
  const renamed = rest.map((layer, at): Layer => ({
    ...layer,
    inputs: layer.inputs.map((input) => (input === layers[end].name ? back.name : input)),
    stage: end + 1 + at <= pooled ? POOL_STAGE : HEAD_STAGE,
  }));
  return { ...body, layers: [...body.layers, back, ...renamed] };
}

/** Clean names, and the weights under them. */
function named(graph: ForeignGraph, network: Network, drawnHead: boolean): AssembledGraph {
  const clean = cleanNames(network.layers.map(({ name }) => name));
  const names = new Map(network.layers.map(({ name }, at) => [name, clean[at]]));
  const result: Network = {
    ...network,
    layers: network.layers.map((layer) => ({
      ...layer,
      name: names.get(layer.name)!,
      inputs: layer.inputs.map((input) => names.get(input)!),
    })),
  };
  const head = new Set(network.layers.filter(({ stage }) => stage === HEAD_STAGE).map(({ name }) => name));
  const parameters = new Parameters();
  for (const spec of parameterSpecs(network)) {
    const { name, layer, weight, shape } = spec;
    const cleanName = `${names.get(layer)}/${weight}`;
    if (drawnHead && head.has(layer)) {
      parameters.add(cleanName, shape, initialValues(spec, 0));
      continue;
    }
    const values = graph.weights.get(name) ?? graph.weights.get(`${layer.replace(/#\d+$/, '')}/${weight}`);
    if (values?.length !== sizeOf(shape)) {
      throw new GraftError(
        'weights-file',
        `Expected ${sizeOf(shape)} numbers for ${name} of ${graph.name}, found ${values?.length ?? 'none'}. Copy or export the file again.`,
      );
    }
    parameters.add(cleanName, shape, values);
  }
  const last = outputShapes(result).get(result.layers[result.layers.length - 1].name)!;
  return { network: result, parameters, classes: drawnHead ? null : last[0] };
}

const unsupported = ({ name }: ForeignGraph, found: string): GraftError =>
  new GraftError(
    'graph-unsupported',
    `Expected a network from one image to classes or features in ${name}, found ${found}. Choose a file with such a network.`,
  );
