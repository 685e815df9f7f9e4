/** Domain adaptation: a model made to fit images of another scanner, hospital or protocol, whose labels nobody knows. */
export { adaptedConfig, adaptModel, type AdaptationTask, checkAdaptation, startOf } from './adapt-model.ts';
export { normalizationLayers } from './adabn.ts';
export { observe, type Observation, type ObserveOptions } from './observe.ts';
export { adaptationVerdict, prevalenceCauses, selectCandidate } from './alarm/index.ts';
export { judgeDomains, type LabelFreeJudgement, type ObservedModel } from './judge-domains.ts';
export { judgeTarget, type TargetEvidence } from './judge-target.ts';
export {
  compareFigures,
  compareWithSummaries,
  imageFigures,
  type ImageFigures,
  summariseFigures,
} from './what-differs/index.ts';
