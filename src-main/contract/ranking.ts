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

export interface ModelRanking {
  /** The best probe first; equal ones by their neighbours. */
  models: RankedModel[];
  /** Could not be ranked, each with the reason: images too small for it, say. */
  skipped: { name: string; title: string; reason: string }[];
  /** In the library, and left out for want of weights. */
  withoutWeights: string[];
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
