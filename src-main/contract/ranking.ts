import type { ModelCost } from './cost.ts';

/** A share of images that were called rightly, or an area under ROC curves, with its 95 % interval by drawing patients. */
export interface JudgedAccuracy {
  value: number;
  low: number;
  high: number;
}

/** What a network's frozen features say of the images, before any training. */
export interface ModelRank {
  probe: JudgedAccuracy;
  neighbours: JudgedAccuracy;
  /** What both are: of findings the area under the ROC curve, mean over findings; absent: accuracy. */
  measure?: 'area';
  /** Compare networks on the same images; neither says anything by itself. */
  logMe: number;
  hScore: number;
  parameters: number;
  multiplyAdds: number;
  /** Of one image: numbers that the head would see. */
  features: number;
  images: number;
  patients: number;
}

export interface RankedModel extends ModelRank {
  /** Name in the library or id of an added model, `(random)` behind it for random weights. */
  name: string;
  title: string;
  /** What a training takes to start from it. */
  modelName: string;
  initial: string;
  /** On this machine, under the plan; null where nobody asked, or it could not be measured. */
  cost: ModelCost | null;
  /** Why it could not be measured. */
  costReason: string | null;
}

/** What continuing a model without labels brought to the probe, on the same images: its accuracy less that of the model it was continued from. */
export interface RankedGain {
  /** Names of models of the ranking. */
  name: string;
  parent: string;
  difference: JudgedAccuracy;
}

export interface ModelRanking {
  /** The best probe first; equal ones by their neighbours. */
  models: RankedModel[];
  /** Could not be ranked, each with the reason: images too small for it, say. */
  skipped: { name: string; title: string; reason: string }[];
  /** In the library, and left out for want of weights. */
  withoutWeights: string[];
  /** Of continued models that were ranked beside their parents; absent in rankings of before it was known, and empty of findings. */
  gains?: RankedGain[];
  images: number;
  patients: number;
  /** Side of the images. */
  size: number;
  /** SHA-256 of the split; null in rankings of before it was kept. */
  splitHash: string | null;
}

/** How well a ranking foretold what training comes to. */
export interface RankingFeedback {
  /** Models of the ranking that were trained on its split; random weights count where they were trained from scratch. */
  models: number;
  /** Kendall's τ-b between the probe and the best validation F1: 1 the same order, −1 the opposite. Null below three models. */
  kendall: number | null;
}

export interface StoredRanking {
  ranking: ModelRanking;
  /** ISO 8601, UTC. */
  rankedAt: string;
  feedback: RankingFeedback;
}

const signedPoints = (share: number): string => `${share < 0 ? '−' : '+'}${Math.abs(100 * share).toFixed(1)}`;

/** Whether learning without labels helped, in a sentence: only where the interval leaves out zero. @param called what a model is called */
export function gainSentence(
  { name, parent, difference }: RankedGain,
  called: (name: string) => string,
): string {
  const { value, low, high } = difference;
  const verdict =
    low > 0
      ? 'it helped the probe here'
      : high < 0
        ? 'it did the probe harm here'
        : 'these images do not tell whether it helped';
  const often =
    value === 0
      ? 'right as often as'
      : `right ${Math.abs(100 * value).toFixed(1)} points ${value > 0 ? 'more' : 'less'} often than`;
  return `Learning without labels: the probe on ${called(name)} is ${often} on ${called(parent)}, which it was continued from, on the same images (95 % interval ${signedPoints(low)} to ${signedPoints(high)}, by drawing patients): ${verdict}.`;
}

/** Why an H-score says nothing here: with no more images than features it has its largest value for any network. Null where it says something. */
export const emptyHScore = (models: readonly Pick<ModelRank, 'images' | 'features'>[]): string | null =>
  models.some(({ images, features }) => images <= features)
    ? 'With no more images than a network has features its H-score is the number of classes less one, whatever the network: pass over it here.'
    : null;
