import { z } from 'zod';
import { analysisSettings } from '../../contract/analysis-settings.ts';
import { approach, calibrationBin, estimate, estimates, nullableNumber, point, range } from './parts.ts';

const shares = z.object({ sensitivity: z.number(), specificity: z.number() });

const modelAnalysis = z.object({
  name: z.string(),
  approach,
  operating: z.array(
    z.object({
      target: z.string(),
      threshold: z.number(),
      onValidation: shares,
      truePositives: z.int(),
      falsePositives: z.int(),
      trueNegatives: z.int(),
      falseNegatives: z.int(),
      metrics: estimates,
    }),
  ),
  recalibration: z.array(
    z.object({
      method: z.string(),
      fitted: z.array(z.string()),
      ece: z.number(),
      ace: z.number(),
      brier: z.number(),
      logLoss: z.number(),
      bins: z.array(calibrationBin),
    }),
  ),
  calibration: z.array(
    z.object({
      target: z.string(),
      slope: nullableNumber,
      slopeRange: range.nullable(),
      inTheLarge: nullableNumber,
      observedToExpected: nullableNumber,
      pValue: nullableNumber,
    }),
  ),
  conformal: z.array(
    z.object({
      method: z.string(),
      byClass: z.boolean(),
      miss: z.number(),
      calibratedOn: z.int(),
      thresholds: z.array(nullableNumber),
      coverage: z.number(),
      coverageRange: range.nullable(),
      coverageOfClass: z.array(z.object({ class: z.string(), coverage: nullableNumber })),
      meanSize: z.number(),
      empty: z.number(),
      single: z.number(),
      bySize: z.array(z.object({ size: z.int(), cases: z.int(), coverage: z.number() })),
    }),
  ),
  findingSets: z
    .array(
      z.object({
        finding: z.string(),
        miss: z.number(),
        calibratedOn: z.object({ present: z.int(), absent: z.int() }),
        thresholds: z.object({ present: nullableNumber, absent: nullableNumber }),
        cases: z.int(),
        coverage: estimate,
        coverageOfPresent: estimate,
        coverageOfAbsent: estimate,
        present: z.number(),
        absent: z.number(),
        either: z.number(),
        neither: z.number(),
      }),
    )
    .describe('Of findings: what cannot be left out about each, its presence and its absence apart.'),
  decisionCurves: z.array(
    z.object({
      target: z.string(),
      prevalence: z.number(),
      model: z.array(point),
      treatAll: z.array(point),
    }),
  ),
  areas: z.array(z.object({ target: z.string(), auc: estimate })),
});

/** What goes beyond the table of a set. */
export const setAnalysis = z.object({
  settings: analysisSettings,
  classes: z.array(z.string()),
  multiLabel: z.boolean(),
  cases: z.int(),
  images: z.int(),
  patients: z.int(),
  fittedOn: z.object({ cases: z.int(), patients: z.int(), fittedAt: z.string() }).nullable(),
  fittedHere: z.boolean(),
  models: z.array(modelAnalysis),
  tests: z.array(
    z.object({
      first: z.string(),
      second: z.string(),
      kind: z.enum(['permutation', 'mcnemar', 'delong']),
      target: z.string().nullable(),
      difference: z.number(),
      range: range.nullable(),
      pValue: z.number(),
      adjusted: z.number().describe('By Holm over all tests of the set.'),
      discordant: z.object({ onlyFirst: z.int(), onlySecond: z.int(), exact: z.number() }).optional(),
    }),
  ),
  levels: z.array(
    z.object({
      unit: z.string(),
      aggregation: z.string(),
      cases: z.int(),
      mixed: z.int(),
      models: z.array(
        z.object({
          name: z.string(),
          approach,
          metrics: estimates,
          right: z.int(),
          wilson: range.nullable(),
          clopperPearson: range.nullable(),
        }),
      ),
    }),
  ),
  subgroups: z.array(
    z.object({
      attribute: z.string(),
      metric: z.string(),
      unknown: z.int(),
      rows: z.array(
        z.object({
          group: z.string(),
          cases: z.int(),
          patients: z.int(),
          value: nullableNumber,
          range: range.nullable(),
          difference: nullableNumber,
          differenceRange: range.nullable(),
          pValue: nullableNumber,
          adjusted: nullableNumber,
          disparity: z.enum(['found', 'none-found', 'not-tested']),
        }),
      ),
    }),
  ),
  pilots: z.array(
    z.object({
      first: z.string(),
      second: z.string(),
      patients: z.int(),
      discordant: z.number(),
      detectable: nullableNumber,
      needed: z.array(z.object({ difference: z.number(), patients: z.int().nullable() })),
    }),
  ),
  replicates: z.int(),
  seed: z.int(),
});

/** Every look at a held-out set. */
export const testLooks = z.object({
  looks: z.array(
    z.object({
      openedAt: z.string(),
      comparisonId: z.int().nullable(),
      changed: z.array(z.string()).nullable(),
    }),
  ),
  before: z.int(),
  after: z.int(),
  settingsChanged: z.array(z.object({ at: z.string(), changed: z.array(z.string()) })),
  sentences: z.array(z.string()),
});
