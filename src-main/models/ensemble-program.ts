import * as tf from '@tensorflow/tfjs-core';
import { Parameters, type Program } from '../engine/index.ts';
import { applyNetwork } from './apply.ts';
import { lastCut } from './cuts.ts';
import type { Model } from './model.ts';
import { layersBetween, parameterSpecs, stagesOf } from './network.ts';
import { probabilitiesOf } from './output.ts';
import { preprocess } from './preprocessing.ts';

const memberName = (member: number, weight: string): string => `member${member + 1}/${weight}`;

/**
 * Models that answer as one: the mean of their probabilities (Krogh and Vedelsby 1995; Lakshminarayanan et al. 2017). What all of them
 * have in common from the image on (a backbone that stayed frozen) is there once, and runs once.
 *
 * @param members of the same architecture, for the same images and classes
 * @returns a program `image` → `probabilities`, as `inferenceProgram` gives for one model, and the weights of all members
 */
export function ensembleProgram(
  members: readonly Model[],
  batch: number,
): { program: Program; parameters: Parameters } {
  const [first] = members;
  const { network, preprocessing, imageChannels } = first;
  const cut = lastCut(network, commonStage(members));
  const common = new Set(layersBetween(network, null, cut).map(({ name }) => name));
  const parameters = new Parameters();
  for (const [at, member] of members.entries())
    for (const { name, layer } of parameterSpecs(member.network)) {
      if (at > 0 && common.has(layer)) continue;
      const { shape, data } = member.parameters.get(name);
      parameters.add(memberName(at, name), shape, data);
    }
  const [height, width, channels] = network.inputShape;
  const program: Program = {
    name: `${network.name} ensemble of ${members.length}`,
    inputs: { image: { shape: [batch, height, width, imageChannels], dtype: 'float32' } },
    body: ({ image }, scope) => {
      const start = preprocess(image as tf.Tensor4D, channels, preprocessing);
      const shared =
        cut === null
          ? start
          : applyNetwork(network, (name) => scope(memberName(0, name)), start, { from: null, to: cut });
      const answers = members.map((member, at) => {
        const own = (name: string): ReturnType<typeof scope> => scope(memberName(at, name));
        const logits = applyNetwork(member.network, own, shared, { from: cut }) as tf.Tensor2D;
        return probabilitiesOf(member, logits);
      });
      return { probabilities: tf.div(tf.addN(answers), members.length) };
    },
  };
  return { program, parameters };
}

/** The last stage up to which all members hold the same weights; null when they differ from the first on. */
function commonStage([first, ...others]: readonly Model[]): string | null {
  let common: string | null = null;
  // The head is each member's own, even where it happens to be equal.
  for (const stage of stagesOf(first.network).slice(0, -1)) {
    const layers = new Set(
      first.network.layers.filter((layer) => layer.stage === stage).map(({ name }) => name),
    );
    const names = parameterSpecs(first.network)
      .filter(({ layer }) => layers.has(layer))
      .map(({ name }) => name);
    const hash = first.parameters.hash(names);
    if (!others.every(({ parameters }) => parameters.hash(names) === hash)) break;
    common = stage;
  }
  return common;
}
