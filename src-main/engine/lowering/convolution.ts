import type { WindowAttributes } from '../graph/patterns.ts';
import type { GraphNode } from '../graph/node.ts';
import type { Attribute } from '../onnx/model.ts';
import type { Emitter, Form } from './emitter.ts';
import { blockedFilter, channelsFirstFilter, depthwiseFilter } from './filters.ts';
import type { Fusion } from './fusion.ts';
import { stridedInputGradient } from './strided-gradient.ts';

export const windowOf = (node: GraphNode): WindowAttributes => node.attributes as unknown as WindowAttributes;

export const toNchw = ([n, h, w, c]: readonly number[]): number[] => [n, c, h, w];

/** ONNX's order of padding: top, left, bottom, right. */
export const onnxWindow = ({
  strides,
  dilations,
  pads,
}: WindowAttributes): Record<string, readonly number[]> => ({
  strides,
  dilations,
  pads: [pads[0], pads[2], pads[1], pads[3]],
});

/** A convolution, or its gradient towards the input, with the bias, sum and activation that go with it. */
export function lowerConvolution(e: Emitter, node: GraphNode, fusion: Fusion): void {
  const { convolution } = fusion;
  const [x, filter] = convolution.inputs;
  switch (convolution.op) {
    case 'conv2d':
      return runConvolution(e, node, fusion, image(e, x), filter, {
        window: windowOf(convolution),
        flip: false,
      });
    case 'depthwiseConv2d':
      return runDepthwise(e, node, fusion, image(e, x), filter, {
        window: windowOf(convolution),
        flip: false,
      });
    case 'conv2dInputGradient': {
      const window = windowOf(convolution);
      const backward = backwardWindow(window, filter.shape, x.shape, convolution.shape);
      const dense = window.strides[0] === 1 && window.strides[1] === 1;
      if (dense && backward)
        return runConvolution(e, node, fusion, image(e, x), filter, { window: backward, flip: true });
      const phased = fusion.bias || fusion.activation ? undefined : stridedInputGradient(e, convolution);
      if (!phased) return runTransposed(e, node, fusion, filter);
      return e.define(
        node,
        'blocked',
        fusion.sum ? e.emit('Add', [phased, e.value(fusion.sum, 'blocked')]) : phased,
      );
    }
    default: {
      const window = windowOf(convolution);
      const backward = backwardWindow(window, filter.shape, x.shape, convolution.shape);
      if (!backward || filter.shape[3] !== 1) return runTransposed(e, node, fusion, filter);
      const [n, h, w, c] = x.shape;
      const [down, right] = window.strides;
      const apart = [n, (h - 1) * down + 1, (w - 1) * right + 1, c];
      const dy = image(e, x);
      const spread = {
        shape: apart,
        value: (form: Form) => spreadOut(e, dy.value(form), form, x.shape, window.strides, apart),
      };
      const source = down === 1 && right === 1 ? dy : spread;
      return runDepthwise(e, node, fusion, source, filter, { window: backward, flip: true });
    }
  }
}

/** An image that can be had in any form. */
interface Image {
  shape: readonly number[];
  value(form: Form): string;
}

const image = (e: Emitter, node: GraphNode): Image => ({
  shape: node.shape,
  value: (form) => e.value(node, form),
});

/**
 * The window with which dy, set `strides` apart, gives dx by a stride-1 convolution with the filter turned round;
 * undefined when padding was wider than the filter.
 */
function backwardWindow(
  { strides, dilations, pads }: WindowAttributes,
  filter: readonly number[],
  dy: readonly number[],
  dx: readonly number[],
): WindowAttributes | undefined {
  const along = (axis: 0 | 1): [number, number] => {
    const reach = dilations[axis] * (filter[axis] - 1);
    const before = reach - pads[axis * 2];
    const apart = (dy[axis + 1] - 1) * strides[axis] + 1;
    return [before, dx[axis + 1] - apart - before + reach];
  };
  const [top, bottom] = along(0);
  const [left, right] = along(1);
  if (Math.min(top, bottom, left, right) < 0) return undefined;
  return { strides: [1, 1], dilations, pads: [top, bottom, left, right] };
}

interface ConvolutionPlan {
  window: WindowAttributes;
  /** Run the filter backwards, from its outputs to its inputs. */
  flip: boolean;
}

function runConvolution(
  e: Emitter,
  node: GraphNode,
  fusion: Fusion,
  x: Image,
  filter: GraphNode,
  plan: ConvolutionPlan,
): void {
  const { block } = e.target;
  const channelsIn = x.shape[3];
  const blocked = e.blockable(node) && (channelsIn % block === 0 || channelsIn < block);
  const weights = e.value(filter);
  const kernel = { kernel_shape: filter.shape.slice(0, 2), ...onnxWindow(plan.window) };
  if (blocked) {
    const source = x.value(channelsIn < block ? 'nchw' : 'blocked');
    finishBlocked(
      e,
      node,
      fusion,
      source,
      blockedFilter(e, weights, filter.shape, plan.flip, e.isConstant(filter)),
      kernel,
    );
  } else {
    finishPlain(
      e,
      node,
      fusion,
      [x.value('nchw'), channelsFirstFilter(e, weights, filter.shape, plan.flip)],
      'Conv',
      kernel,
    );
  }
}

