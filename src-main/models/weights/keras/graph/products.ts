import { activated, named, type Translate } from './settings.ts';

const DEPTHWISE = ['depthwise_kernel', 'kernel'];

export const conv2d: Translate = (call, translation) => {
  const { name, settings, inputs, place } = call;
  settings.channelsLast();
  const useBias = settings.flag('use_bias', true);
  const weights = ['kernel', ...(useBias ? ['bias'] : [])];
  const arrays = translation.arrays(
    place,
    weights.map((weight) => [weight]),
  );
  const groups = settings.count('groups', 1);
  const config = {
    filters: settings.count('filters'),
    kernelSize: settings.size('kernel_size'),
    strides: settings.size('strides', 1),
    padding: settings.padding(),
    useBias,
    ...dilationOf(settings),
    ...(groups === 1 ? {} : { groups }),
  };
  const output = translation.builder.add(name, { kind: 'conv2d', config }, inputs, named(weights, arrays));
  return activated(call, translation, output);
};

export const depthwiseConv2d: Translate = (call, translation) => {
  const { name, settings, inputs, place } = call;
  settings.channelsLast();
  const useBias = settings.flag('use_bias', true);
  const arrays = translation.arrays(place, [DEPTHWISE, ...(useBias ? [['bias']] : [])]);
  const output = translation.builder.add(
    name,
    {
      kind: 'depthwiseConv2d',
      config: {
        kernelSize: settings.size('kernel_size'),
        strides: settings.size('strides', 1),
        padding: settings.padding(),
        useBias,
        ...dilationOf(settings),
        ...multiplierOf(settings),
      },
    },
    inputs,
    named(['depthwise_kernel', 'bias'].slice(0, arrays.length), arrays),
  );
  return activated(call, translation, output);
};

/** One filter for each channel, and then one weight for each pair of channels. */
export const separableConv2d: Translate = (call, translation) => {
  const { name, settings, inputs, place } = call;
  settings.channelsLast();
  const useBias = settings.flag('use_bias', true);
  const [depthwise, ...pointwise] = translation.arrays(place, [
    ['depthwise_kernel'],
    ['pointwise_kernel'],
    ...(useBias ? [['bias']] : []),
  ]);
  const channels = translation.builder.add(
    `${name}_depthwise`,
    {
      kind: 'depthwiseConv2d',
      config: {
        kernelSize: settings.size('kernel_size'),
        strides: settings.size('strides', 1),
        padding: settings.padding(),
        useBias: false,
        ...dilationOf(settings),
        ...multiplierOf(settings),
      },
    },
    inputs,
    { depthwise_kernel: depthwise },
  );
  const filters = settings.count('filters');
  const output = translation.builder.add(
    name,
    { kind: 'conv2d', config: { filters, kernelSize: 1, strides: 1, padding: 'valid', useBias } },
    [channels],
    named(['kernel', 'bias'].slice(0, pointwise.length), pointwise),
  );
  return activated(call, translation, output);
};

export const dense: Translate = (call, translation) => {
  const { name, settings, inputs, place } = call;
  const useBias = settings.flag('use_bias', true);
  const weights = ['kernel', ...(useBias ? ['bias'] : [])];
  const arrays = translation.arrays(
    place,
    weights.map((weight) => [weight]),
  );
  const config = { units: settings.count('units'), useBias };
  const output = translation.builder.add(name, { kind: 'dense', config }, inputs, named(weights, arrays));
  return activated(call, translation, output);
};

function dilationOf(settings: Parameters<Translate>[0]['settings']): {
  dilation?: number | readonly [number, number];
} {
  const dilation = settings.size('dilation_rate', 1);
  return dilation === 1 ? {} : { dilation };
}

function multiplierOf(settings: Parameters<Translate>[0]['settings']): { depthMultiplier?: number } {
  const depthMultiplier = settings.count('depth_multiplier', 1);
  return depthMultiplier === 1 ? {} : { depthMultiplier };
}
