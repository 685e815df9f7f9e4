/** Networks as data, their weights, and the library of models to start from. */
export * from './network.ts';
export { normalizeBatch } from './batch-normalization.ts';
export { applyLayer, applyNetwork, type ApplyOptions, type NormalizationMode } from './apply.ts';
export { NetworkBuilder, withHead, type HeadSettings } from './builder.ts';
export { initialiseParameters, initialValues } from './initialise.ts';
export { inferenceProgram } from './inference.ts';
export { ensembleProgram } from './ensemble-program.ts';
export { probabilitiesOf, sharesOneOutput, type OutputKind } from './output.ts';
export * from './freeze-plan.ts';
export { lastCut } from './cuts.ts';
export * from './preprocessing.ts';
export { loadModel, readModelDescription, readModelNetwork, saveModel, type Model } from './model.ts';
export {
  assignTensors,
  readSafetensors,
  writeSafetensors,
  type SafetensorsFile,
  type StoredTensor,
} from './safetensors.ts';
export { decodeHalf, encodeHalf } from './float16.ts';
export {
  cardOf,
  loadPretrained,
  modelCard,
  modelCards,
  modelFigures,
  shippedWeights,
  type Architecture,
  type ModelCard,
} from './library.ts';
export { torchvisionLayer } from './architectures/resnet.ts';
export { detectFormat, formatNames, openWeightFile } from './weights/open.ts';
export { modelFromWeights } from './weights/assemble.ts';
export type { FileTensor, WeightFile, WeightFormat } from './weights/weight-file.ts';
export { assembleGraph, type AssembledGraph } from './graph/assemble.ts';
export type { ForeignGraph, ForeignLayer } from './graph/foreign-layer.ts';
