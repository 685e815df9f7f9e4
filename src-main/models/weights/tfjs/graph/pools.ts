import type { LayerOperation } from '../../../network.ts';
import { spatial } from './convolutions.ts';
import { layerName, type Translate } from './translation.ts';
import { layerValue } from './values.ts';

export const pool =
  (kind: 'maxPooling2d' | 'averagePooling2d'): Translate =>
  (node, graph) => {
    const padding = node.attributes.text('padding', 'VALID').toLowerCase();
    if (padding !== 'same' && padding !== 'valid') throw graph.wrong(node, `the padding ${padding}`);
    if (node.attributes.text('data_format', 'NHWC') !== 'NHWC')
      throw graph.wrong(node, 'channels before pixels');
    const config = {
      poolSize: spatial(node, 'ksize', graph),
      strides: spatial(node, 'strides', graph),
      padding: padding as 'same' | 'valid',
    };
    return layerValue(graph.builder.add(layerName(node.name), { kind, config }, [graph.layer(node)]));
  };

const REDUCTIONS = { Mean: 'mean', Sum: 'sum', Max: 'max', Min: 'min' } as const;

export const reduction: Translate = (node, graph) => {
  const input = graph.layer(node);
  const { length: rank } = graph.builder.shape(input);
  const axes = graph.axes(node, 1, rank).toSorted((a, b) => a - b);
  const keepDimensions = node.attributes.flag('keep_dims') || node.attributes.flag('keepdims');
  const whole = rank === 3 && axes.join() === '1,2';
  const kind = node.op === 'Mean' ? 'globalAveragePooling2d' : 'globalMaxPooling2d';
  const operation: LayerOperation =
    whole && (node.op === 'Mean' || node.op === 'Max')
      ? { kind, config: keepDimensions ? { keepDimensions } : {} }
      : {
          kind: 'reduce',
          config: { reduction: REDUCTIONS[node.op as keyof typeof REDUCTIONS], axes, keepDimensions },
        };
  return layerValue(graph.builder.add(layerName(node.name), operation, [input]));
};

/** By averages and variances that are known, as after training. */
export const batchNormalization: Translate = (node, graph) => {
  if (node.attributes.flag('is_training')) throw graph.wrong(node, 'normalisation by the batch');
  const input = graph.layer(node);
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((at) => graph.constant(node, at));
  const config = { epsilon: node.attributes.decimal('epsilon', 1e-4), momentum: 0.99 };
  return layerValue(
    graph.builder.add(layerName(node.name), { kind: 'batchNormalization', config }, [input], {
      gamma,
      beta,
      moving_mean: mean,
      moving_variance: variance,
    }),
  );
};

export const pad: Translate = (node, graph) => {
  const input = graph.layer(node);
  const { length: rank } = graph.builder.shape(input);
  const sides = graph.wholes(node, 1);
  const value = node.inputs.length > 2 ? graph.constant(node, 2).data[0] : 0;
  if (
    sides.length !== 2 * (rank + 1) ||
    sides.some((side) => side < 0 || side > 4096) ||
    sides[0] + sides[1] > 0
  )
    throw graph.wrong(node, 'no sound padding');
  const before = sides.filter((_, at) => at >= 2 && at % 2 === 0);
  const after = sides.filter((_, at) => at >= 2 && at % 2 === 1);
  const plain = rank === 3 && value === 0 && before[2] + after[2] === 0;
  const operation: LayerOperation = plain
    ? { kind: 'zeroPadding2d', config: { padding: [before[0], after[0], before[1], after[1]] } }
    : { kind: 'pad', config: { before, after, value } };
  return layerValue(graph.builder.add(layerName(node.name), operation, [input]));
};

export const resize =
  (interpolation: 'nearest' | 'bilinear'): Translate =>
  (node, graph) => {
    const input = graph.layer(node);
    const { extents } = graph.extents(node, 1);
    const [height, width] = graph.builder.shape(input);
    if (extents.length !== 2 || extents.some(({ size, batch }) => batch || size < 1 || size > 65_536))
      throw graph.wrong(node, 'no sound size');
    const coordinates = node.attributes.flag('align_corners')
      ? 'alignCorners'
      : node.attributes.flag('half_pixel_centers')
        ? 'halfPixel'
        : 'asymmetric';
    const scale = [times(height, extents[0].size), times(width, extents[1].size)] as const;
    const operation: LayerOperation = { kind: 'resize2d', config: { scale, interpolation, coordinates } };
    return layerValue(graph.builder.add(layerName(node.name), operation, [input]));
  };

/** What a length is to be multiplied with, so that rounding down gives another. */
const times = (from: number, to: number): number =>
  Math.floor(from * (to / from)) === to ? to / from : (to + 0.5) / from;
