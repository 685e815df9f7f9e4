/** Training: from a configuration and images to a saved model, its baselines, and what it says of new images. */
export { findRate, LossWatch } from './find-rate.ts';
export { measureCost, type CostTask } from './measure-cost.ts';
export { estimateCost, type ImageCounts } from './estimate-cost.ts';
export { judgedGain } from './transferability/accuracies.ts';
export { type ProbedImages, rankModel } from './transferability/rank.ts';
export { DropoutDraws } from './dropout-draws.ts';
export { train } from './trainer.ts';
export { withTrainShare } from './train-share.ts';
export type { TrainingTask } from './training-task.ts';
export {
  majorityProbabilities,
  trainFromScratch,
  trainProbe,
  type Probe,
  type ProbeFeatures,
} from './baselines.ts';
export { predict, type PredictOptions, requireImageSize } from './predict.ts';
export { headKind, type HeadKind } from './head-kind.ts';
export { sourceModel, startingModel } from './starting-model.ts';
export { discardCheckpoint } from './checkpoint.ts';
export { sampleKey, type ImageSource, type TrainingDataset } from './data.ts';
export type { RunContext, RunPaths } from './run-context.ts';
export type { Companion, CompanionStep, CompanionTensors, SeenBatch, SeenImages } from './companion.ts';
export { addDenseLayers, applyDenseLayers } from './selfsupervised/heads.ts';
export { FeatureCache, FeatureFile, type FeatureCacheOptions } from './feature-cache.ts';
export { augmentImage, augments, moveImage, type Affine, type ImageSize } from './augment.ts';
export {
  fitLogisticRegression,
  lossOf,
  type LabelledFeatures,
  type LinearClassifier,
} from './logistic-regression.ts';
export {
  pretrain,
  type PretrainingConfig,
  type PretrainingOptions,
  type PretrainingReport,
} from './pretrain.ts';
export { drawnStream, type DrawnStreamOptions, type ImageStream } from './image-stream.ts';
export { sidesOf } from './laterality.ts';
export { chooseAugmentation, presetOf } from './choose-augmentation.ts';
export { explainAugmentation, warnOfAugmentation } from './explain-augmentation.ts';
export { explainPlan, warnOfPlan, type PlanFacts } from './explain-plan.ts';
export { planPhases, type Phase } from './phase.ts';
export {
  continueUnlabelled,
  methodNamed,
  type SelfSupervisionContext,
  type SelfSupervisionResult,
  type SelfSupervisionTask,
} from './selfsupervised/index.ts';
