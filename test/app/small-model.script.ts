// A saved model with random weights, in place of pre-trained ones: `node small-model.script.ts FOLDER`.
import { fileURLToPath } from 'node:url';
import { initialiseParameters, modelCard, saveModel } from '../../src-main/models/index.ts';

/** Saves a starter of 32² with two classes and weights drawn from a seed. */
export function saveSmallModel(folder: string): void {
  const card = modelCard('starter');
  const network = card.architecture([32, 32, card.channels], 2);
  saveModel(folder, {
    network,
    parameters: initialiseParameters(network, 3),
    classes: ['one', 'other'],
    preprocessing: card.preprocessing,
    imageChannels: card.channels,
    metadata: { source: 'random weights for tests' },
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) saveSmallModel(process.argv[2]);
