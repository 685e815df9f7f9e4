import { filled, type LayerCall, type Settings, type Translate, type Translation } from './settings.ts';

/** Over channels, which have to come last. A vector is one of an image of a single pixel. */
export const batchNormalization: Translate = (call, translation) => {
  const { name, settings, inputs, place } = call;
  const { builder } = translation;
  const shape = builder.shape(inputs[0]);
  lastAxis(settings, shape.length);
  settings.only('renorm', false);
  const scale = settings.flag('scale', true);
  const center = settings.flag('center', true);
  const weights = [
    ...(scale ? ['gamma'] : []),
    ...(center ? ['beta'] : []),
    'moving_mean',
    'moving_variance',
  ];
  const found = translation.arrays(
    place,
    weights.map((weight) => [weight]),
  );
  const channels = shape.slice(-1);
  const arrays = {
    beta: filled(channels, 0),
    ...Object.fromEntries(weights.map((weight, at) => [weight, found[at]])),
  };
  const config = {
    epsilon: settings.number('epsilon', 1e-3),
    momentum: settings.number('momentum', 0.99),
    ...(scale ? {} : { scale }),
  };
  const image = shape.length === 3;
  const pixel = image
    ? inputs[0]
    : builder.add(`${name}_pixel`, { kind: 'reshape', config: { shape: [1, -1, channels[0]] } }, inputs);
  const output = builder.add(name, { kind: 'batchNormalization', config }, [pixel], arrays);
  return image
    ? output
    : builder.add(
        `${name}_vector`,
        {
          kind: 'reshape',
          config: { shape: shape.map((extent, axis) => (axis === 0 && shape.length > 1 ? -1 : extent)) },
        },
        [output],
      );
};

export const layerNormalization: Translate = (call, translation) => {
  const { name, settings, inputs } = call;
  lastAxis(settings, translation.builder.shape(inputs[0]).length);
  settings.only('rms_scaling', false);
  const scale = settings.flag('scale', true);
  const center = settings.flag('center', true);
  const config = {
    epsilon: settings.number('epsilon', 1e-3),
    ...(scale ? {} : { scale }),
    ...(center ? {} : { center }),
  };
  return translation.builder.add(
    name,
    { kind: 'layerNormalization', config },
    inputs,
    gammaAndBeta(call, translation, scale, center),
  );
};

export const groupNormalization: Translate = (call, translation) => {
  const { name, settings, inputs } = call;
  const shape = translation.builder.shape(inputs[0]);
  lastAxis(settings, shape.length);
  const channels = shape[shape.length - 1];
  const groups = settings.number('groups', 32);
  const config = { groups: groups === -1 ? channels : groups, epsilon: settings.number('epsilon', 1e-3) };
  const { gamma = filled([channels], 1), beta = filled([channels], 0) } = gammaAndBeta(
    call,
    translation,
    settings.flag('scale', true),
    settings.flag('center', true),
  );
  if (!Number.isInteger(config.groups) || config.groups < 1 || channels % config.groups !== 0)
    throw settings.wrong('groups');
  return translation.builder.add(name, { kind: 'groupNormalization', config }, inputs, { gamma, beta });
};

/** `x · scale + offset`: what Keras calls `Rescaling` and its `Normalization` by a known mean and variance. */
export const rescaling: Translate = ({ name, settings, inputs }, { builder }) => {
  const config = { scale: numbers(settings, 'scale', 1), offset: numbers(settings, 'offset', 0) };
  return builder.add(name, { kind: 'rescale', config }, inputs);
};

/** Keras divides by no less. */
const LEAST_DEVIATION = 1e-7;

export const normalization: Translate = ({ name, settings, inputs, place }, { builder, arrays }) => {
  settings.only('invert', false);
  const given = settings.get('mean') !== undefined && settings.get('mean') !== null;
  const [mean, variance] = given
    ? [numbers(settings, 'mean', 0), numbers(settings, 'variance', 1)]
    : arrays(place, [['mean'], ['variance']]).map(({ data }) => [...data]);
  const scale = variance.map((value) => 1 / Math.max(Math.sqrt(value), LEAST_DEVIATION));
  const each = mean.length >= scale.length ? mean : scale.map(() => mean[0]);
  const config = {
    scale,
    offset: each.map((value, channel) => -value * (scale[channel] ?? scale[0])),
  };
  const channels = builder.shape(inputs[0]).at(-1)!;
  if ([config.scale, config.offset].some(({ length }) => length !== 1 && length !== channels))
    throw settings.wrong('axis');
  return builder.add(name, { kind: 'rescale', config }, inputs);
};

function gammaAndBeta(
  { place }: LayerCall,
  { arrays }: Translation,
  scale: boolean,
  center: boolean,
): ReturnType<typeof named> {
  return named(arrays, place, [...(scale ? ['gamma'] : []), ...(center ? ['beta'] : [])]);
}

function named(
  arrays: Translation['arrays'],
  place: LayerCall['place'],
  weights: readonly string[],
): Record<string, ReturnType<typeof filled>> {
  const found = arrays(
    place,
    weights.map((weight) => [weight]),
  );
  return Object.fromEntries(weights.map((weight, at) => [weight, found[at]]));
}

/** `axis`: −1, the last counted from the batch, or a list of that one. */
function lastAxis(settings: Settings, rank: number): void {
  const value = settings.get('axis') ?? -1;
  const axis: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
  if (axis !== -1 && axis !== rank) throw settings.wrong('axis');
}

/** One number, or one for each channel, however they are wrapped. */
function numbers(settings: Settings, name: string, otherwise: number): number[] {
  const value = settings.get(name) ?? otherwise;
  const flat = Array.isArray(value) ? (value.flat(4) as unknown[]) : [value];
  if (flat.length > 0 && flat.length <= 4096 && flat.every((item) => typeof item === 'number')) return flat;
  throw settings.wrong(name);
}
