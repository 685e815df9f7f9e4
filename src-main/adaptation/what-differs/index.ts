export {
  compareFigures,
  compareWithSummaries,
  standardisedDifference,
  summariseFigures,
} from './compare-figures.ts';
export {
  type GreyImage,
  imageFigures,
  type ImageFigures,
  noiseDeviation,
  spectralSlope,
} from './image-figures.ts';
export { differenceSentence, type PrevalenceFacts } from './sentence.ts';
