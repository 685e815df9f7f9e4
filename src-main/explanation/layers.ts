import type { ExplainableLayer } from '../contract/explanation.ts';
import { GraftError } from '../contract/errors.ts';
import { HEAD_STAGE, type Layer, type Network, outputShapes, POOL_STAGE } from '../models/index.ts';
import { hasPlaces, heardPlaces, isTokens, type Layout, layoutsOf } from './places.ts';

/** A layer whose features have places in the image, with what each axis of them is. */
export interface SpatialLayer extends ExplainableLayer {
  layout: Layout;
}

/** Of features in patches: what ends a part of a transformer. What stands between is queries, keys, and parts of sums. */
const ENDS_OF_PARTS: ReadonlySet<Layer['kind']> = new Set(['add', 'concatenate', 'layerNormalization']);

/**
 * Layers whose output is features in places of the image, in the order in which they run: images `[rows, columns, channels]`, their axes in any
 * order, and patches `[tokens, channels]`. What only adds a border is left out: its places are not those of the image.
 */
export function spatialLayers(network: Network): SpatialLayer[] {
  const shapes = outputShapes(network);
  const layouts = layoutsOf(network);
  const heard = heardPlaces(network, layouts);
  return network.layers.flatMap(({ name, kind, stage }): SpatialLayer[] => {
    const [shape, layout] = [shapes.get(name)!, layouts.get(name)!];
    if (kind === 'input' || kind === 'zeroPadding2d' || kind === 'pad') return [];
    if (stage === POOL_STAGE || stage === HEAD_STAGE || !heard.has(name) || !hasPlaces(layout)) return [];
    const tokens = layout.find(isTokens);
    if (shape.length !== (tokens ? 2 : 3) || (tokens && !ENDS_OF_PARTS.has(kind))) return [];
    const rows = tokens?.rows ?? shape[layout.indexOf('rows')];
    const columns = tokens?.columns ?? shape[layout.indexOf('columns')];
    if (rows * columns < 2) return [];
    return [{ name, stage, rows, columns, channels: shape[layout.indexOf(null)], layout }];
  });
}

/** The last such layer of each stage: what a person is offered. */
export const offeredLayers = (network: Network): ExplainableLayer[] => {
  const layers = spatialLayers(network);
  return layers
    .filter(({ stage }, at) => layers[at + 1]?.stage !== stage)
    .map(({ name, stage, rows, columns, channels }) => ({ name, stage, rows, columns, channels }));
};

/**
 * The layer to look at: the one of that name, or the last of the backbone that still has places on which the answers depend.
 *
 * @throws GraftError `layer-unknown`, `layer-missing`
 */
export function chosenLayer(network: Network, name: string | null = null): SpatialLayer {
  const layers = spatialLayers(network);
  const last = layers.at(-1);
  if (!last) {
    throw new GraftError(
      'layer-missing',
      `Expected a layer of ${network.name} whose features have a place in the image, found none. Explain it by occlusion, which needs no layer.`,
    );
  }
  const found = name === null ? last : layers.find((layer) => layer.name === name);
  if (found) return found;
  const offered = offeredLayers(network).map((layer) => layer.name);
  throw new GraftError(
    'layer-unknown',
    `Expected a layer of ${network.name} that has places in the image, for example ${offered.slice(-5).join(', ')}; found "${name}".`,
  );
}
