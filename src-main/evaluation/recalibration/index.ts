export { applyIsotonic, fitIsotonic, type IsotonicCurve } from './isotonic.ts';
export { type BinaryCalibration, calibrateOneVersusRest } from './one-versus-rest.ts';
export { applyPlatt, fitPlatt, type PlattScaling } from './platt.ts';
export { applyTemperature, fitTemperature, logitsOf } from './temperature.ts';
