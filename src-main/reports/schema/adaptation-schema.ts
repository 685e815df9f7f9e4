import { z } from 'zod';
import { adaptationDomainsSchema, adaptationMethods } from '../../contract/adaptation.ts';
import { adaptationNames } from '../../contract/adaptation-stages.ts';
import { nullableNumber } from './parts.ts';

const counts = z.object({ images: z.int(), patients: z.int() });
const distances = z.object({
  proxyA: nullableNumber,
  mmd: nullableNumber,
  mmdP: nullableNumber,
  coral: nullableNumber,
});
const validators = z.object({
  entropy: z.number(),
  infoMax: z.number(),
  density: z.number(),
  weightedRisk: nullableNumber,
  embeddedRisk: nullableNumber,
  effectiveImages: nullableNumber,
  heapAccuracy: nullableNumber,
});
/** Accuracy before and after, on patients of the target. */
const change = z.object({
  patients: z.int(),
  before: z.number(),
  after: z.number(),
  difference: z.number(),
  low: z.number(),
  high: z.number(),
});
const candidate = z.object({
  runId: z.int(),
  method: z.string().nullable(),
  strength: nullableNumber,
  distances,
  validators,
  sourceAccuracy: nullableNumber,
  heaps: change.extend({ certainty: z.number(), unexplained: nullableNumber }).nullable(),
  audit: change.extend({ onlyBefore: z.int(), onlyAfter: z.int(), p: z.number() }).nullable(),
  verdict: z
    .object({
      alarm: z.boolean(),
      state: z.enum(['worse', 'better', 'no-difference', 'unknown']),
      by: z.enum(['audit', 'answers']).nullable(),
      reason: z.string(),
      causes: z.array(z.string()),
      advice: z.string(),
    })
    .nullable(),
});

/** From where models were adapted, to what, and how they were judged: src-main/contract/report-adaptation.ts. */
export const adaptation = z.object({
  origin: z
    .object({
      graft: z.string(),
      exportedAt: z.string(),
      project: z.string(),
      run: z.int(),
      classes: z.array(z.string()),
      splitHash: z.string(),
      weights: z.string(),
      learned: z.object({ images: z.int(), patients: z.int(), classes: z.array(z.int()) }),
      adaptedBy: z.array(z.enum(adaptationMethods)),
      modelName: z.string(),
    })
    .optional(),
  sourceRunId: z.int().nullable(),
  domains: adaptationDomainsSchema,
  runs: z.array(
    z.object({
      runId: z.int(),
      method: z.enum(adaptationNames),
      strength: nullableNumber,
      facts: z.object({ source: counts, target: counts, leftOut: counts, judged: counts }),
    }),
  ),
  judgement: z
    .object({
      judgedAt: z.string(),
      sourceAway: z.boolean().optional(),
      source: counts,
      target: counts,
      sentence: z.string(),
      selectedBy: z.string(),
      selected: z.int(),
      candidates: z.array(candidate),
      kept: z.object({ runId: z.int(), by: z.enum(['rule', 'person']), keptAt: z.string() }),
    })
    .nullable(),
  audit: z.object({ patients: z.int(), labelled: z.int() }).nullable(),
});
