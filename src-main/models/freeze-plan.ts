import { GraftError } from '../contract/errors.ts';
import type { FreezeMapRow, FreezePreset } from '../contract/training.ts';
import { sizeOf } from '../engine/index.ts';
import { lastCut } from './cuts.ts';
import {
  backboneStages,
  HEAD_STAGE,
  type Network,
  outputShapes,
  parameterSpecs,
  stageOutput,
  stagesOf,
} from './network.ts';

/** Which layers learn, and how fast. */
export interface FreezePlan {
  /** Layers whose weights learn, those of the head among them. */
  trainableLayers: ReadonlySet<string>;
  /**
   * The longest run of wholly frozen stages from the input, behind which the network can be cut, ends with this one; null when the first
   * learns.
   */
  cut: string | null;
  /** Factor of the learning rate by stage: 1 for the head and the topmost learning stage. */
  stageFactors: ReadonlyMap<string, number>;
}

/** What is asked for: the first of these that is given counts. */
export interface FreezeRequest {
  trainableLayers?: readonly string[] | null;
  freezeUntil?: string | null;
  preset?: FreezePreset;
}

/**
 * Decides what learns. `feature-extraction` freezes the whole backbone, `last-stage` all but its last stage, `full`,
 * `gradual` and `lp-ft` (which training reaches step by step) nothing. The head always learns.
 *
 * @param stageFactor each learning stage's rate as a factor of the stage above it (discriminative rates, Howard
 * and Ruder 2018); 1 switches them off
 * @param stageRates factors of single stages, in place of those
 * @throws GraftError `stage-unknown`, `layer-unknown`
 */
export function planFreeze(
  network: Network,
  request: FreezeRequest,
  stageFactor = 1,
  stageRates: Readonly<Record<string, number>> | null = null,
): FreezePlan {
  const backbone = backboneStages(network);
  const withWeights = new Set(
    parameterSpecs(network)
      .filter(({ learns }) => learns)
      .map(({ layer }) => layer),
  );
  const learning = chooseLayers(network, backbone, request);
  const trainableLayers = new Set(
    network.layers
      .filter(
        ({ name, stage }) => withWeights.has(name) && (stage === HEAD_STAGE || learning({ name, stage })),
      )
      .map(({ name }) => name),
  );
  const learns = (stage: string): boolean =>
    network.layers.some((layer) => layer.stage === stage && trainableLayers.has(layer.name));
  const stages = stagesOf(network);
  // The head learns, so one is found; pooling has no weights, and belongs to the prefix when all before it is frozen.
  const firstLearning = stages.findIndex(learns);
  const stageFactors = new Map<string, number>([[HEAD_STAGE, 1]]);
  let factor = 1;
  for (const stage of backbone.toReversed()) {
    stageFactors.set(stage, factor);
    if (learns(stage)) factor *= stageFactor;
  }
  for (const [stage, rate] of Object.entries(stageRates ?? {})) {
    if (!backbone.includes(stage)) throw stageUnknown(network, backbone, stage);
    stageFactors.set(stage, rate);
  }
  const frozen = firstLearning === 0 ? null : stages[firstLearning - 1];
  return { trainableLayers, cut: lastCut(network, frozen), stageFactors };
}

function chooseLayers(
  network: Network,
  backbone: readonly string[],
  request: FreezeRequest,
): (layer: { name: string; stage: string }) => boolean {
  const { trainableLayers, freezeUntil, preset = 'last-stage' } = request;
  if (trainableLayers) {
    const known = new Set(network.layers.map(({ name }) => name));
    const unknown = trainableLayers.find((name) => !known.has(name));
    if (unknown !== undefined) {
      throw new GraftError(
        'layer-unknown',
        `Expected layers of ${network.name} to train, found "${unknown}", which it does not have. The freeze map of a run lists them all.`,
      );
    }
    return ({ name }) => trainableLayers.includes(name);
  }
  if (freezeUntil) {
    if (!backbone.includes(freezeUntil)) {
      throw stageUnknown(network, backbone, freezeUntil);
    }
    const last = backbone.indexOf(freezeUntil);
    return ({ stage }) => backbone.indexOf(stage) > last;
  }
  switch (preset) {
    case 'feature-extraction':
      return () => false;
    case 'last-stage':
      return ({ stage }) => stage === backbone[backbone.length - 1];
    case 'gradual':
    case 'lp-ft':
    case 'full':
      return () => true;
  }
}

const stageUnknown = (network: Network, backbone: readonly string[], found: string): GraftError =>
  new GraftError(
    'stage-unknown',
    `Expected a stage of ${network.name}, one of ${backbone.join(', ')}; found "${found}".`,
  );

/** Names of the weights that learn under a plan. */
export function trainableParameters(network: Network, plan: FreezePlan): string[] {
  return parameterSpecs(network)
    .filter(({ layer, learns }) => learns && plan.trainableLayers.has(layer))
    .map(({ name }) => name);
}

/** The plan as rows for people: one for each layer, frozen or not. */
export function freezeMap(network: Network, plan: FreezePlan): FreezeMapRow[] {
  const shapes = outputShapes(network);
  const counts = new Map<string, number>();
  for (const { layer, shape } of parameterSpecs(network))
    counts.set(layer, (counts.get(layer) ?? 0) + sizeOf(shape));
  return network.layers.map(({ name, kind, stage }) => ({
    stage,
    layer: name,
    kind,
    outputShape: [...shapes.get(name)!],
    parameters: counts.get(name) ?? 0,
    trainable: plan.trainableLayers.has(name),
  }));
}

/** Shape, without the batch, of what crosses the cut: the input's when nothing is frozen. */
export function cutShape(network: Network, cut: string | null): readonly number[] {
  return cut === null ? network.inputShape : outputShapes(network).get(stageOutput(network, cut))!;
}
