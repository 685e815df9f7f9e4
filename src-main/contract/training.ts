import { z } from 'zod';
import { augmentationSchema } from './augmentation.ts';

/** How weights follow their gradients; the engine's optimiser settings, as they are stored with a run. */
export const optimizerConfigSchema = z.object({
  kind: z.enum(['sgd', 'adam', 'adamw']).default('adamw'),
  momentum: z.number().min(0).lt(1).optional(),
  nesterov: z.boolean().optional(),
  beta1: z.number().min(0).lt(1).optional(),
  beta2: z.number().min(0).lt(1).optional(),
  epsilon: z.number().positive().optional(),
});

export const freezePresets = ['feature-extraction', 'last-stage', 'gradual', 'lp-ft', 'full'] as const;
export const monitors = ['val_loss', 'val_f1', 'val_accuracy', 'val_balanced_accuracy', 'val_auc'] as const;
export const schedules = ['constant', 'cosine', 'one-cycle', 'step', 'plateau'] as const;
export const headPoolings = ['average', 'max', 'both', 'gem', 'deviation'] as const;
export const headStages = ['last', 'all'] as const;
export const headOutputs = ['auto', 'softmax', 'sigmoid'] as const;

/**
 * Everything that decides how a model learns. The defaults suit a few hundred to a few thousand medical images:
 * a short phase in which only the new head learns, then the last stage of the backbone joins at a lower rate.
 */
