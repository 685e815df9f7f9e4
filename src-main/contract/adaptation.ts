import { z } from 'zod';
import { instanceFilter } from './instances.ts';

/** Ways to make a model fit images of another scanner, hospital or protocol of which no labels are known. */
export const adaptationMethods = [
  'histogram',
  'fourier',
  'adabn',
  'coral',
  'dan',
  'dann',
  'cdan',
  'cdan-e',
  'mcc',
  'self-training',
  'shot',
] as const;
/** Methods that prepare images or averages, and may come before one that learns. */
export const firstStages = [
  'histogram',
  'fourier',
  'adabn',
] as const satisfies readonly AdaptationMethodName[];
export type FirstStage = (typeof firstStages)[number];
export type AdaptationMethodName = (typeof adaptationMethods)[number];

/** What a method works on: the images, the averages of BatchNorm, the features, or the predictions. */
export type AdaptationLevel = 'images' | 'statistics' | 'features' | 'predictions';

/** What a person should know of a method before choosing it. */
export interface AdaptationMethodFacts {
  title: string;
  paper: string;
  level: AdaptationLevel;
  /** Whether it needs the finished model and target images alone: for when the source's images may not travel. */
  sourceFree: boolean;
  /** Whether it needs to know that an image has exactly one class. */
  oneClass: boolean;
  /** One sentence. */
  summary: string;
}

export const adaptationMethodFacts: Readonly<Record<AdaptationMethodName, AdaptationMethodFacts>> = {
  histogram: {
    title: 'Histogram matching',
    paper: 'Nyúl and Udupa 1999',
    level: 'images',
    sourceFree: false,
    oneClass: false,
    summary: 'Training images get the grey scale of the target’s images before the network learns from them.',
  },
  fourier: {
    title: 'Fourier domain adaptation',
    paper: 'Yang and Soatto 2020',
    level: 'images',
    sourceFree: false,
    oneClass: false,
    summary: 'Training images get the slow changes of brightness and contrast of target images.',
  },
  adabn: {
    title: 'AdaBN',
    paper: 'Li et al. 2017',
    level: 'statistics',
    sourceFree: true,
    oneClass: false,
    summary: 'The averages of BatchNorm are taken anew from target images; no weight learns.',
  },
  coral: {
    title: 'Deep CORAL',
    paper: 'Sun and Saenko 2016',
    level: 'features',
    sourceFree: false,
    oneClass: false,
    summary: 'Features of both domains are to vary together in the same way.',
  },
  dan: {
    title: 'DAN (MK-MMD)',
    paper: 'Long et al. 2015',
    level: 'features',
    sourceFree: false,
    oneClass: false,
    summary: 'Features of both domains are to have the same distribution, as several kernels see it.',
  },
  dann: {
    title: 'DANN',
    paper: 'Ganin et al. 2016',
    level: 'features',
    sourceFree: false,
    oneClass: false,
    summary: 'The network learns features by which a second one cannot tell the domains apart.',
  },
  cdan: {
    title: 'CDAN',
    paper: 'Long et al. 2018',
    level: 'features',
    sourceFree: false,
    oneClass: true,
    summary: 'As DANN, class by class: the second network also sees what was predicted.',
  },
  'cdan-e': {
    title: 'CDAN+E',
    paper: 'Long et al. 2018',
    level: 'features',
    sourceFree: false,
    oneClass: true,
    summary: 'As CDAN, images of which the network is sure counting for more.',
  },
  mcc: {
    title: 'Minimum class confusion',
    paper: 'Jin et al. 2020',
    level: 'predictions',
    sourceFree: false,
    oneClass: true,
    summary: 'On target images the network is to waver between two classes as little as it can.',
  },
  'self-training': {
    title: 'Self-training',
    paper: 'Zou et al. 2018',
    level: 'predictions',
    sourceFree: false,
    oneClass: true,
    summary:
      'Target images of which the network is surest, the same share of each class, are learned from as labelled.',
  },
  shot: {
    title: 'SHOT',
    paper: 'Liang et al. 2020',
    level: 'predictions',
    sourceFree: true,
    oneClass: true,
    summary: 'Only the model travels: its backbone learns until target images fall clearly into its classes.',
  },
};

export const adaptationSchedules = ['auto', 'constant', 'ramp'] as const;
export const adaptationNormalizations = ['by-domain', 'together'] as const;
export const adaptationStarts = ['auto', 'recipe', 'model'] as const;

