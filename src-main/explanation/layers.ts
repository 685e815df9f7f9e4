import type { ExplainableLayer } from '../contract/explanation.ts';
import { GraftError } from '../contract/errors.ts';
import { HEAD_STAGE, type Network, outputShapes, POOL_STAGE } from '../models/index.ts';

/** Layers whose output is an image of features, `[rows, columns, channels]`, in the order in which they run. */
export function spatialLayers(network: Network): ExplainableLayer[] {
  const shapes = outputShapes(network);
  return network.layers.flatMap(({ name, kind, stage }): ExplainableLayer[] => {
    const shape = shapes.get(name)!;
    if (kind === 'input' || kind === 'weight' || stage === POOL_STAGE || stage === HEAD_STAGE) return [];
    if (shape.length !== 3 || shape[0] * shape[1] < 2) return [];
    return [{ name, stage, rows: shape[0], columns: shape[1], channels: shape[2] }];
  });
}

/** The last such layer of each stage: what a person is offered. */
export const offeredLayers = (network: Network): ExplainableLayer[] => {
  const layers = spatialLayers(network);
  return layers.filter(({ stage }, at) => layers[at + 1]?.stage !== stage);
};

/**
 * The layer to look at: the one of that name, or the last of the backbone that still has places.
 *
 * @throws GraftError `layer-unknown`, `layer-missing`
 */
export function chosenLayer(network: Network, name: string | null = null): ExplainableLayer {
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