export const trainingConfigSchema = z
  .object({
    /** A name from the model library: `graft models` lists them. */
    modelName: z.string().default('starter'),
    /** `pretrained` (the library's weights), `random`, or the folder of a saved model. */
    initial: z.string().min(1).default('pretrained'),
    /** This stage and all before it stay as they are. Wins over `freezePreset`. */
    freezeUntil: z.string().nullable().default(null),
    /** Exactly these layers of the backbone learn (the head always does). Wins over both others. */
    trainableLayers: z.array(z.string()).nullable().default(null),
    /**
     * Stages that join from an epoch on, counted over the whole training (from 1): `[{ epoch: 6, stage: 'stage4' }]`. Until the
     * first one the head learns alone. Wins over all others.
     */
    unfreeze: z
      .array(z.object({ epoch: z.number().int().min(1), stage: z.string() }))
      .min(1)
      .nullable()
      .default(null),
    /** With `random` weights always `full`: frozen noise helps nobody. */
    freezePreset: z.enum(freezePresets).default('last-stage'),
    head: z
      .object({
        /** Share of features silenced at each step. */
        dropout: z.number().min(0).lt(1).default(0.3),
        /** Widths of dense ReLU layers between pooling and the classes. */
        hidden: z.array(z.number().int().positive().max(4096)).max(4).default([]),
        /**
         * What becomes of a feature map: its mean, its largest value, both side by side, a mean whose power is learned (GeM), or its standard
         * deviation.
         */
        pooling: z.enum(headPoolings).default('average'),
        /** The stages whose features the classes are told by: the last one's, or those of all, side by side (Evci et al. 2022). */
        stages: z.enum(headStages).default('last'),
        /** `cosine`: the classes by the angle to features of length 1, with a learned scale; better for very few images. */
        kind: z.enum(['linear', 'cosine']).default('linear'),
        /**
         * What becomes of the head's numbers: `softmax`, one class of several; `sigmoid`, for two classes one number, for a set of findings one
         * for each, whatever the others say. `auto`: sigmoids for findings, else softmax.
         */
        output: z.enum(headOutputs).default('auto'),
      })
      .prefault({}),
    /**
     * Trains an ensemble: one model for each of so many folds of the training and validation patients, judged by that fold and learning from all
     * others; their mean answers. Null: one model.
     */
    folds: z.number().int().min(2).max(20).nullable().default(null),
    /**
     * Share of the training patients that are learned from, drawn by the seed, by class where images have one; validation stays as it is. For learning
     * curves (`graft learning-curve`); left out: all.
     */
    trainShare: z.number().gt(0).max(1).optional(),
    /** All epochs, those of the head alone included. */
    epochs: z.number().int().min(1).max(10_000).default(20),
    /** Of these, epochs in which only the head learns. Ignored with `random` weights. */
    headEpochs: z.number().int().min(0).default(5),
    batchSize: z.number().int().min(1).max(1024).default(16),
    /** Of fine-tuning, and of everything when nothing is pre-trained. */
    learningRate: z.number().positive().max(10).default(3e-4),
    /** Of the head while it learns alone. */
    headLearningRate: z.number().positive().max(10).default(3e-3),
    /** Discriminative rates: each stage learns at this factor of the stage above it. 1 switches them off. */
    stageFactor: z.number().positive().max(1).default(0.5),
    /** Rates of single stages as factors of `learningRate`, in place of what `stageFactor` gives them. */
    stageRates: z.record(z.string(), z.number().positive().max(10)).nullable().default(null),
    /** How the rate goes on after the warm-up. `plateau` waits for the monitored value, which needs validation images. */
    schedule: z.enum(schedules).default('cosine'),
    /** For `step`: the rate falls to `factor` of itself every so many epochs. */
    step: z
      .object({
        every: z.number().int().min(1).default(10),
        factor: z.number().positive().lt(1).default(0.1),
      })
      .prefault({}),
    /** For `plateau`: it falls to `factor` of itself after `patience` epochs without a better value. */
    plateau: z
      .object({
        patience: z.number().int().min(1).default(3),
        factor: z.number().positive().lt(1).default(0.3),
      })
      .prefault({}),
    /** Share of a phase's steps over which the rate rises from 0. */
    warmup: z.number().min(0).max(0.5).default(0.05),
    optimizer: optimizerConfigSchema.prefault({}),
    weightDecay: z.number().min(0).max(1).default(0.01),
    labelSmoothing: z.number().min(0).lt(1).default(0.05),
    /** Rare classes count for more, in inverse proportion to their frequency. */
    classWeights: z.boolean().default(true),
    /** Draws each class equally often, rare ones again and again; class weights are then all 1. */
    balancedSampling: z.boolean().default(false),
    /** Images that are right already count for less: γ of the focal loss (Lin et al. 2017); 0 is plain cross-entropy. */
    focalGamma: z.number().min(0).max(10).default(0),
    /** Pull of the backbone's weights towards where they started (L2-SP, Li et al. 2018); 0 is none. */
    l2sp: z.number().min(0).max(10).default(0),
    /** Blends pairs of images and their labels: α of mixup (Zhang et al. 2018); behind a frozen prefix it blends features. 0: off. */
    mixup: z.number().min(0).max(10).default(0),
    /** Sets a rectangle of one image into another, labels by area: α of CutMix (Yun et al. 2019). 0: off. */
    cutmix: z.number().min(0).max(10).default(0),
    /** A running mean of the weights, with this decay, is what is validated and kept. 0: off. */
    ema: z.number().min(0).lt(1).default(0),
    /** Batches whose gradients are averaged before the weights move: a larger batch than fits into memory. */
    accumulate: z.number().int().min(1).max(256).default(1),
    augmentation: augmentationSchema.prefault({}),
    /**
     * Altered versions of each image that are judged beside it at evaluation, the answer being the mean (test-time augmentation); 0: the
     * image alone. The exported model judges one image at a time.
     */
    testVersions: z.number().int().min(0).max(32).default(0),
    earlyStopping: z
      .object({
        /** Epochs without a better value before a phase ends. */
        patience: z.number().int().min(1).default(6),
        monitor: z.enum(monitors).default('val_loss'),
      })
      .nullable()
      .prefault({}),
    /** Largest global norm of the gradient. Null: no limit. */
    clipNorm: z.number().positive().nullable().default(5),
    /**
     * How BatchNorm of the backbone works. `auto`: as at inference for pre-trained weights, frozen or not (their
     * averages never move), and on the statistics of the batch for random ones.
     */
    batchNormalization: z.enum(['auto', 'inference', 'training']).default('auto'),
    seed: z.number().int().min(0).max(0xffff_ffff).default(7),
    engine: z.enum(['compiled', 'tensorflow', 'reference']).default('compiled'),
    /** Threads of the engine. Null: as many as there are cores. */
    threads: z.number().int().min(1).nullable().default(null),
    /** Threads that draw augmented images ahead of the trainer, which draws them itself with 0. Null: by the cores. Changes no image. */
    workers: z.number().int().min(0).max(64).nullable().default(null),
  })
  .refine((config) => config.freezeUntil === null || config.trainableLayers === null, {
    message: 'Expected either freezeUntil or trainableLayers, found both. Leave one of them out.',
  })
  .refine(({ head }) => head.stages === 'last' || head.pooling !== 'gem', {
    message:
      'Expected average, max, both or deviation as pooling of all stages, found gem, which reads the last stage. Choose one of those, or leave head.stages out.',
  });

export type TrainingConfig = z.output<typeof trainingConfigSchema>;
/** A training configuration as a person gives it: what is left out takes its default. */
export type TrainingSettings = z.input<typeof trainingConfigSchema>;
export type FreezePreset = (typeof freezePresets)[number];
export type Monitor = (typeof monitors)[number];

export const trainingPhases = ['feature-extraction', 'fine-tuning', 'from-scratch'] as const;
export type TrainingPhase = (typeof trainingPhases)[number];

/**
 * Answers about findings, an image having any number of them: a finding is said to be there from a probability of 0.5 on. Answers that
 * nobody knows do not count.
 */
export const findingFiguresSchema = z.object({
  /** Mean of F1 over all answers together. */
  microF1: z.number(),
  /** Share of answers that were wrong. */
  hammingLoss: z.number(),
  /** Share of images of which every known answer was right. */
  subsetAccuracy: z.number(),
  /** In class order; null where it is not defined. */
  perFinding: z.array(
    z.object({
      auc: z.number().nullable(),
      averagePrecision: z.number().nullable(),
      precision: z.number(),
      recall: z.number(),
      specificity: z.number(),
      f1: z.number(),
    }),
  ),
});
export type FindingFigures = z.output<typeof findingFiguresSchema>;

