import type { Shapes } from '../network.ts';
import type { ForeignLayer } from './foreign-layer.ts';

/** Where a classifier's head begins: places in the order of layers. */
export interface BackboneEnd {
  /** The last layer of the backbone. */
  end: number;
  /** The layer that what was pooled leaves by, before the first of the head's weights; null where nothing is to be dropped. */
  pooled: number | null;
}

type HasWeights = (layer: ForeignLayer) => boolean;

/**
 * Finds what a classifier puts on its backbone: global pooling (or, for want of one, the flattening of the last image) and all
 * after it. Vectors that come of no pooling, as a class token's, end before the last dense layer.
 *
 * @param points `articulationPoints` of the layers
 */
export function findBackboneEnd(
  layers: readonly ForeignLayer[],
  points: readonly number[],
  shapes: Shapes,
  hasWeights: HasWeights,
): BackboneEnd {
  const shapeAt = (at: number): readonly number[] => shapes.get(layers[at].name)!;
  const regions = points.slice(1).map((to, at) => ({ from: points[at], to }));
  const between = ({ from, to }: { from: number; to: number }): readonly ForeignLayer[] =>
    layers.slice(from + 1, to + 1);
  const pooling = regions.findLast(
    (region) =>
      isVector(shapeAt(region.to)) &&
      !between(region).some(hasWeights) &&
      between(region).some((layer) => poolsAll(layer, shapes)),
  );
  if (pooling) return { end: pooling.from, pooled: untilWeights(layers, points, pooling.to, hasWeights) };
  const flattening = regions.find(
    (region) =>
      shapeAt(region.from).length === 3 &&
      shapeAt(region.to).length === 1 &&
      !between(region).some(hasWeights),
  );
  if (flattening)
    return { end: flattening.from, pooled: untilWeights(layers, points, flattening.to, hasWeights) };
  const last = layers.findLastIndex(hasWeights);
  const before = points.filter((at) => at < last).at(-1);
  const classifies = last >= 0 && layers[last].kind === 'dense' && isVector(shapeAt(layers.length - 1));
  return classifies && before !== undefined && points.includes(last)
    ? { end: before, pooled: before }
    : { end: layers.length - 1, pooled: null };
}

/** Flattening, dropout and the like belong to the pooling before them. */
function untilWeights(
  layers: readonly ForeignLayer[],
  points: readonly number[],
  from: number,
  hasWeights: HasWeights,
): number {
  const first = layers.findIndex((layer, at) => at > from && (hasWeights(layer) || layer.kind === 'weight'));
  return points.filter((at) => at >= from && (first === -1 || at < first)).at(-1)!;
}

const isVector = (shape: readonly number[]): boolean => shape.slice(0, -1).every((extent) => extent === 1);

/** Whether a layer makes one number a channel of all pixels, or of all tokens. */
function poolsAll(layer: ForeignLayer, shapes: Shapes): boolean {
  const x = shapes.get(layer.inputs[0]);
  switch (layer.kind) {
    case 'globalAveragePooling2d':
    case 'globalMaxPooling2d':
    case 'generalizedMeanPooling2d':
      return true;
    case 'averagePooling2d':
    case 'maxPooling2d': {
      const { poolSize } = layer.config;
      const [height, width] = typeof poolSize === 'number' ? [poolSize, poolSize] : poolSize;
      return height > 1 && height === x![0] && width === x![1];
    }
    case 'reduce':
      return (
        x!.length > 1 &&
        x!.slice(0, -1).every((_, axis) => layer.config.axes.includes(axis + 1)) &&
        !layer.config.axes.includes(x!.length)
      );
    default:
      return false;
  }
}
