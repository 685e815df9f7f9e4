import type {
  AdaptationJudgement,
  DomainView,
  FigureDifference,
  HeapEvidence,
  MapPoint,
  PrevalenceEstimates,
} from '../contract/adaptation-judgement.ts';
import type { Sample } from '../contract/dataset.ts';
import { canBeTrusted, estimatePrevalence, heapEvidence, unexplainedDistance } from './alarm/index.ts';
import { type DomainFeatures, domainDistances, thinned } from './distances/index.ts';
import { type MapOptions, mapDomains, placesOnMap } from './domain-map/index.ts';
import { shiftedPrevalence } from './label-shift/index.ts';
import type { Observation } from './observe.ts';
import {
  type Answers,
  deepEmbeddedRisk,
  effectiveCount,
  importanceWeightedRisk,
  importanceWeights,
  likeliest,
  meanEntropy,
  mutualInformation,
  softNeighbourhoodDensity,
} from './validators/index.ts';
import { differenceSentence } from './what-differs/index.ts';

/** Of each kind so many images at the most, of whole steps: distances and densities look at all pairs. */
const MOST = 800;

/** One model's features and answers on images of both domains. */
export interface ObservedModel {
  runId: number;
  /** Labelled images of the source that it learned from; importance weights learn from them. */
  learned: Observation;
  /** Labelled images of the source beside those. */
  source: Observation;
  target: Observation;
}

export interface DomainEvidence {
  classes: readonly string[];
  learned: readonly Sample[];
  source: readonly Sample[];
  target: readonly Sample[];
  differences: FigureDifference[];
  /** The one that was not adapted first. */
  models: readonly ObservedModel[];
  seed: number;
}

/** What of a judgement comes from images and answers alone, without any label of the target. */
export type LabelFreeJudgement = Pick<AdaptationJudgement, 'differences' | 'sentence' | 'prevalence'> & {
  candidates: { runId: number; view: DomainView; heaps: HeapEvidence | null }[];
};

/** Everything that can be said of models without the target's labels. */
export async function judgeDomains(
  input: DomainEvidence,
  options: Pick<MapOptions, 'signal'> & { onModel?: (done: number, total: number) => void } = {},
): Promise<LabelFreeJudgement> {
  const { classes, learned, source, target, differences, models, seed } = input;
  const labels = source.map(({ label }) => label);
  const patients = target.map(({ patientKey }) => patientKey);
  const prior = classes.map((_, c) => learned.filter(({ label }) => label === c).length / learned.length);
  const unadapted = models[0];
  const heaps = knowsItsSource(unadapted, labels)
    ? shiftedPrevalence(answersOf(unadapted.source), labels, answersOf(unadapted.target))
    : null;
  const unexplained =
    heaps &&
    unexplainedDistance(
      featuresOf(unadapted.source, source),
      labels,
      featuresOf(unadapted.target, target),
      heaps.prevalence,
      seed,
    );
  const evidence = models.map(
    (model) =>
      heaps &&
      heapEvidence(heaps, answersOf(unadapted.target), answersOf(model.target), patients, unexplained, seed),
  );
  const trusted = evidence[0] !== null && canBeTrusted(evidence[0]);
  const prevalence: PrevalenceEstimates = estimatePrevalence(
    prior,
    answersOf(unadapted.source),
    labels,
    answersOf(unadapted.target),
    patients,
    trusted ? heaps : null,
    seed,
  );
  const candidates: LabelFreeJudgement['candidates'] = [];
  for (const [at, model] of models.entries()) {
    const own = evidence[at];
    candidates.push({
      runId: model.runId,
      view: await viewOf(model, input, trusted && own ? own.after : null, options.signal),
      heaps: own,
    });
    options.onModel?.(at + 1, models.length);
  }
  const { shifted } = prevalence;
  const sentence = differenceSentence(
    differences,
    shifted && { classes, source: prior, target: shifted.estimate },
  );
  return { differences, sentence, prevalence, candidates };
}

/** Where a class lies is to be learned from the source: from enough images, and of a model that can tell them apart. */
const ENOUGH = { images: 20, accuracy: 0.6 };

function knowsItsSource({ source }: ObservedModel, labels: readonly number[]): boolean {
  const right = likeliest(answersOf(source)).filter((said, at) => said === labels[at]).length;
  return labels.length >= ENOUGH.images && right / labels.length >= ENOUGH.accuracy;
}

export const answersOf = ({ probabilities, classes }: Observation): Answers => ({ probabilities, classes });

export const featuresOf = ({ features, width }: Observation, samples: readonly Sample[]): DomainFeatures => ({
  features,
  size: width,
  patients: samples.map(({ patientKey }) => patientKey),
});

async function viewOf(
  model: ObservedModel,
  { learned, source, target, seed }: DomainEvidence,
  heapAccuracy: number | null,
  signal: AbortSignal | undefined,
): Promise<DomainView> {
  const [here, there] = [featuresOf(model.source, source), featuresOf(model.target, target)];
  const answers = answersOf(model.target);
  const said = likeliest(answersOf(model.source));
  const wrong = source.map(({ label }, at) => Number(said[at] !== label));
  const weights = importanceWeights(
    thinned(featuresOf(model.learned, learned), MOST),
    thinned(there, MOST),
    here,
  );
  return {
    distances: domainDistances(here, there, seed),
    validators: {
      entropy: meanEntropy(answers),
      infoMax: mutualInformation(answers),
      density: softNeighbourhoodDensity(answers),
      weightedRisk: importanceWeightedRisk(weights, wrong),
      embeddedRisk: deepEmbeddedRisk(weights, wrong),
      effectiveImages: effectiveCount(weights),
      heapAccuracy,
    },
    sourceAccuracy: 1 - wrong.reduce((sum, one) => sum + one, 0) / wrong.length,
    map: await mapOf(model, here, there, source, target, signal),
  };
}

async function mapOf(
  model: ObservedModel,
  here: DomainFeatures,
  there: DomainFeatures,
  source: readonly Sample[],
  target: readonly Sample[],
  signal: AbortSignal | undefined,
): Promise<MapPoint[]> {
  const places = await mapDomains(here, there, signal ? { signal } : {});
  const said = likeliest(answersOf(model.target));
  const [first, second] = placesOnMap(source.length, target.length);
  return [
    ...first.map((at) => ({ domain: 'source' as const, sample: source[at], class: source[at].label })),
    ...second.map((at) => ({ domain: 'target' as const, sample: target[at], class: said[at] })),
  ].map(({ domain, sample, class: shown }, at) => ({
    x: Number(places[2 * at].toFixed(3)),
    y: Number(places[2 * at + 1].toFixed(3)),
    domain,
    class: shown,
    instanceId: sample.instanceId,
  }));
}
