import { z } from 'zod';
import { preprocessingSpec, splitOptions } from './dataset.ts';
import { adaptedApproaches, approaches } from './run.ts';
import { epochMetricsSchema, trainingConfigSchema } from './training.ts';

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const sets = z.record(z.string(), z.record(z.string(), z.record(z.string(), z.number().nullable())));

/** `capsule.json`: what a study was, without the patients. Everything else in the archive is named here. */
export const capsuleSchema = z.object({
  format: z.literal('graft-capsule'),
  version: z.literal(1),
  createdAt: z.string(),
  graft: z.string(),
  project: z.string(),
  comparison: z.int(),
  split: z.object({
    hash,
    classes: z.array(z.string()),
    multiLabel: z.boolean(),
    options: splitOptions,
    /** By class in the order of the classes; capsules of before may lack that. */
    counts: z.record(
      z.string(),
      z.object({ images: z.int(), patients: z.int(), classes: z.array(z.int()).optional() }),
    ),
  }),
  preprocessing: preprocessingSpec,
  seeds: z.array(z.object({ name: z.string(), value: z.number() })),
  runs: z.array(
    z.object({
      id: z.int(),
      approach: z.enum([...approaches, ...adaptedApproaches]),
      /** `initial` is the last name of a folder, where it was one. */
      config: trainingConfigSchema,
      environment: z.object({
        graft: z.string(),
        node: z.string(),
        platform: z.string(),
        cpu: z.string(),
        cores: z.number(),
        packages: z.record(z.string(), z.string()),
      }),
      startingWeights: hash.nullable(),
      epochs: z.array(epochMetricsSchema),
      /** The models that answer for it: one, the members of an ensemble, none of the majority class. */
      models: z.array(z.object({ runId: z.int(), weights: hash })),
    }),
  ),
  evaluations: z.array(z.object({ runId: z.int(), setName: z.string(), file: z.string(), images: z.int() })),
  /** By set, approach and metric; null where it is not defined. */
  metrics: sets,
  openings: z.array(z.object({ setName: z.string(), openedAt: z.string() })),
  audit: z.object({ entries: z.int(), head: hash.nullable() }),
});
export type Capsule = z.output<typeof capsuleSchema>;
export type CapsuleMetrics = z.output<typeof sets>;

/** One image in a predictions file: the image by a hash, its patient by another. */
export const capsulePrediction = z.object({
  image: hash,
  frame: z.int(),
  patient: hash,
  label: z.int(),
  findings: z.array(z.union([z.literal(0), z.literal(1), z.null()])).optional(),
  /** float32 values, which their decimal text keeps whole. */
  probabilities: z.array(z.number()),
  excluded: z.string().nullable(),
});
export type CapsulePrediction = z.output<typeof capsulePrediction>;

/**
 * `exactly`: bit by bit; `closely`: to 1e-5, as other machines compute; `no`; `unknown`: it could not be looked at, and why; `told`: nothing that
 * could agree, such as versions that differ.
 */
export type Agreement = 'exactly' | 'closely' | 'no' | 'unknown' | 'told';

export interface VerifiedRow {
  what: string;
  agrees: Agreement;
  /** How exactly, or why not. */
  detail: string;
}

export interface CapsuleVerification {
  rows: VerifiedRow[];
  /** Whether nothing disagrees, and something was looked at. */
  agrees: boolean;
}
