import { z } from 'zod';
import { adaptationMethods } from './adaptation.ts';
import { preprocessingSpec } from './dataset.ts';
import { adaptedApproaches, approaches } from './run.ts';
import { trainingConfigSchema } from './training.ts';

const hash = z.string().regex(/^[0-9a-f]{64}$/);

/** One figure of images (brightness, contrast, noise, smoothness) over patients: how many, their mean, their standard deviation. */
export const figureSummarySchema = z.object({
  figure: z.enum(['brightness', 'contrast', 'noise', 'smoothness']),
  patients: z.int().min(0),
  mean: z.number(),
  deviation: z.number().min(0),
});
export type FigureSummary = z.output<typeof figureSummarySchema>;

/**
 * Where a model comes from that leaves its project while the images that it learned from stay: what another project needs to use and to
 * adapt it, and counts of what it knows. No image, no feature of one, no patient, name, path or UID.
 */
export const modelOriginSchema = z.object({
  format: z.literal('graft-origin'),
  version: z.literal(1),
  /** Version of Graft that wrote it. */
  graft: z.string(),
  /** ISO 8601, UTC. */
  exportedAt: z.string(),
  /** Drawn when the project was made; says nothing of who made it. */
  project: z.string(),
  /** In that project. */
  run: z.int(),
  approach: z.enum([...approaches, ...adaptedApproaches]),
  classes: z.array(z.string().min(1)).min(1),
  multiLabel: z.boolean(),
  preprocessing: preprocessingSpec,
  /** The plan; `initial` is the last name of a folder, where it was one. */
  config: trainingConfigSchema,
  startingWeights: hash.nullable(),
  /** Of the split that it was trained on. */
  splitHash: hash,
  /** SHA-256 of `weights.safetensors`, and of `model.json`; the latter null where a checksum of the whole file stands for it. */
  weights: hash,
  description: hash.nullable(),
  /** Training images, by class in the order of the classes. */
  learned: z.object({ images: z.int(), patients: z.int(), classes: z.array(z.int()) }),
  /** Validation images: rows what they show, columns what the model says; null where that is not known, or an image may have several. */
  validation: z
    .object({ images: z.int(), patients: z.int(), confusion: z.array(z.array(z.int().min(0))) })
    .nullable(),
  /** What training and validation images look like; null where that is not known. */
  figures: z.array(figureSummarySchema).nullable(),
  /** Methods by which it was adapted since it was trained, in order. */
  adaptedBy: z.array(z.enum(adaptationMethods)),
});
export type ModelOrigin = z.output<typeof modelOriginSchema>;

/** What a page and a report say of a model from another project. */
export type OriginFacts = Pick<
  ModelOrigin,
  'graft' | 'exportedAt' | 'project' | 'run' | 'classes' | 'splitHash' | 'weights' | 'learned' | 'adaptedBy'
> & { modelName: string };

export const originFacts = (origin: ModelOrigin): OriginFacts => {
  const { graft, exportedAt, project, run, classes, splitHash, weights, learned, adaptedBy } = origin;
  const { modelName } = origin.config;
  return { graft, exportedAt, project, run, classes, splitHash, weights, learned, adaptedBy, modelName };
};
