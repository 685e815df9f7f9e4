import { z } from 'zod';
import { filterKeywords } from './instances.ts';

/** What counts as one case: an image, a series, or a patient. */
export const units = ['image', 'series', 'patient'] as const;
export type Unit = (typeof units)[number];

/**
 * How images speak for a series, or series for a patient:
 * - `mean`: the mean of their probabilities; every image counts alike
 * - `max`: the largest; one image that shows it is enough
 * - `noisy-or`: 1 − Π(1 − p), the chance that any shows it if each errs on its own (Pearl 1988); many images make it sure
 * - `majority`: the share of images that call it: the most probable class, or a finding from one half on
 */
export const aggregationRules = ['mean', 'max', 'noisy-or', 'majority'] as const;
export type AggregationRule = (typeof aggregationRules)[number];

const share = z.number().gt(0).lt(1);

/** How the probability is chosen from which on a case is called positive; on validation data, always. */
export const thresholdRule = z.discriminatedUnion('kind', [
  /** The largest sum of sensitivity and specificity (Youden 1950). */
  z.object({ kind: z.literal('youden') }),
  /** The most specific threshold that reaches this sensitivity. */
  z.object({ kind: z.literal('sensitivity'), least: share }),
  /** The most sensitive threshold that reaches this specificity. */
  z.object({ kind: z.literal('specificity'), least: share }),
  /** The least expected cost, of missed cases and of false alarms in any unit (Metz 1978). */
  z.object({
    kind: z.literal('cost'),
    falseNegative: z.number().positive(),
    falsePositive: z.number().positive(),
    /** Where the model will be used; left out: that of the validation data. */
    prevalence: share.optional(),
  }),
]);
export type ThresholdRule = z.output<typeof thresholdRule>;

/** Attributes that groups are made by: `AgeBand` from PatientAge, `source` the imported folder. */
export const subgroupAttributes = ['AgeBand', 'source', ...filterKeywords] as const;
export type SubgroupAttribute = (typeof subgroupAttributes)[number];

/** How results are analysed. Chosen before a held-out set is opened: a change after that is recorded, and the report says so. */
export const analysisSettings = z.object({
  unit: z.enum(units).default('image'),
  aggregation: z.enum(aggregationRules).default('mean'),
  threshold: thresholdRule.default({ kind: 'youden' }),
  subgroups: z
    .array(z.enum(subgroupAttributes))
    .max(8)
    .default(['PatientSex', 'AgeBand', 'Manufacturer', 'source']),
  /** From which difference on a group counts as served otherwise. */
  margin: z.number().gte(0).lt(1).default(0.05),
  /** How often a prediction set may miss the true class. */
  miss: share.default(0.1),
});
export type AnalysisSettings = z.output<typeof analysisSettings>;
export type AnalysisSettingsInput = z.input<typeof analysisSettings>;

/** "Youden's index", "a sensitivity of at least 95 %" */
export function thresholdRuleText(rule: ThresholdRule): string {
  switch (rule.kind) {
    case 'youden':
      return 'Youden’s index';
    case 'sensitivity':
    case 'specificity':
      return `a ${rule.kind} of at least ${Number((100 * rule.least).toFixed(1))} %`;
    case 'cost':
      return `least cost, a missed case costing ${rule.falseNegative} and a false alarm ${rule.falsePositive}${rule.prevalence === undefined ? '' : ` at a prevalence of ${Number((100 * rule.prevalence).toFixed(2))} %`}`;
  }
}

/** "images", "series, by the mean of their images" */
export const unitText = ({ unit, aggregation }: Pick<AnalysisSettings, 'unit' | 'aggregation'>): string =>
  unit === 'image'
    ? 'images'
    : `${unit === 'series' ? 'series' : 'patients'}, by the ${AGGREGATION[aggregation]} of their images`;

const AGGREGATION: Record<AggregationRule, string> = {
  mean: 'mean',
  max: 'largest probability',
  'noisy-or': 'noisy-or',
  majority: 'majority',
};
