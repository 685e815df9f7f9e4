import type { Padding } from '../../../network.ts';
import { transpose } from '../../match/lay-out.ts';
import type { OnnxNode } from '../messages.ts';
import { type Constant, floats, isConstant, type Translation } from '../translation.ts';
import type { Operators } from './operator.ts';

type Pair = [number, number];
/** `[top, bottom, left, right]`. */
type Around = [number, number, number, number];

const pairOf = (t: Translation, { attributes }: OnnxNode, name: string, otherwise: Pair): Pair => {
  const found = attributes.get(name)?.integers;
  if (found === undefined || found.length === 0) return otherwise;
  if (found.length !== 2) throw t.unsupported(`${name} along ${found.length} axes`);
  return [found[0], found[1]];
};

interface Window {
  size: Pair;
  strides: Pair;
  dilation: Pair;
  around: Around;
}

/** The window of a convolution or pool over an image `[height, width, …]`. */
function windowOf(t: Translation, node: OnnxNode, image: readonly number[], size: Pair): Window {
  const strides = pairOf(t, node, 'strides', [1, 1]);
  const dilation = pairOf(t, node, 'dilations', [1, 1]);
  const pads = node.attributes.get('pads')?.integers ?? [0, 0, 0, 0];
  if (pads.length !== 4) throw t.unsupported(`padding along ${pads.length / 2} axes`);
  const reach = [0, 1].map((axis) => (size[axis] - 1) * dilation[axis] + 1);
  const automatic = node.attributes.get('auto_pad')?.text ?? 'NOTSET';
  if (automatic === 'NOTSET' || automatic === '')
    return { size, strides, dilation, around: [pads[0], pads[2], pads[1], pads[3]] };
  const both = [0, 1].map((axis): Pair => {
    if (automatic === 'VALID') return [0, 0];
    const count = Math.ceil(image[axis] / strides[axis]);
    const all = Math.max(0, (count - 1) * strides[axis] + reach[axis] - image[axis]);
    const less = Math.floor(all / 2);
    return automatic === 'SAME_LOWER' ? [all - less, less] : [less, all - less];
  });
  return { size, strides, dilation, around: [...both[0], ...both[1]] };
}

const short = ([height, width]: Pair): number | Pair => (height === width ? height : [height, width]);
const none = (around: Around): boolean => around.every((extent) => extent === 0);

/** Whether as much is put around as `same` puts, whatever the size of the image. */
const isSame = ({ size, strides, dilation, around }: Window): boolean =>
  strides.every((stride) => stride === 1) &&
  size.every((extent, axis) => {
    const all = (extent - 1) * dilation[axis];
    return all % 2 === 0 && around[axis * 2] === all / 2 && around[axis * 2 + 1] === all / 2;
  });

/** Zeros around an image as a layer of their own, where `same` does not put them. */
function padded(t: Translation, image: string, window: Window): { source: string; padding: Padding } {
  if (none(window.around)) return { source: image, padding: 'valid' };
  if (isSame(window)) return { source: image, padding: 'same' };
  if (window.around.some((extent) => extent < 0)) throw t.unsupported('less than no padding');
  return {
    source: t.add({ kind: 'zeroPadding2d', config: { padding: window.around } }, [image], '_pad'),
    padding: 'valid',
  };
}

const conv: Operators[string] = (t, node) => {
  const x = t.activation(node.inputs[0]);
  const kernel = arrayOf(t, node.inputs[1]);
  const bias = node.inputs[2] ? arrayOf(t, node.inputs[2]) : null;
  if (kernel.shape.length !== 4) throw t.unsupported(`a kernel of ${kernel.shape.length} axes`);
  const image = t.image(x);
  const [, , channels] = t.shapeOf(image);
  const [filters, each, height, width] = kernel.shape;
  const groups = node.attributes.get('group')?.integer ?? 1;
  if (each * groups !== channels || filters % groups !== 0)
    throw t.unsupported(`a kernel of [${kernel.shape.join(', ')}] for ${channels} channels`);
  const window = windowOf(t, node, t.shapeOf(image), [height, width]);
  const { source, padding } = padded(t, image, window);
  const shared = {
    kernelSize: short(window.size),
    strides: short(window.strides),
    padding,
    useBias: bias !== null,
    ...(window.dilation.some((step) => step !== 1) ? { dilation: short(window.dilation) } : {}),
  };
  const laidOut = (shape: number[], order: number[]) => (): Float32Array =>
    transpose(floats(kernel.values()), shape, order);
  let layer: string;
  if (groups === channels && groups > 1) {
    const depthMultiplier = filters / channels;
    layer = t.add(
      { kind: 'depthwiseConv2d', config: { ...shared, ...(depthMultiplier > 1 ? { depthMultiplier } : {}) } },
      [source],
    );
    t.weigh(layer, 'depthwise_kernel', laidOut([channels, depthMultiplier, height, width], [2, 3, 0, 1]));
  } else {
    layer = t.add({ kind: 'conv2d', config: { filters, ...shared, ...(groups > 1 ? { groups } : {}) } }, [
      source,
    ]);
    t.weigh(layer, 'kernel', laidOut([...kernel.shape], [2, 3, 1, 0]));
  }
  if (bias) t.weigh(layer, 'bias', bias.values);
  t.setImage(node.outputs[0], layer);
};

