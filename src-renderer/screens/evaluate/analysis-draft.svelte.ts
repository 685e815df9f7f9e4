import type {
  AggregationRule,
  AnalysisSettings,
  SubgroupAttribute,
  ThresholdRule,
  Unit,
} from '../../../src-main/contract/analysis-settings.ts';

/** The most attributes that are tested at once. */
export const MOST_ATTRIBUTES = 8;

const isShare = (value: number | null): value is number => value !== null && value > 0 && value < 1;

/** Settings of an analysis while a person changes them; what is not saved is forgotten. */
export class AnalysisDraft {
  unit = $state<Unit>('image');
  aggregation = $state<AggregationRule>('mean');
  kind = $state<ThresholdRule['kind']>('youden');
  /** Of the rules that ask for a sensitivity or a specificity. */
  least = $state<number | null>(0.95);
  missed = $state<number | null>(10);
  needless = $state<number | null>(1);
  /** Null: that of the validation data. */
  prevalence = $state<number | null>(null);
  subgroups = $state<readonly SubgroupAttribute[]>([]);
  margin = $state<number | null>(0.05);
  miss = $state<number | null>(0.1);

  constructor({ unit, aggregation, threshold, subgroups, margin, miss }: AnalysisSettings) {
    Object.assign(this, { unit, aggregation, kind: threshold.kind, subgroups, margin, miss });
    if ('least' in threshold) this.least = threshold.least;
    if (threshold.kind === 'cost') {
      this.missed = threshold.falseNegative;
      this.needless = threshold.falsePositive;
      this.prevalence = threshold.prevalence ?? null;
    }
  }

  /** Null where it is not whole, or out of its bounds. */
  get rule(): ThresholdRule | null {
    const { kind, least, missed, needless, prevalence } = this;
    if (kind === 'youden') return { kind };
    if (kind !== 'cost') return isShare(least) ? { kind, least } : null;
    if (missed === null || needless === null || missed <= 0 || needless <= 0) return null;
    const costs = { kind, falseNegative: missed, falsePositive: needless };
    if (prevalence === null) return costs;
    return isShare(prevalence) ? { ...costs, prevalence } : null;
  }

  /** What would be saved; null where something is missing or out of its bounds. */
  get settings(): AnalysisSettings | null {
    const { unit, aggregation, rule, subgroups, margin, miss } = this;
    if (rule === null || margin === null || margin < 0 || margin >= 1 || !isShare(miss)) return null;
    return { unit, aggregation, threshold: rule, subgroups: [...subgroups], margin, miss };
  }

  toggle(attribute: SubgroupAttribute): void {
    if (this.subgroups.includes(attribute))
      this.subgroups = this.subgroups.filter((one) => one !== attribute);
    else if (this.subgroups.length < MOST_ATTRIBUTES) this.subgroups = [...this.subgroups, attribute];
  }
}
