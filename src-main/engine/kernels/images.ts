import * as tf from '@tensorflow/tfjs-core';
import { GraftError } from '../../contract/errors.ts';
import type { GraphBuilder } from '../graph/build.ts';
import type { WindowAttributes } from '../graph/patterns.ts';
import type { GraphNode } from '../graph/node.ts';
import { activate } from './products.ts';
import { type Attributes, register } from './register.ts';

type Shape4 = [number, number, number, number];
type ConvInfo = ReturnType<typeof tf.backend_util.computeConv2DInfo>;

const windowOf = (info: ConvInfo): WindowAttributes => ({
  strides: [info.strideHeight, info.strideWidth],
  dilations: [info.dilationHeight, info.dilationWidth],
  pads: [info.padInfo.top, info.padInfo.bottom, info.padInfo.left, info.padInfo.right],
});

function convolution(
  x: readonly number[],
  filter: readonly number[],
  a: Attributes,
  depthwise: boolean,
): ConvInfo {
  if (a.dataFormat && a.dataFormat !== 'NHWC') {
    throw new GraftError(
      'trace-data-format',
      `Expected images in NHWC, found ${String(a.dataFormat)}. Transpose them first.`,
    );
  }
  const info = tf.backend_util.computeConv2DInfo(
    [...x] as Shape4,
    [...filter] as Shape4,
    a.strides as number,
    (a.dilations as number | undefined) ?? 1,
    a.pad as 'same',
    a.dimRoundingMode as 'floor' | undefined,
    depthwise,
  );
  return withinImage(info, x, 'filter');
}

/** TF.js would go on with an empty image, and fail much later. */
function withinImage(info: ConvInfo, [, height, width]: readonly number[], what: string): ConvInfo {
  if (info.outHeight > 0 && info.outWidth > 0) return info;
  throw new GraftError(
    'trace-image-small',
    `Expected an image at least as large as the ${what} that runs over it, ${info.effectiveFilterHeight} × ${info.effectiveFilterWidth}, found ${height} × ${width}. Use larger images, or padding.`,
  );
}

export function registerImages(): void {
  registerConvolutions();
  registerPools();
  register('FusedBatchNorm', ({ x, mean, variance, offset, scale }, { varianceEpsilon }, b) => {
    // Written as TF.js's gradient writes it, so that both share their nodes.
    const inverse = b.unary(
      'reciprocal',
      b.unary('sqrt', b.add(variance, b.uniform((varianceEpsilon as number) ?? 0.001))),
    );
    const factor = scale ? b.multiply(inverse, scale) : inverse;
    const shift = b.binary('subtract', offset ?? b.uniform(0), b.multiply(mean, factor));
    return b.add(b.multiply(x, factor), shift);
  });
  for (const [kernel, method] of [
    ['ResizeBilinear', 'linear'],
    ['ResizeNearestNeighbor', 'nearest'],
  ] as const) {
    register(kernel, ({ images }, { size, alignCorners, halfPixelCenters }, b) =>
      resize(b, images, size as number[], method, Boolean(alignCorners), Boolean(halfPixelCenters)),
    );
    // With half pixels too, where TF.js's own gradient forgets them.
    register(`${kernel}Grad`, ({ images, dy }, { alignCorners, halfPixelCenters }, b) => {
      const size = images.shape.slice(1, 3);
      return resize(b, dy, size, method, Boolean(alignCorners), Boolean(halfPixelCenters), images.shape);
    });
  }
}

function registerConvolutions(): void {
  register('Conv2D', ({ x, filter }, a, b) => {
    const info = convolution(x.shape, filter.shape, a, false);
    return b.conv2d(x, filter, windowOf(info), info.outShape);
  });
  register('Conv2DBackpropInput', ({ dy, filter }, a, b) => {
    const shape = a.inputShape as number[];
    return b.convInputGradient(
      'conv2dInputGradient',
      dy,
      filter,
      windowOf(convolution(shape, filter.shape, a, false)),
      shape,
    );
  });
  register('Conv2DBackpropFilter', ({ x, dy }, a, b) => {
    const shape = a.filterShape as number[];
    return b.convFilterGradient(
      'conv2dFilterGradient',
      x,
      dy,
      windowOf(convolution(x.shape, shape, a, false)),
      shape,
    );
  });
  register('DepthwiseConv2dNative', ({ x, filter }, a, b) => {
    const info = convolution(x.shape, filter.shape, a, true);
    return b.depthwiseConv2d(x, filter, windowOf(info), info.outShape);
  });
  register('DepthwiseConv2dNativeBackpropInput', ({ dy, filter }, a, b) => {
    const shape = a.inputShape as number[];
    return b.convInputGradient(
      'depthwiseConv2dInputGradient',
      dy,
      filter,
      windowOf(convolution(shape, filter.shape, a, true)),
      shape,
    );
  });
  register('DepthwiseConv2dNativeBackpropFilter', ({ x, dy }, a, b) => {
    const shape = a.filterShape as number[];
    return b.convFilterGradient(
      'depthwiseConv2dFilterGradient',
      x,
      dy,
      windowOf(convolution(x.shape, shape, a, true)),
      shape,
    );
  });
  for (const [kernel, depthwise] of [
    ['FusedConv2D', false],
    ['FusedDepthwiseConv2D', true],
  ] as const) {
    register(kernel, ({ x, filter, bias, preluActivationWeights }, a, b) => {
      const info = convolution(x.shape, filter.shape, a, depthwise);
      const make = depthwise ? b.depthwiseConv2d.bind(b) : b.conv2d.bind(b);
      const image = make(x, filter, windowOf(info), info.outShape);
      return activate(b, bias ? b.add(image, bias) : image, a, preluActivationWeights);
    });
  }
}

