export {
  type ConformalOptions,
  type ConformalPredictor,
  conformalQuantile,
  evaluateSets,
  fitConformal,
  type SetQuality,
} from './prediction-sets.ts';
export { adaptive, type ConformalScore, leastAmbiguous, regularised } from './scores.ts';
