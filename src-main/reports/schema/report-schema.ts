import { z } from 'zod';
import { preprocessingSpec, splitOptions } from '../../contract/dataset.ts';
import {
  epochMetricsSchema,
  freezeMapRowSchema,
  monitors,
  runResultSchema,
  trainingConfigSchema,
} from '../../contract/training.ts';
import { adaptation } from './adaptation-schema.ts';
import { crossValidation } from './cross-validation-schema.ts';
import { learningCurve } from './learning-curve-schema.ts';
import { setAnalysis, testLooks } from './analysis-schema.ts';
import { evaluationTable } from './evaluation-schema.ts';
import { approach, count } from './parts.ts';

const run = z.object({
  id: z.int(),
  approach,
  config: trainingConfigSchema,
  epochs: z.array(epochMetricsSchema),
  result: runResultSchema
    .omit({ config: true, epochs: true, freezeMap: true, modelFolder: true })
    .extend({ monitor: z.enum(monitors) })
    .nullable(),
  freezeMap: z.array(freezeMapRowSchema),
  diagnosis: z.string().nullable(),
});

const characteristics = z.object({
  set: z.string(),
  images: z.int(),
  patients: z.int(),
  sex: z.array(count),
  age: z.object({ median: z.number(), lower: z.number(), upper: z.number(), known: z.int() }).nullable(),
  years: z.tuple([z.int(), z.int()]).nullable(),
  manufacturers: z.array(count),
});

const continued = z.object({
  from: z.string(),
  method: z.string(),
  images: z.int(),
  patients: z.int(),
  epochs: z.number(),
  size: z.int(),
  heldOutPatients: z.int().nullable(),
  seen: z.object({ images: z.int(), patients: z.int() }),
});

/**
 * A report's JSON file. What a later version adds is a key of its own: readers pass over keys that they do not know, and `format` grows only when the
 * meaning of one changes.
 */
export const reportSchema = z.object({
  format: z.literal(1),
  title: z.string(),
  createdAt: z.string().describe('ISO 8601, UTC.'),
  project: z.string(),
  data: z.object({
    sources: z.array(z.object({ name: z.string(), images: z.int(), refused: z.array(count) })),
    acquisition: z.array(z.object({ attribute: z.string(), values: z.array(count) })),
    characteristics: z.array(characteristics).optional(),
    warnings: z.array(z.string()),
  }),
  preprocessing: preprocessingSpec,
  split: z.object({
    classes: z.array(z.string()),
    multiLabel: z.boolean().optional(),
    options: splitOptions,
    hash: z.string(),
    counts: z.record(
      z.string(),
      z.object({
        images: z.int(),
        patients: z.int(),
        classes: z.array(z.int()),
        none: z.int().optional(),
      }),
    ),
    leftOut: z.record(z.string(), z.int()),
  }),
  model: z.object({
    name: z.string(),
    title: z.string(),
    sourceTask: z.string().nullable(),
    licence: z.string(),
    inputSize: z.int(),
    weights: z
      .object({
        title: z.string(),
        source: z.string(),
        format: z.string().nullable(),
        preprocessing: z.string().nullable(),
      })
      .nullable(),
    continued: continued.nullable(),
    sha256: z.string().nullable(),
  }),
  runs: z.array(run),
  results: z.array(
    z.object({
      setName: z.string(),
      description: z.string(),
      openings: z.int(),
      table: evaluationTable,
      withCopies: evaluationTable.nullable(),
      excluded: z.array(count),
      analysis: setAnalysis.optional(),
      looks: testLooks.optional(),
    }),
  ),
  exported: z
    .object({
      path: z.string(),
      sha256: z.string(),
      bytes: z.int(),
      largestDifference: z.number(),
      imagesCompared: z.int(),
      exportedAt: z.string(),
    })
    .nullable(),
  environment: z.object({
    graft: z.string(),
    node: z.string(),
    platform: z.string(),
    cpu: z.string(),
    cores: z.int(),
    packages: z.record(z.string(), z.string()),
  }),
  seeds: z.array(z.object({ name: z.string(), value: z.number() })),
  limitations: z.array(z.string()),
  checks: z
    .array(
      z.object({
        kind: z.string(),
        runId: z.int(),
        setName: z.string().nullable(),
        report: z.looseObject({}).describe('By its kind: src-main/contract/checks.ts.'),
        checkedAt: z.string(),
      }),
    )
    .optional(),
  adaptation: adaptation.optional(),
  crossValidation: crossValidation.optional(),
  learningCurve: learningCurve.optional(),
});

/** The same as JSON Schema (draft 2020-12), as `docs/report.schema.json` holds it. */
export const reportJsonSchema = (): object => ({
  $id: 'urn:graft:report:1',
  title: 'Report of Graft, format 1',
  ...z.toJSONSchema(reportSchema, { io: 'input', reused: 'ref' }),
});