function runDepthwise(
  e: Emitter,
  node: GraphNode,
  fusion: Fusion,
  x: Image,
  filter: GraphNode,
  plan: ConvolutionPlan,
): void {
  const [height, width, channels, multiplier] = filter.shape;
  const blocked = e.blockable(node) && multiplier === 1;
  const weights = depthwiseFilter(e, e.value(filter), filter.shape, plan.flip, blocked);
  const kernel = { kernel_shape: [height, width], group: channels, ...onnxWindow(plan.window) };
  if (blocked) finishBlocked(e, node, fusion, x.value('blocked'), weights, kernel);
  else finishPlain(e, node, fusion, [x.value('nchw'), weights], 'Conv', kernel);
}

/** ONNX's transposed convolution: what is left over for strides above 1. */
function runTransposed(e: Emitter, node: GraphNode, fusion: Fusion, filter: GraphNode): void {
  const { convolution } = fusion;
  const [dy] = convolution.inputs;
  const window = windowOf(convolution);
  const depthwise = convolution.op === 'depthwiseConv2dInputGradient';
  const extra = ([0, 1] as const).map((axis) => {
    const reach = window.dilations[axis] * (filter.shape[axis] - 1) + 1;
    const full =
      (dy.shape[axis + 1] - 1) * window.strides[axis] +
      reach -
      window.pads[axis * 2] -
      window.pads[axis * 2 + 1];
    return convolution.shape[axis + 1] - full;
  });
  const weights = depthwise
    ? depthwiseFilter(e, e.value(filter), filter.shape, false, false)
    : channelsFirstFilter(e, e.value(filter), filter.shape, false);
  const kernel = {
    kernel_shape: filter.shape.slice(0, 2),
    group: depthwise ? filter.shape[2] : 1,
    output_padding: extra,
    ...onnxWindow(window),
  };
  finishPlain(e, node, fusion, [e.value(dy, 'nchw'), weights], 'ConvTranspose', kernel);
}

export function finishBlocked(
  e: Emitter,
  node: GraphNode,
  fusion: Fusion,
  x: string,
  weights: string,
  attributes: Record<string, Attribute>,
): void {
  const channels = node.shape[3];
  const bias = fusion.bias ? e.reshape(e.value(fusion.bias), [channels]) : '';
  const inputs = [x, weights];
  if (fusion.bias || fusion.sum) inputs.push(bias);
  if (fusion.sum) inputs.push(e.value(fusion.sum, 'blocked'));
  e.define(
    node,
    'blocked',
    e.nchwc('Conv', inputs, { ...attributes, ...activationAttributes(fusion.activation) }),
  );
}

function activationAttributes(activation: GraphNode | undefined): Record<string, Attribute> {
  if (!activation) return {};
  if (activation.op === 'relu') return { activation: 'Relu' };
  const { low, high } = activation.attributes as { low: number; high: number };
  return { activation: 'Clip', activation_params: { floats: [low, high] } };
}

function finishPlain(
  e: Emitter,
  node: GraphNode,
  fusion: Fusion,
  inputs: readonly string[],
  operator: 'Conv' | 'ConvTranspose',
  attributes: Record<string, Attribute>,
): void {
  const channels = node.shape[3];
  const bias = fusion.bias ? [e.reshape(e.value(fusion.bias), [channels])] : [];
  let result = e.emit(operator, [...inputs, ...bias], attributes);
  if (fusion.sum) result = e.emit('Add', [result, e.value(fusion.sum, 'nchw')]);
  if (fusion.activation?.op === 'relu') result = e.emit('Relu', [result]);
  else if (fusion.activation) {
    const { low, high } = fusion.activation.attributes as { low: number; high: number };
    result = e.emit('Clip', [result, e.scalar(low), e.scalar(high)]);
  }
  e.define(node, 'nchw', result);
}

/** Zeros between the pixels, in the form the image has. */
export function lowerSpread(e: Emitter, node: GraphNode): void {
  const [x] = node.inputs;
  const form = e.native(x) === 'plain' ? 'nchw' : e.native(x);
  const strides = node.attributes.strides as readonly number[];
  e.define(node, form, spreadOut(e, e.value(x, form), form, x.shape, strides, node.shape));
}

function spreadOut(
  e: Emitter,
  value: string,
  form: Form,
  [n, h, w, c]: readonly number[],
  [down, right]: readonly number[],
  shape: readonly number[],
): string {
  const lanes = form === 'blocked' ? e.target.block : 1;
  const maps = (n * c) / lanes;
  // Pad behind every pixel and every row, then cut or fill up to the shape asked for.
  const padded = e.pad(
    e.reshape(value, [maps, h, 1, w, lanes]),
    [0, 0, 0, 0, 0],
    [0, 0, down - 1, 0, (right - 1) * lanes],
    e.scalar(0),
  );
  const tall = h * down;
  const wide = w * right;
  const extraRows = Math.max(0, shape[1] - tall);
  const extraColumns = Math.max(0, shape[2] - wide);
  let grid = e.reshape(padded, [maps, tall, wide, lanes]);
  if (extraRows || extraColumns)
    grid = e.pad(grid, [0, 0, 0, 0], [0, extraRows, extraColumns, 0], e.scalar(0));
  if (tall > shape[1] || wide > shape[2]) grid = e.slice(grid, [0, 0], [shape[1], shape[2]], [1, 1], [1, 2]);
  return e.reshape(grid, toNchw(shape));
}
