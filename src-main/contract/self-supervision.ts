import { z } from 'zod';

/** How a network learns from images without labels, by the names that their papers gave them. */
export const selfSupervisedMethods = ['simclr', 'byol', 'vicreg'] as const;
export type SelfSupervisedMethodName = (typeof selfSupervisedMethods)[number];

/**
 * How two views of one image differ. Mild where natural photographs are cropped and coloured hard: in medical images small findings,
 * absolute grey and the side of the body matter, so that crops keep much of the image and flips are off.
 */
export const viewSchema = z.object({
  /** Least share of the image's area that a crop keeps; the largest is all of it. */
  scale: z.number().min(0.08).max(1).default(0.4),
  flipHorizontal: z.boolean().default(false),
  flipVertical: z.boolean().default(false),
  /** Largest turn either way, in degrees. */
  rotate: z.number().min(0).max(180).default(15),
  /** Largest change of brightness and of contrast either way, images being in [0, 1]. */
  intensity: z.number().min(0).max(1).default(0.3),
  /** Largest factor, up or down, of the exponent that grey values are raised to: 1.5 means between 1/1.5 and 1.5. */
  gamma: z.number().min(1).max(4).default(1.5),
  /** Largest standard deviation of a Gaussian blur, as a share of the side; half of the views are blurred. */
  blur: z.number().min(0).max(0.1).default(0.01),
  /** Largest standard deviation of added noise. */
  noise: z.number().min(0).max(0.5).default(0.05),
});
export type ViewConfig = z.output<typeof viewSchema>;

/** Everything that decides how a network goes on learning from images without labels. */
export const selfSupervisionSchema = z.object({
  method: z.enum(selfSupervisedMethods).default('simclr'),
  /** A name from the model library. */
  modelName: z.string().default('starter'),
  /** `pretrained` (the library's weights), `random`, or the folder of a saved model. */
  initial: z.string().min(1).default('pretrained'),
  /** This stage and all before it stay as they are. */
  freezeUntil: z.string().nullable().default(null),
  /** `inference`: the pre-trained averages stay; `training`: they follow the batches. */
  batchNormalization: z.enum(['inference', 'training']).default('training'),
  /** Times that each image is looked at, in two views. Where minutes are given, they count. */
  epochs: z.number().int().min(1).max(10_000).default(100),
  /** As many steps as fit into so long on this machine, measured at the beginning. */
  minutes: z.number().positive().max(100_000).nullable().default(null),
  /** Images of a step; each is there twice. */
  batchSize: z.number().int().min(2).max(1024).default(64),
  learningRate: z.number().positive().max(10).default(1e-3),
  /** Share of the steps over which the rate rises. It then falls along a half cosine. */
  warmup: z.number().min(0).max(0.5).default(0.1),
  weightDecay: z.number().min(0).max(1).default(1e-4),
  /** SimCLR: what similarities are divided by. */
  temperature: z.number().positive().max(10).default(0.2),
  /** BYOL: how much of the followed weights stays at each step, at first; it rises to 1. */
  followDecay: z.number().min(0).lt(1).default(0.99),
  /** Width of the projection head, which is thrown away afterwards. */
  projection: z.number().int().min(8).max(8192).default(512),
  views: viewSchema.prefault({}),
  seed: z.number().int().min(0).max(0xffff_ffff).default(7),
  engine: z.enum(['compiled', 'tensorflow', 'reference']).default('compiled'),
  /** Threads of the engine. Null: as many as there are cores. */
  threads: z.number().int().min(1).nullable().default(null),
});
export type SelfSupervisionConfig = z.output<typeof selfSupervisionSchema>;
/** As a person gives it: what is left out takes its default. */
export type SelfSupervisionSettings = z.input<typeof selfSupervisionSchema>;

/** How far it has come. */
export interface SelfSupervisionReport {
  step: number;
  /** Means over the steps since the last report. */
  loss: number;
  /** How much projections differ over a batch: 1 for directions of all kinds, 0 when all images look the same. */
  spread: number;
  learningRate: number;
  imagesPerSecond: number;
}

/** Where a model comes from that was continued on a project's own images without their labels. */
export interface Lineage {
  /** What it was continued from: a model of the library, or one that had been added to the project. */
  parent: { name: string; title: string; sha256: string | null };
  method: SelfSupervisedMethodName;
  /** With its source. */
  methodTitle: string;
  images: number;
  patients: number;
  /** Names of datasets; null: the whole project. */
  datasets: string[] | null;
  /** SHA-256 over the hashes of their pixels, sorted; the hashes themselves lie beside the weights, in images.json. */
  imagesSha256: string;
  /** Side of the images. */
  size: number;
  /** Whose images were kept away: test set and evaluation sets of a split. Null where the project had no split. */
  heldOut: { splitId: number; splitHash: string; patients: number; images: number } | null;
  settings: SelfSupervisionConfig;
  steps: number;
  /** Times that each image was looked at. */
  epochs: number;
  reports: SelfSupervisionReport[];
  engine: string;
  seconds: number;
}

/** A pre-training without labels that has not come to its end: it can be gone on with. */
export interface UnfinishedPretraining {
  id: number;
  title: string;
  startedAt: string;
  images: number;
}

/** What a pre-training without labels would look at. */
export interface UnlabelledFacts {
  images: number;
  patients: number;
  /** Null where there is no split yet, and none can be made. */
  heldOut: { splitId: number; patients: number; images: number } | null;
}
