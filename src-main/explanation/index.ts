/** What in an image speaks for a class, and whether such a map says anything of the model. */
export { explainTargets, toLargest } from './explain.ts';
export { gradCam, gradCamPlusPlus } from './grad-cam.ts';
export { overImage, type StoredImage } from './image-plane.ts';
export { chosenLayer, offeredLayers, spatialLayers } from './layers.ts';
export { patchStarts } from './occlusion.ts';
export { checkByRandomisation, type Randomisation } from './randomisation.ts';
export { sampleMap } from './sample-map.ts';
export { spearman, structuralSimilarity } from './similarity.ts';
export type { ActivationMap, MapContext, MapRequest, Target } from './target.ts';
