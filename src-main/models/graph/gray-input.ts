import { GraftError } from '../../contract/errors.ts';
import { Parameters } from '../../engine/index.ts';
import { type Layer, type Network, parameterSpecs } from '../network.ts';
import { sumChannels } from '../weights/match/lay-out.ts';

/** A network for grey images, and the layer that was changed. */
export interface GrayNetwork {
  network: Network;
  parameters: Parameters;
  layer: string;
}

/**
 * A network for colour that sees grey images: its first convolution summed over its channels, so that a grey image gives what it gave
 * when it was shown on all of them.
 *
 * @throws GraftError `graph-unsupported` where the image goes elsewhere first
 */
export function grayInput({
  network,
  parameters,
}: {
  network: Network;
  parameters: Parameters;
}): GrayNetwork {
  const layer = firstConvolution(network);
  const [height, width] = network.inputShape;
  const gray: Network = { ...network, inputShape: [height, width, 1] };
  const kernel = `${layer.name}/kernel`;
  const summed = new Parameters();
  for (const { name, shape } of parameterSpecs(gray)) {
    const { data, shape: wide } = parameters.get(name);
    summed.add(name, shape, name === kernel ? sumChannels(data, wide) : data);
  }
  return { network: gray, parameters: summed, layer: layer.name };
}

function firstConvolution({ name, layers }: Network): Layer {
  let source = layers[0].name;
  for (;;) {
    const users = layers.filter(({ inputs }) => inputs.includes(source));
    const [user] = users;
    if (users.length === 1 && user.kind === 'zeroPadding2d') source = user.name;
    else if (users.length === 1 && user.kind === 'conv2d' && (user.config.groups ?? 1) === 1) return user;
    else {
      throw new GraftError(
        'graph-unsupported',
        `Expected a network whose first layer is a convolution to make ${name} see one channel, found ${users.map(({ kind }) => kind).join(' and ') || 'none'}. Add it as it is: grey images are shown on all of its channels.`,
      );
    }
  }
}
