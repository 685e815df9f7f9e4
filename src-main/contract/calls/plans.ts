import { z } from 'zod';
import { call, type CallTable } from '../call.ts';
import { preprocessingSpec, splitOptions, type Split } from '../dataset.ts';
import type { Job } from '../job.ts';
import type { PlanRates } from '../rate-finder.ts';
import { approaches } from '../run.ts';
import type { AugmentationChoice } from '../augmentation-choice.ts';
import { augmentationSchema } from '../augmentation.ts';
import { trainingConfigSchema, type FreezeMapRow, type TrainingConfig } from '../training.ts';

const chosenSplit = z.object({
  /** A stored split; null to deal a new one with `options`. */
  splitId: z.int().nullable().default(null),
  options: splitOptions.prefault({}),
});

/** Everything that a training is started with, as it is kept while a person works on it. */
export const planSchema = z.object({
  name: z.string().max(120).default(''),
  settings: trainingConfigSchema.prefault({}),
  preprocessing: preprocessingSpec.prefault({ height: 128, width: 128, channels: 1 }),
  split: chosenSplit.prefault({}),
  approaches: z
    .array(z.enum(approaches))
    .min(1)
    .default([...approaches]),
});
export type Plan = z.output<typeof planSchema>;
export type PlanInput = z.input<typeof planSchema>;

/** One stage of the network under a plan. */
export interface PlannedStage {
  name: string;
  layers: FreezeMapRow[];
  parameters: number;
  /** Weights that learn at some time. */
  trainable: number;
  /** Its learning rate as a share of the fine-tuning rate; null where nothing learns. */
  rate: number | null;
  /** Without the batch. */
  outputShape: number[];
}

export interface PlannedPhase {
  name: 'feature-extraction' | 'fine-tuning' | 'from-scratch';
  epochs: number;
  learningRate: number;
  /** Stages that learn in it, the head among them. */
  stages: string[];
  trainable: number;
}

export interface PlanWarning {
  /** `unwise` is likely to cost accuracy or honesty; `note` is worth knowing. */
  tone: 'unwise' | 'note';
  text: string;
  /** What to do about it. */
  advice: string;
}

export interface PlanDescription {
  stages: PlannedStage[];
  phases: PlannedPhase[];
  parameters: { total: number; trainable: number };
  /** Last stage whose output is computed once and kept; null when nothing is. */
  cut: string | null;
  /** What the plan's augmentation means for its training images. */
  augmentation: AugmentationChoice;
  /** Some of the images that it would train on, of as many patients and classes as possible. */
  examples: number[];
  /** What the plan does, in sentences. */
  explanation: string[];
  warnings: PlanWarning[];
}

/** How a split would come out; nothing of it is stored. */
export type SplitPreview = Pick<Split, 'classes' | 'multiLabel' | 'counts' | 'leftOut'>;

/** Small pictures of what a network would be shown. */
export interface AugmentationPreview {
  instanceId: number;
  height: number;
  width: number;
  channels: 1 | 3;
  /** The image itself, then versions of it: PNG as base64. */
  images: string[];
}

export const planCalls = {
  'plans.current': call(z.null()).returns<Plan>(),
  'plans.save': call(z.object({ plan: planSchema })).returns<null>(),
  'plans.describe': call(z.object({ plan: planSchema })).returns<PlanDescription>(),
  /** Tries learning rates for a plan; the job's result is a `RateSweep`, and the project keeps it. */
  'plans.findRate': call(z.object({ plan: planSchema })).returns<Job>(),
  /** What was found out about rates for a plan. */
  'plans.rates': call(z.object({ plan: planSchema })).returns<PlanRates>(),
  'plans.splits': call(z.null()).returns<Split[]>(),
  'plans.previewSplit': call(z.object({ options: splitOptions.prefault({}) })).returns<SplitPreview>(),
  'plans.previewAugmentation': call(
    z.object({
      instanceId: z.int(),
      preprocessing: preprocessingSpec,
      augmentation: augmentationSchema,
      seed: z.int().min(0),
      versions: z.int().min(1).max(24).default(11),
    }),
  ).returns<AugmentationPreview>(),
} satisfies CallTable;

export type { TrainingConfig };
