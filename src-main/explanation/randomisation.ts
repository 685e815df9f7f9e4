import type { RandomisationStep, SanityCheck } from '../contract/explanation.ts';
import { GraftError } from '../contract/errors.ts';
import { initialValues, type Model, parameterSpecs, stagesOf } from '../models/index.ts';
import { ProgressMeter } from '../platform/progress-meter.ts';
import { openMaps, toLargest } from './explain.ts';
import { chosenLayer } from './layers.ts';
import { sampleMap } from './sample-map.ts';
import { spearman, structuralSimilarity } from './similarity.ts';
import type { ActivationMap, MapContext, MapRequest, Target } from './target.ts';

/** Below this mean rank correlation two maps have little in common. */
const IN_COMMON = 0.5;
/** Side at which maps are compared by structure. */
const COMPARED = 64;

export interface Randomisation {
  check: SanityCheck;
  /** Of the first target: the model's own map, and that of each step. */
  own: ActivationMap;
  drawn: ActivationMap[];
}

/**
 * The cascading parameter randomisation of Adebayo et al. (2018): from the answers down, one stage after the other gets weights drawn anew, and the maps
 * of the same classes are compared with those of the model as it was trained. A map that stays the same says nothing of what was learned.
 *
 * @param seed of the weights that are drawn
 * @throws GraftError what `explainTargets` throws
 */
export async function checkByRandomisation(
  model: Model,
  targets: readonly Target[],
  request: MapRequest,
  seed: number,
  context: MapContext,
): Promise<Randomisation> {
  const { network } = model;
  const parameters = model.parameters.clone();
  const stages = stagesOf(network).toReversed();
  const specs = parameterSpecs(network);
  const stageOf = new Map(network.layers.map(({ name, stage }) => [name, stage]));
  const inStage = (stage: string): typeof specs =>
    specs.filter(
      ({ layer, weight, learns }) => stageOf.get(layer) === stage && (learns || weight !== 'weight'),
    );
  const drawable = stages.filter((stage) => inStage(stage).length > 0);
  const maker = await openMaps(model, request, context, targets.length, parameters);
  const total = (drawable.length + 1) * targets.length;
  const meter = new ProgressMeter('Drawing weights anew', 'maps', total, context.onProgress);
  try {
    const own = await maker.of(targets, (count) => meter.advance(count));
    const steps: RandomisationStep[] = [];
    const drawn: ActivationMap[] = [];
    let empty = 0;
    for (const stage of drawable) {
      if (context.signal?.aborted) throw GraftError.cancelled('The check of the explanation');
      for (const spec of inStage(stage)) parameters.get(spec.name).data.set(initialValues(spec, seed));
      const maps = await maker.of(targets, (count) => meter.advance(count, stage));
      steps.push({ stage, ...likeness(own, maps) });
      drawn.push(maps[0]);
      empty = maps.filter(isEmpty).length;
    }
    meter.finish();
    const { method } = request;
    const layer = method === 'occlusion' ? null : chosenLayer(network, request.layer).name;
    const verdict = verdictOn(own, steps);
    const check = { method, layer, images: targets.length, steps, verdict };
    return { check: { ...check, sentence: sentenceOf(check, empty) }, own: own[0], drawn };
  } finally {
    await maker.dispose();
  }
}

function likeness(
  own: readonly ActivationMap[],
  maps: readonly ActivationMap[],
): Pick<RandomisationStep, 'spearman' | 'ssim'> {
  let [ranks, structure] = [0, 0];
  own.forEach((map, at) => {
    ranks += (spearman(map.values, maps[at].values) ?? 0) / own.length;
    const shown = [map, maps[at]].map((one) =>
      sampleMap({ ...one, values: toLargest(one.values) }, COMPARED, COMPARED),
    );
    structure += structuralSimilarity(shown[0], shown[1], COMPARED, COMPARED) / own.length;
  });
  return { spearman: ranks, ssim: structure };
}

const isEmpty = ({ values }: ActivationMap): boolean => values.every((value) => !(value > 0));

function verdictOn(
  own: readonly ActivationMap[],
  steps: readonly RandomisationStep[],
): SanityCheck['verdict'] {
  if (own.every(isEmpty)) return 'no-map';
  return steps[steps.length - 1].spearman < IN_COMMON ? 'passed' : 'failed';
}

/** @param empty maps of the wholly random network in which nothing speaks for the class: different, but a weak proof of it */
function sentenceOf({ images, steps, verdict }: Omit<SanityCheck, 'sentence'>, empty: number): string {
  if (verdict === 'no-map')
    return 'The maps of the trained model are empty: nothing in these images speaks for the class by this method, and there is nothing to check.';
  const { spearman: rank, ssim } = steps[steps.length - 1];
  const of = `rank correlation ${rank.toFixed(2)}, structural similarity ${ssim.toFixed(2)}, ${images === 1 ? 'one image' : `mean of ${images} images`}${empty === 0 ? '' : `; ${empty === images ? 'empty' : `${empty} of them empty`} with random weights`}`;
  return verdict === 'passed'
    ? `With all weights drawn anew the maps are others (${of}): they depend on what the model has learned.`
    : `With all weights drawn anew the maps are still much the same (${of}): they show the image rather than what the model has learned, and must not be read as an explanation.`;
}