function arrayOf(t: Translation, name: string): Constant {
  const value = t.value(name);
  if (!isConstant(value)) throw t.unsupported('weights computed from the image');
  return value;
}

const batchNormalization: Operators[string] = (t, node) => {
  const x = t.activation(node.inputs[0]);
  const arrays = node.inputs.slice(1, 5).map((input) => arrayOf(t, input).values);
  const vector = x.axes.length === 2;
  if (!vector && x.axes.length !== 4) throw t.unsupported(`${x.axes.length} axes`);
  const source = vector ? t.arrange(x, [[], [], x.axes[1]]) : t.image(x);
  const epsilon = node.attributes.get('epsilon')?.float ?? 1e-5;
  const momentum = node.attributes.get('momentum')?.float ?? 0.9;
  const layer = t.add({ kind: 'batchNormalization', config: { epsilon, momentum } }, [source]);
  ['gamma', 'beta', 'moving_mean', 'moving_variance'].forEach((weight, at) =>
    t.weigh(layer, weight, arrays[at]),
  );
  t.values.set(node.outputs[0], { layer, axes: vector ? [[0], [3]] : [[0], [3], [1], [2]] });
};

const groupNormalization =
  (groupsOf: (node: OnnxNode, channels: number) => number): Operators[string] =>
  (t, node) => {
    const image = t.image(t.activation(node.inputs[0]));
    const channels = t.shapeOf(image)[2];
    const groups = groupsOf(node, channels);
    const epsilon = node.attributes.get('epsilon')?.float ?? 1e-5;
    const layer = t.add({ kind: 'groupNormalization', config: { groups, epsilon } }, [image]);
    ['gamma', 'beta'].forEach((weight, at) => {
      const { shape, values } = arrayOf(t, node.inputs[at + 1]);
      // Until opset 21 one number a group.
      const each = channels / shape[0];
      t.weigh(layer, weight, () =>
        Array.from({ length: channels }, (_, channel) => values()[Math.floor(channel / each)]),
      );
    });
    t.setImage(node.outputs[0], layer);
  };

const layerNormalization: Operators[string] = (t, node) => {
  const x = t.activation(node.inputs[0]);
  const rank = x.axes.length;
  const axis = node.attributes.get('axis')?.integer ?? -1;
  if (axis !== -1 && axis !== rank - 1) throw t.unsupported('more than the last axis');
  const { value, own } = t.single(x, rank - 1);
  const last = own === t.shapeOf(value.layer).length ? value : t.canonical(value);
  const epsilon = node.attributes.get('epsilon')?.float ?? 1e-5;
  const center = Boolean(node.inputs[2]);
  const layer = t.add({ kind: 'layerNormalization', config: { epsilon, ...(center ? {} : { center }) } }, [
    last.layer,
  ]);
  t.weigh(layer, 'gamma', arrayOf(t, node.inputs[1]).values);
  if (center) t.weigh(layer, 'beta', arrayOf(t, node.inputs[2]).values);
  t.values.set(node.outputs[0], { ...last, layer });
};

