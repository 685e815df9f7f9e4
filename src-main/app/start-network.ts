import type { TrainingConfig } from '../contract/training.ts';
import { modelCard, type Network, readModelNetwork, withHead } from '../models/index.ts';
import { planPhases } from '../training/index.ts';

/** The network that a training begins with, at the size that it was made for, with the head that it came with. */
export function startNetwork({ modelName, initial }: Pick<TrainingConfig, 'modelName' | 'initial'>): Network {
  if (initial !== 'pretrained' && initial !== 'random') return readModelNetwork(initial);
  const { architecture, inputSize, channels } = modelCard(modelName);
  return architecture([inputSize, inputSize, channels], 2);
}

/**
 * Whether the network has the stages and layers that a plan names: asked before anything is trained, as the baselines come first and would
 * be trained for nothing.
 *
 * @throws GraftError `stage-unknown`, `layer-unknown`, and what `readModelNetwork` throws
 */
export function requireFreezable(config: TrainingConfig): void {
  planPhases(config, { network: withHead(startNetwork(config), 2, config.head) });
}