/** Everything that decides how a method adapts; how the network learns stays the plan of the run that is adapted. */
export const adaptationSchema = z.object({
  method: z.enum(adaptationMethods).default('dann'),
  /** What is done before the method, in this order and all the way: see `stagesOf`. */
  before: z.array(z.enum(firstStages)).max(2).default([]),
  /** Weight of the method’s loss beside that of the labelled images; of `histogram` and `adabn` how far they go (1: all the way). Null: the method’s own. */
  strength: z.number().min(0).max(10_000).nullable().default(null),
  /** How the weight comes: at once (`constant`), or as 2 / (1 + e^(−10 p)) − 1 over the share p of the training that is done (`ramp`). */
  schedule: z.enum(adaptationSchedules).default('auto'),
  /** From where: the weights that the adapted run itself started from (`recipe`), or the finished model. Source-free methods need the latter. */
  start: z.enum(adaptationStarts).default('auto'),
  /** Epochs; null: as the adapted run. */
  epochs: z.number().int().min(1).max(10_000).nullable().default(null),
  /** Target images of a step. Null: as many as labelled ones. */
  batchSize: z.number().int().min(2).max(1024).nullable().default(null),
  /** `last`: the last epoch’s weights count, as labels of the source say little of the target; `source`: those that are best on the source’s validation images. */
  keep: z.enum(['last', 'source']).default('last'),
  /**
   * Whether BatchNorm, where it goes by the statistics of the batch, takes both domains together, or each by itself: the averages of the model are
   * then the target’s.
   */
  normalization: z.enum(adaptationNormalizations).default('by-domain'),
  /** DANN, CDAN: widths of the two hidden layers of the domain classifier. */
  discriminator: z.number().int().min(4).max(4096).default(256),
  /** CDAN: where features × classes are more than this, so many random projections of both stand for them. */
  randomFeatures: z.number().int().min(16).max(16_384).default(1024),
  /** DAN: bandwidths of the Gaussian kernels, as factors of the mean squared distance. */
  bandwidths: z.array(z.number().positive()).min(1).max(16).default([0.125, 0.25, 0.5, 1, 2]),
  /** MCC: what logits are divided by. */
  temperature: z.number().positive().max(100).default(2),
  /** Fourier: half the side of the window of low frequencies, as a share of the image’s smaller side. */
  window: z.number().min(0).max(0.25).default(0.02),
  /** Self-training: share of each class that is believed in the first epoch, and in the last. */
  believed: z
    .object({ first: z.number().gt(0).max(1).default(0.1), last: z.number().gt(0).max(1).default(0.5) })
    .prefault({}),
  /** SHOT: weight of its pseudo-labels beside the sureness and variety of predictions. */
  pseudoLabels: z.number().min(0).max(100).default(0.3),
});
export type AdaptationConfig = z.output<typeof adaptationSchema>;
/** As a person gives it: what is left out takes its default. */
export type AdaptationSettings = z.input<typeof adaptationSchema>;

/**
 * Which images are the source and which the target: by dataset (`{ source: 'Hospital B' }`) or by attributes
 * (`{ Manufacturer: 'GE', KVP: 120 }`).
 */
export const adaptationDomainsSchema = z.object({
  /** Of the labelled training images of the adapted run’s split those that fit; left out: all. */
  source: instanceFilter.default({}),
  /** Images whose labels nobody looks at. */
  target: instanceFilter,
  /** Share of the target’s patients whose images are learned from; the others stay unseen, to be judged by. */
  share: z.number().gt(0).max(1).default(1),
});
export type AdaptationDomains = z.output<typeof adaptationDomainsSchema>;
export type AdaptationDomainsInput = z.input<typeof adaptationDomainsSchema>;

/** What a run was adapted from and to; stored with it. */
export interface AdaptationRecord {
  runId: number;
  /** The run whose plan and model it goes by; null when that was deleted since. */
  sourceRunId: number | null;
  config: AdaptationConfig;
  domains: AdaptationDomains;
  facts: AdaptationFacts;
}

/** Counts, for people and reports. */
export interface AdaptationFacts {
  source: { images: number; patients: number };
  target: { images: number; patients: number };
  /** Target images left out, because their patients are in the locked test set of the split. */
  leftOut: { images: number; patients: number };
  /** Target images that are learned from, without labels, and are in a set that the model will be judged by. */
  judged: { images: number; patients: number };
}
