/**
 * How a heatmap is made. `gradcam`: channels weighted by the mean gradient of the class's score (Selvaraju et al. 2017); `gradcam++`: by a mean that
 * gives each place of a pattern its share (Chattopadhay et al. 2018); `occlusion`: how far the class's probability falls when a patch is covered
 * (Zeiler and Fergus 2014).
 */
export const explanationMethods = ['gradcam', 'gradcam++', 'occlusion'] as const;
export type ExplanationMethod = (typeof explanationMethods)[number];

/** A layer whose activations still have a place in the image. */
export interface ExplainableLayer {
  name: string;
  stage: string;
  /** Of its activations: the finest that a map of it can be. */
  rows: number;
  columns: number;
  channels: number;
}

/** What speaks for a class, and where, in an image as it is stored. */
export interface Heatmap {
  /** Of `values`. */
  rows: number;
  columns: number;
  /** Row by row, 0 (nothing) to 1 (the most in this image). All 0 where nothing speaks for the class. */
  values: Float32Array;
  /** The part of the image that the network was shown and that `values` covers, in pixels of the image. */
  seen: { top: number; left: number; height: number; width: number };
  image: { rows: number; columns: number };
}

/** Fewer places than these tell of a side of the image at best. */
const FEWEST_PLACES = 16;

/** What has to be known of maps of a layer that has hardly any places: drawn over an image they look as smooth as others. Null where it has enough. */
export const coarsenessOf = ({ rows, columns }: Pick<ExplainableLayer, 'rows' | 'columns'>): string | null =>
  rows * columns >= FEWEST_PLACES
    ? null
    : `Maps of this layer have only ${rows} × ${columns} places, blended into one another: they can tell a side of the image and no finding, and a rank correlation of so few says little. A lower layer, or a model trained on larger images, shows more.`;

/** The same as it crosses between processes. */
export interface SentHeatmap extends Omit<Heatmap, 'values'> {
  /** Base64 of one byte a value: 0 to 255 for 0 to 1. */
  values: string;
}

/** One step of the check: this stage and all after it drawn anew. */
export interface RandomisationStep {
  stage: string;
  /**
   * Spearman's rank correlation of the map with that of the trained model, mean over images: 1 the same, 0 nothing in common. A map that is the same
   * everywhere has nothing in common with any.
   */
  spearman: number;
  /** Structural similarity (Wang et al. 2004), mean over images: 1 the same. */
  ssim: number;
}

/**
 * Whether maps depend on what the model learned (Adebayo et al. 2018): weights are drawn anew from the answers down, and the maps have to change.
 * `passed`: those of the wholly random network have little in common with the model's (mean Spearman below 0.5); `failed`: they still have; `no-map`:
 * the model's own maps are empty.
 */
export interface SanityCheck {
  method: ExplanationMethod;
  layer: string | null;
  images: number;
  /** From the answers down; the last is the wholly random network. */
  steps: RandomisationStep[];
  verdict: 'passed' | 'failed' | 'no-map';
  /** The verdict in a sentence. */
  sentence: string;
}

/** Why a model says a class of an image, as far as a map shows it. */
export interface Explanation<Map = Heatmap> {
  runId: number;
  instanceId: number;
  frameIndex: number;
  method: ExplanationMethod;
  /** Null for occlusion, which looks at no layer. */
  layer: string | null;
  /** Index into the classes: what the map speaks for. */
  classIndex: number;
  classes: readonly string[];
  probabilities: number[];
  /** How many models answer together: the map is the mean of theirs, each with 1 as its largest value. 1 but for an ensemble. */
  members: number;
  /**
   * Of an ensemble, and an image that it was trained on: the fold, from 1, whose member alone answers, since the others have learned from this patient.
   * Null for every other image and model.
   */
  fold: number | null;
  heatmap: Map;
}
