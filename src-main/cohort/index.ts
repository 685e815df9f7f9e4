export { importFolder, type ImportOptions } from './import.ts';
export { importLabels, type LabelOptions } from './labels.ts';
export { labelsFromFolders, type FolderLabelOptions } from './folder-labels.ts';
export { meansNone } from './finding-columns.ts';
export { createSplit } from './split.ts';
export { arrivedSplit, LABELLED } from './arrived-split.ts';
export { buildTensorCache, type TensorCacheOptions } from './tensor-cache.ts';
export { loadDataset, prepareDataset, type DatasetOptions } from './dataset.ts';
export {
  datasetOfFold,
  foldsOf,
  foldsOfDataset,
  pixelHashes,
  withoutHeldOut,
  type FoldOptions,
  type Folds,
} from './folds.ts';
export { dealFolds, type FoldGroup } from './deal-folds.ts';
export { dealOuterFolds, type OuterFold } from './outer-folds.ts';
export { splitHash } from './split-hash.ts';
export { findingsName } from './split-kinds.ts';
export { counted, identity } from './identity.ts';
export {
  chooseUnlabelled,
  prepareUnlabelled,
  type UnlabelledChoice,
  type UnlabelledImages,
} from './unlabelled.ts';
export { TensorCacheReader } from './tensor-cache-reader.ts';
export { prepareFrame } from './preprocess.ts';
export type { PictureResult, PictureTask } from './picture-worker.ts';
export { layOut, type Layout } from './resize.ts';
export { chooseDomains, prepareDomains, type ChosenDomains, type PreparedDomains } from './domains.ts';