const pool =
  (kind: 'maxPooling2d' | 'averagePooling2d'): Operators[string] =>
  (t, node) => {
    if (node.outputs[1] && t.users.has(node.outputs[1])) throw t.unsupported('the places of maxima');
    const image = t.image(t.activation(node.inputs[0]));
    const own = t.shapeOf(image);
    const window = windowOf(t, node, own, pairOf(t, node, 'kernel_shape', [1, 1]));
    if (window.dilation.some((step) => step !== 1)) throw t.unsupported('dilation');
    const settings = { poolSize: short(window.size), strides: short(window.strides) };
    const counted =
      kind === 'averagePooling2d' && (node.attributes.get('count_include_pad')?.integer ?? 0) === 1;
    const beyond = (node.attributes.get('ceil_mode')?.integer ?? 0) === 1 ? pastTheEnd(window, own) : [0, 0];
    if (counted && beyond.some((extent) => extent > 0)) throw t.unsupported('counted padding past the end');
    if (counted && !none(window.around)) {
      const source = t.add({ kind: 'zeroPadding2d', config: { padding: window.around } }, [image], '_pad');
      return t.setImage(
        node.outputs[0],
        t.add({ kind, config: { ...settings, padding: 'valid' } }, [source]),
      );
    }
    const [top, bottom, left, right] = window.around;
    const around: Around = [top, bottom + beyond[0], left, right + beyond[1]];
    const padding = none(around) ? 'valid' : around;
    t.setImage(node.outputs[0], t.add({ kind, config: { ...settings, padding } }, [image]));
  };

/** What windows that begin inside the image reach over its end, rounding up. */
function pastTheEnd({ size, strides, around }: Window, image: readonly number[]): Pair {
  const along = (axis: 0 | 1): number => {
    const whole = image[axis] + around[axis * 2] + around[axis * 2 + 1];
    let count = Math.ceil((whole - size[axis]) / strides[axis]) + 1;
    // One that would begin in the padding alone is none.
    if ((count - 1) * strides[axis] >= image[axis] + around[axis * 2]) count--;
    return Math.max(0, (count - 1) * strides[axis] + size[axis] - whole);
  };
  return [along(0), along(1)];
}

const globalPool =
  (kind: 'globalAveragePooling2d' | 'globalMaxPooling2d'): Operators[string] =>
  (t, node) => {
    const image = t.image(t.activation(node.inputs[0]));
    t.setImage(node.outputs[0], t.add({ kind, config: { keepDimensions: true } }, [image]));
  };

const resize: Operators[string] = (t, node) => {
  const x = t.activation(node.inputs[0]);
  const image = t.image(x);
  const own = t.shapeOf(image);
  const text = (name: string, otherwise: string): string => node.attributes.get(name)?.text || otherwise;
  const mode = text('mode', 'nearest');
  const transformation = text(
    'coordinate_transformation_mode',
    node.operator === 'Upsample' ? 'asymmetric' : 'half_pixel',
  );
  const coordinates = (
    {
      half_pixel: 'halfPixel',
      pytorch_half_pixel: 'halfPixel',
      asymmetric: 'asymmetric',
      align_corners: 'alignCorners',
    } as const
  )[transformation];
  const nearest = mode === 'nearest';
  const known =
    coordinates &&
    (nearest ? coordinates === 'asymmetric' && text('nearest_mode', 'floor') === 'floor' : mode === 'linear');
  if (!known) throw t.unsupported(`${mode} by ${transformation}`);
  // Upsample and the first Resize have the scales second; later ones third, with sizes after them.
  const early = node.operator === 'Upsample' || t.opset < 11;
  const scales =
    node.attributes.get('scales')?.floats ??
    (node.inputs[early ? 1 : 2] ? t.numbers(node.inputs[early ? 1 : 2]) : []);
  const sizes = !early && node.inputs[3] ? t.numbers(node.inputs[3]) : [];
  const scale: Pair =
    sizes.length === 4
      ? [sizes[2] / own[0], sizes[3] / own[1]]
      : scales.length === 4
        ? [scales[2], scales[3]]
        : [0, 0];
  if (!(scale[0] > 0 && scale[1] > 0)) throw t.unsupported('a scale that is not stated');
  const interpolation = nearest ? 'nearest' : 'bilinear';
  t.setImage(
    node.outputs[0],
    t.add({ kind: 'resize2d', config: { scale, interpolation, coordinates } }, [image]),
  );
};

export const images: Operators = {
  AveragePool: pool('averagePooling2d'),
  BatchNormalization: batchNormalization,
  Conv: conv,
  GlobalAveragePool: globalPool('globalAveragePooling2d'),
  GlobalMaxPool: globalPool('globalMaxPooling2d'),
  GroupNormalization: groupNormalization((node) => node.attributes.get('num_groups')?.integer ?? 1),
  InstanceNormalization: groupNormalization((_, channels) => channels),
  LayerNormalization: layerNormalization,
  MaxPool: pool('maxPooling2d'),
  Resize: resize,
  Upsample: resize,
};
