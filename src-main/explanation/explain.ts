import type { Parameters } from '../engine/index.ts';
import type { Model } from '../models/index.ts';
import { ProgressMeter } from '../platform/progress-meter.ts';
import { GradientMaps } from './gradient-maps.ts';
import { OcclusionMaps } from './occlusion.ts';
import type { ActivationMap, MapContext, MapRequest, Target } from './target.ts';

/** Whatever makes maps of one model. */
export interface MapMaker {
  of(targets: readonly Target[], onDone?: (count: number) => void): Promise<ActivationMap[]>;
  dispose(): Promise<void>;
}

/** @param parameters read afresh at each run. Default: the model's own, which then must not change */
export const openMaps = (
  model: Model,
  request: MapRequest,
  context: MapContext,
  targets: number,
  parameters?: Parameters,
): Promise<MapMaker> =>
  request.method === 'occlusion'
    ? OcclusionMaps.open(model, request, context, parameters)
    : GradientMaps.open(model, request, context, targets, parameters);

/**
 * Maps of what in each image speaks for a class. Of several models that answer together: the mean of theirs, each with 1 as its largest value.
 *
 * @param models of the same images and classes
 * @throws GraftError `layer-unknown`, `layer-missing`, `patch-too-large`, `cancelled`
 */
export async function explainTargets(
  models: readonly Model[],
  targets: readonly Target[],
  request: MapRequest,
  context: MapContext,
): Promise<ActivationMap[]> {
  if (targets.length === 0) return [];
  const total = models.length * targets.length;
  const meter = new ProgressMeter('Explaining', 'maps', total, context.onProgress);
  const sums: ActivationMap[] = [];
  for (const model of models) {
    const maker = await openMaps(model, request, context, targets.length);
    try {
      const maps = await maker.of(targets, (count) => meter.advance(count));
      maps.forEach((map, at) => {
        const own = models.length === 1 ? map : { ...map, values: toLargest(map.values) };
        if (sums[at]) own.values.forEach((value, i) => (sums[at].values[i] += value / models.length));
        else if (models.length === 1) sums[at] = own;
        else sums[at] = { ...own, values: own.values.map((value) => value / models.length) };
      });
    } finally {
      await maker.dispose();
    }
  }
  meter.finish();
  return sums;
}

/** Scaled so that the largest value is 1; nothing stays nothing. */
export function toLargest(values: Float32Array): Float32Array {
  const largest = values.reduce((most, value) => Math.max(most, value), 0);
  return largest > 0 && Number.isFinite(largest)
    ? values.map((value) => value / largest)
    : values.map(() => 0);
}
