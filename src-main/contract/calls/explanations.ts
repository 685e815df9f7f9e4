import { z } from 'zod';
import { call, type CallTable } from '../call.ts';
import { checkKinds, type StoredCheck } from '../checks.ts';
import {
  type ExplainableLayer,
  explanationMethods,
  type Explanation,
  type SanityCheck,
  type SentHeatmap,
} from '../explanation.ts';
import type { Job } from '../job.ts';

const id = z.int().positive();

/** What is to be explained, and how. */
export const explanationQuery = z.object({
  runId: id,
  instanceId: id,
  frameIndex: z.int().min(0),
  method: z.enum(explanationMethods),
  /** Null: the last that has places in the image. */
  layer: z.string().min(1).nullable().default(null),
  /** Null: what the model finds likeliest. */
  classIndex: z.int().min(0).nullable().default(null),
});
export type ExplanationQuery = z.input<typeof explanationQuery>;

/** A map, and the check beside it where it was made. */
export interface ShownExplanation {
  explanation: Explanation<SentHeatmap>;
  /** By the model as it is, and with each step of weights drawn anew. */
  sanity: { check: SanityCheck; own: SentHeatmap; drawn: SentHeatmap[] } | null;
}

export const explanationCalls = {
  /** Layers that can be looked at, one for each stage, the last the one that is looked at by default. */
  'explanations.layers': call(z.object({ runId: id })).returns<ExplainableLayer[]>(),
  /** What was explained before; null where it has to be made. */
  'explanations.find': call(explanationQuery).returns<ShownExplanation | null>(),
  /** Makes a map, with `check` also the parameter-randomisation check of it. */
  'explanations.make': call(explanationQuery.extend({ check: z.boolean().default(false) })).returns<Job>(),
  /** Checks of a run as they were made last. */
  'checks.list': call(z.object({ runId: id })).returns<StoredCheck[]>(),
  'checks.run': call(
    z.object({ runId: id, kind: z.enum(checkKinds), set: z.string().min(1).optional() }),
  ).returns<Job>(),
} satisfies CallTable;
