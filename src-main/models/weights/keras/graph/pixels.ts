import type { LayerOperation } from '../../../network.ts';
import type { Settings, Translate } from './settings.ts';

type Four = readonly [number, number, number, number];

export const pool2d =
  (kind: 'maxPooling2d' | 'averagePooling2d'): Translate =>
  ({ name, settings, inputs }, { builder }) => {
    settings.channelsLast();
    const poolSize = settings.size('pool_size', 2);
    const strides = (settings.get('strides') ?? null) === null ? poolSize : settings.size('strides');
    const config = { poolSize, strides, padding: settings.padding() };
    return builder.add(name, { kind, config }, inputs);
  };

export const globalPool2d =
  (kind: 'globalAveragePooling2d' | 'globalMaxPooling2d'): Translate =>
  ({ name, settings, inputs }, { builder }) => {
    settings.channelsLast();
    const config = settings.flag('keepdims', false) ? { keepDimensions: true } : {};
    return builder.add(name, { kind, config }, inputs);
  };

export const zeroPadding2d: Translate = ({ name, settings, inputs }, { builder }) => {
  settings.channelsLast();
  return builder.add(
    name,
    { kind: 'zeroPadding2d', config: { padding: sides(settings, 'padding') } },
    inputs,
  );
};

export const cropping2d: Translate = ({ name, settings, inputs }, { builder }) => {
  settings.channelsLast();
  const [top, bottom, left, right] = sides(settings, 'cropping');
  const [height, width, channels] = builder.shape(inputs[0]);
  const config = {
    begin: [top, left, 0],
    end: [height - bottom, width - right, channels],
    strides: [1, 1, 1],
  };
  if (config.end[0] <= top || config.end[1] <= left) throw settings.wrong('cropping');
  return builder.add(name, { kind: 'slice', config }, inputs);
};

export const upSampling2d: Translate = ({ name, settings, inputs }, { builder }) => {
  settings.channelsLast();
  const interpolation = settings.text('interpolation', 'nearest');
  if (interpolation !== 'nearest' && interpolation !== 'bilinear') throw settings.wrong('interpolation');
  const scale = settings.pair('size', 2);
  return builder.add(
    name,
    { kind: 'resize2d', config: { scale, interpolation, coordinates: 'halfPixel' } },
    inputs,
  );
};

export const flatten: Translate = ({ name, settings, inputs }, { builder }) => {
  settings.channelsLast();
  return builder.add(name, { kind: 'reshape', config: { shape: [-1] } }, inputs);
};

export const reshape: Translate = ({ name, settings, inputs }, { builder }) =>
  builder.add(name, { kind: 'reshape', config: { shape: settings.list('target_shape') } }, inputs);

export const permute: Translate = ({ name, settings, inputs }, { builder }) => {
  const dims = settings.list('dims');
  const rank = builder.shape(inputs[0]).length;
  if (dims.toSorted((a, b) => a - b).some((axis, at) => axis !== at + 1) || dims.length !== rank)
    throw settings.wrong('dims');
  return builder.add(name, { kind: 'permute', config: { dims } }, inputs);
};

/** What changes the size of an image is left out where the image has that size. */
export const resizing: Translate = ({ settings, inputs }, { builder }) => {
  const [height, width] = builder.shape(inputs[0]);
  if (settings.count('height') !== height) throw settings.wrong('height');
  if (settings.count('width') !== width) throw settings.wrong('width');
  return inputs[0];
};

/** One number for all sides, `[rows, columns]`, or `[[top, bottom], [left, right]]`. */
function sides(settings: Settings, name: string): Four {
  const value = settings.get(name) ?? 1;
  const rows: unknown[] = Array.isArray(value) ? value : [value, value];
  const flat = rows.flatMap((side): unknown[] => (Array.isArray(side) ? side : [side, side]));
  const sound = flat.every(
    (item) => Number.isSafeInteger(item) && (item as number) >= 0 && (item as number) < 1e6,
  );
  if (flat.length !== 4 || !sound) throw settings.wrong(name);
  return flat as unknown as Four;
}

/** A layer without settings that one of Graft's does as it is. */
export const plain =
  (operation: LayerOperation): Translate =>
  ({ name, inputs }, { builder }) =>
    builder.add(name, operation, inputs);