/** One pass over the training images, and what the validation images say after it. */
export const epochMetricsSchema = z.object({
  /** From 1, counted over all phases. */
  epoch: z.number().int(),
  phase: z.enum(trainingPhases),
  /** As seen while learning: with dropout and augmentation, before each update. */
  trainLoss: z.number(),
  trainAccuracy: z.number(),
  trainF1: z.number(),
  /** Null when there are no validation images. F1 is the macro average over classes; accuracy of findings is the share of right answers. */
  validationLoss: z.number().nullable(),
  validationAccuracy: z.number().nullable(),
  validationF1: z.number().nullable(),
  /** Macro average of one against the rest; null where a class is absent, and in runs of before. */
  validationAuc: z.number().nullable().default(null),
  validationBalancedAccuracy: z.number().nullable().default(null),
  /** Where an image may show several findings: what the validation images say of each. */
  validationFindings: findingFiguresSchema.optional(),
  /** Of the head, at the last step of the epoch. */
  learningRate: z.number(),
  seconds: z.number(),
  /** Training images per second, validation left out. */
  imagesPerSecond: z.number(),
  /** Whether this epoch's weights are the best so far. */
  best: z.boolean(),
  /** Norm of the gradient before clipping, the median of the steps, and the share of steps in which it was clipped. Where a limit is set. */
  gradient: z.object({ norm: z.number(), clipped: z.number() }).optional(),
  /**
   * How many images of each class were predicted, and how many there are, in class order: of the validation images, else, as seen while
   * learning, of the training images. Where an image has one class.
   */
  predictions: z
    .object({
      of: z.enum(['validation', 'training']),
      predicted: z.array(z.number()),
      there: z.array(z.number()),
    })
    .optional(),
  /** Plain loss of the same last training images with BatchNorm on the statistics of their batches, and as at inference. Where it follows batches. */
  normalization: z.object({ batch: z.number(), inference: z.number() }).optional(),
  /** What images without labels added to the loss, by its weight then: the mean of the steps. Where a method learns from them. */
  unlabelledLoss: z.number().optional(),
});
export type EpochMetrics = z.output<typeof epochMetricsSchema>;

/** One layer of the freeze map. */
export const freezeMapRowSchema = z.object({
  stage: z.string(),
  layer: z.string(),
  kind: z.string(),
  /** Without the batch: [height, width, channels] or [features]. */
  outputShape: z.array(z.number()),
  parameters: z.number(),
  trainable: z.boolean(),
});
export type FreezeMapRow = z.output<typeof freezeMapRowSchema>;

/** What a finished training leaves behind. */
export const runResultSchema = z.object({
  config: z.custom<TrainingConfig>(),
  classes: z.array(z.string()),
  epochs: z.array(epochMetricsSchema),
  bestEpoch: z.number().int(),
  monitor: z.enum(monitors),
  /** The monitored value at the best epoch; null when there are no validation images, and where it is not defined of them. */
  bestValue: z.number().nullable(),
  stoppedEarly: z.boolean(),
  /** False where it was held before its end, by a round of a sweep. */
  complete: z.boolean().optional(),
  /** Folder of the trained model, with the best weights; empty where none was kept (trials of a sweep). */
  modelFolder: z.string(),
  freezeMap: z.array(freezeMapRowSchema),
  /** Name of the last stage of the frozen prefix whose output is cached; null when nothing is. */
  cut: z.string().nullable(),
  parameters: z.object({ total: z.number(), trainable: z.number() }),
  /**
   * SHA-256 of the weights that learn in no phase, before and after. `unmoved` says that they are equal, and that in each phase every weight
   * that was not to learn in it stayed as it was.
   */
  frozen: z.object({ before: z.string(), after: z.string(), unmoved: z.boolean() }),
  /** The frozen prefix's output on disk: bytes, and seconds this run spent on computing it. */
  features: z.object({ bytes: z.number(), seconds: z.number() }),
  engine: z.string(),
  seconds: z.number(),
  /** What it learned from, where that was a share of the training patients. */
  learned: z.object({ patients: z.number().int(), images: z.number().int() }).optional(),
  /** Of an ensemble: its members, and images of all folds together. Curves and best epochs are the members'. */
  ensemble: z
    .object({
      members: z.array(
        z.object({
          runId: z.number().int(),
          /** From 1. */
          fold: z.number().int(),
          bestEpoch: z.number().int(),
          bestValue: z.number().nullable(),
          /** Images that it learned from, and those that judged it. */
          learned: z.number().int(),
          judged: z.number().int(),
        }),
      ),
      images: z.number().int(),
    })
    .optional(),
});
export type RunResult = z.output<typeof runResultSchema>;
