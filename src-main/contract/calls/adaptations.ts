import { z } from 'zod';
import { adaptationDomainsSchema, type AdaptationFacts, type AdaptationMethodName } from '../adaptation.ts';
import { type AdaptationName, adaptationNames } from '../adaptation-stages.ts';
import { type StoredJudgement, type TargetAudit } from '../adaptation-judgement.ts';
import { call, type CallTable } from '../call.ts';
import type { Job } from '../job.ts';
import type { OriginFacts } from '../model-origin.ts';

/** A finished run that can be adapted. */
export interface AdaptableRun {
  runId: number;
  modelName: string;
  /** ISO 8601, UTC. */
  createdAt: string;
  /** By which it was adapted already; null for one that was trained. */
  adaptedBy: AdaptationName | null;
  /** Where the model was trained in another project, whose images are not here; null where it was trained in this one. */
  origin: OriginFacts | null;
  /** Why a method cannot adapt it, whatever the target. */
  refused: Partial<Record<AdaptationMethodName, string>>;
}

/** What was found for one run and one target, with the audit that goes with it. */
export interface ShownJudgement extends StoredJudgement {
  audit: TargetAudit | null;
}

const id = z.int().positive();

export const adaptationCalls = {
  /** The newest first. */
  'adaptations.runs': call(z.null()).returns<AdaptableRun[]>(),
  /** Brings a model of another project into this one: a folder of `graft export --format graft`, or a study capsule. */
  'adaptations.bring': call(z.object({ path: z.string().trim().min(1) })).returns<AdaptableRun>(),
  /** How many images and patients both domains have; nothing is decoded. */
  'adaptations.count': call(
    z.object({ runId: id, domains: adaptationDomainsSchema }),
  ).returns<AdaptationFacts>(),
  /** Adapts by each method, one after the other, and judges all of them, as one job. */
  'adaptations.start': call(
    z.object({
      runId: id,
      domains: adaptationDomainsSchema,
      methods: z.array(z.enum(adaptationNames)).min(1),
      strength: z.number().min(0).max(10_000).nullable().default(null),
    }),
  ).returns<Job>(),
  /** Judges again, say when an audit has labels. */
  'adaptations.judge': call(z.object({ runId: id })).returns<Job>(),
  /** The newest first. */
  'adaptations.judgements': call(z.null()).returns<ShownJudgement[]>(),
  'adaptations.audit': call(
    z.object({ runId: id, difference: z.number().min(0.01).max(1).default(0.15) }),
  ).returns<TargetAudit>(),
  /** Decides by hand which model is kept. */
  'adaptations.keep': call(z.object({ runId: id })).returns<StoredJudgement>(),
} satisfies CallTable;
