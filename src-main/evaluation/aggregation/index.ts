export {
  aggregate,
  type Aggregated,
  aggregateFindings,
  aggregateLabels,
  type AggregationRule,
} from './aggregate.ts';