function registerPools(): void {
  for (const [kernel, op] of [
    ['MaxPool', 'maxPool'],
    ['AvgPool', 'averagePool'],
  ] as const) {
    register(kernel, ({ x }, a, b) => {
      const info = pooling(x, a);
      return b.make(op, [unmergeable(b, x)], info.outShape, poolAttributes(info));
    });
  }
  register('MaxPoolGrad', ({ dy, input, output }, a, b) =>
    b.make('maxPoolGradient', [dy, input, output], input.shape, poolAttributes(pooling(input, a))),
  );
  register('AvgPoolGrad', ({ dy, input }, a, b) =>
    b.make('averagePoolGradient', [dy], input.shape, poolAttributes(pooling(input, a))),
  );
}

/** The smallest normal float32, below zero. */
const ALMOST_ZERO = -(2 ** -126);

/**
 * ONNX Runtime merges zero padding into the pool that follows, where padding then counts as nothing instead of as zeros.
 * It leaves padding with any other number alone.
 */
function unmergeable(b: GraphBuilder, x: GraphNode): GraphNode {
  if (x.op !== 'pad' || x.attributes.value !== 0 || x.dtype !== 'float32') return x;
  const { before, after } = x.attributes as Record<string, readonly number[]>;
  return b.pad(x.inputs[0], before, after, ALMOST_ZERO);
}

function pooling(x: GraphNode, a: Attributes): ConvInfo {
  const info = tf.backend_util.computePool2DInfo(
    [...x.shape] as Shape4,
    a.filterSize as number,
    a.strides as number,
    1,
    a.pad as 'same',
    a.dimRoundingMode as 'floor' | undefined,
  );
  const { top, bottom, left, right } = info.padInfo;
  if (Math.max(top, bottom) >= info.filterHeight || Math.max(left, right) >= info.filterWidth) {
    throw new GraftError(
      'trace-pool-padding',
      `Expected less padding than a pool's window has pixels, found padding ${[top, bottom, left, right].join(', ')} around a window of ${info.filterHeight}×${info.filterWidth}: some results would be of padding alone. Pad the image before the pool instead.`,
    );
  }
  return withinImage(info, x.shape, 'window of a pool');
}

const poolAttributes = (info: ConvInfo): Record<string, readonly number[]> => ({
  ...windowOf(info),
  size: [info.filterHeight, info.filterWidth],
});

/**
 * Resizing is linear and separable, so it is two small matrices: rows from the left, columns from the right. Its
 * gradient is the same two transposed (`gradientOf` is the shape of the image that was resized).
 */
function resize(
  b: GraphBuilder,
  x: GraphNode,
  size: readonly number[],
  method: 'linear' | 'nearest',
  alignCorners: boolean,
  halfPixel: boolean,
  gradientOf?: readonly number[],
): GraphNode {
  const [batch, height, width, channels] = x.shape;
  const matrix = (from: number, to: number): GraphNode =>
    gradientOf
      ? b.transpose(resizeMatrix(b, to, from, method, alignCorners, halfPixel), [1, 0])
      : resizeMatrix(b, from, to, method, alignCorners, halfPixel);
  const rows = b.matMul(matrix(height, size[0]), b.reshape(x, [batch, height, width * channels]));
  const columns = b.matMul(matrix(width, size[1]), b.reshape(rows, [batch * size[0], width, channels]));
  return b.reshape(columns, [batch, size[0], size[1], channels]);
}

function resizeMatrix(
  b: GraphBuilder,
  from: number,
  to: number,
  method: 'linear' | 'nearest',
  alignCorners: boolean,
  halfPixel: boolean,
): GraphNode {
  const weights = new Float32Array(to * from);
  const scale = alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to;
  for (let row = 0; row < to; row++) {
    if (method === 'nearest') {
      const at = halfPixel ? (row + 0.5) * scale : row * scale;
      const nearest = Math.min(from - 1, Math.max(0, alignCorners ? Math.round(at) : Math.floor(at)));
      weights[row * from + nearest] = 1;
    } else {
      const at = halfPixel ? (row + 0.5) * scale - 0.5 : row * scale;
      const low = Math.max(0, Math.floor(at));
      const high = Math.min(from - 1, Math.ceil(at));
      const share = at - Math.floor(at);
      weights[row * from + low] += 1 - share;
      weights[row * from + high] += share;
    }
  }
  return b.graph.constant(weights, [to, from], 'float32');
}
