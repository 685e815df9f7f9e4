import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { GraftError } from '../contract/errors.ts';
import type { Parameters } from '../engine/index.ts';
import { sha256, writeFileAtomic } from '../platform/files.ts';
import { initialiseParameters } from './initialise.ts';
import { checkNetwork, type Network, outputShapes, variants } from './network.ts';
import { type OutputKind, outputKinds, sharesOneOutput } from './output.ts';
import type { Preprocessing } from './preprocessing.ts';
import { assignTensors, readSafetensors, writeSafetensors } from './safetensors.ts';

/** A network with its weights and all that is needed to use it. */
export interface Model {
  network: Network;
  parameters: Parameters;
  /** In the order of the outputs. Two classes may share one output, the second's: see `sharesOneOutput`. */
  classes: readonly string[];
  /** What the head's numbers are turned into. Default `softmax`. */
  output?: OutputKind;
  preprocessing: Preprocessing;
  /** Channels of the images that it is given, before preprocessing. */
  imageChannels: number;
  /** Where it comes from: source task, training configuration, date. Strings, numbers and lists of them. */
  metadata: Record<string, unknown>;
}

const FORMAT = 'graft-model';
const VERSION = 1;

const config = z.record(z.string(), z.unknown());
const modelFile = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  network: z.object({
    name: z.string(),
    variant: z.enum(variants).optional(),
    inputShape: z.tuple([
      z.number().int().positive(),
      z.number().int().positive(),
      z.number().int().positive(),
    ]),
    fixedSize: z.boolean().optional(),
    layers: z
      .array(
        z.object({
          name: z.string(),
          kind: z.string(),
          inputs: z.array(z.string()),
          stage: z.string(),
          config,
        }),
      )
      .min(2),
  }),
  classes: z.array(z.string()),
  output: z.enum(outputKinds).optional(),
  preprocessing: z.object({
    scale: z.array(z.number()).min(1),
    offset: z.array(z.number()).min(1),
    channelOrder: z.enum(['rgb', 'bgr']).optional(),
  }),
  imageChannels: z.number().int().positive(),
  metadata: z.record(z.string(), z.unknown()),
  weights: z.object({ file: z.literal('weights.safetensors'), sha256: z.string() }),
});

/** Writes `model.json` and `weights.safetensors` to a folder, weights first, each whole or not at all. */
export function saveModel(folder: string, model: Model, options: { dtype?: 'F32' | 'F16' } = {}): void {
  const weights = join(folder, 'weights.safetensors');
  writeSafetensors(weights, model.parameters, { dtype: options.dtype ?? 'F32' });
  const { network, classes, output, preprocessing, imageChannels, metadata } = model;
  const content = {
    format: FORMAT,
    version: VERSION,
    network,
    classes,
    ...(output ? { output } : {}),
    preprocessing,
    imageChannels,
    metadata,
    weights: { file: 'weights.safetensors', sha256: sha256(readFileSync(weights)) },
  };
  writeFileAtomic(join(folder, 'model.json'), `${JSON.stringify(content, null, 1)}\n`);
}

/**
 * What a model folder says of its network, without reading the weights.
 *
 * @throws GraftError `model-missing`, `model-file`
 */
export function readModelNetwork(folder: string): Network {
  return readModelDescription(folder).network;
}

/** The same, with what images have to be. */
export function readModelDescription(folder: string): Pick<Model, 'network' | 'preprocessing'> {
  const path = join(folder, 'model.json');
  if (!existsSync(path)) throw modelMissing(folder);
  const { network: described, preprocessing } = parseModelFile(path);
  const network = described as unknown as Network;
  checkNetwork(network);
  return { network, preprocessing };
}

/**
 * Reads a model folder back. The weights' checksum is compared with the one in `model.json`.
 *
 * @throws GraftError `model-missing`, `model-file`, `weights-checksum`, `weights-file`, `weights-mismatch`
 */
export function loadModel(folder: string): Model {
  const path = join(folder, 'model.json');
  if (!existsSync(path)) throw modelMissing(folder);
  const content = parseModelFile(path);
  const network = content.network as unknown as Network;
  checkNetwork(network);
  const last = outputShapes(network).get(network.layers[network.layers.length - 1].name)!;
  const fits = last[0] === content.classes.length || sharesOneOutput(content, last[0]);
  if (last.length !== 1 || !fits) {
    throw new GraftError(
      'model-file',
      `Expected one output for each of ${content.classes.length} classes in ${path}, found outputs of shape [${last}].`,
    );
  }
  const weights = join(folder, content.weights.file);
  const { tensors } = readSafetensors(weights);
  const found = sha256(readFileSync(weights));
  if (found !== content.weights.sha256) {
    throw new GraftError(
      'weights-checksum',
      `Expected weights with the checksum ${content.weights.sha256.slice(0, 12)}… in ${weights}, found ${found.slice(0, 12)}…. Copy the model folder again.`,
    );
  }
  const given = new Set(network.layers.map(({ name }) => name));
  const parameters = initialiseParameters(network, 0, given);
  assignTensors(parameters, tensors);
  const { classes, output, preprocessing, imageChannels, metadata } = content;
  return {
    network,
    parameters,
    classes,
    ...(output ? { output } : {}),
    preprocessing,
    imageChannels,
    metadata,
  };
}

const modelMissing = (folder: string): GraftError =>
  new GraftError(
    'model-missing',
    `Expected a model (model.json and weights.safetensors) in ${folder}, found none. Choose another folder or model.`,
  );

function parseModelFile(path: string): z.output<typeof modelFile> {
  try {
    return modelFile.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new GraftError(
      'model-file',
      `Expected a description of a Graft model in ${path}, found something else. Copy the model folder again.`,
      { cause },
    );
  }
}
