export { aggregate, type Aggregated, aggregateFindings, aggregateLabels } from './aggregate.ts';
