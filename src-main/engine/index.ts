/** The engine's one door: programs in plain TF.js go in, something that runs them fast comes out. */
export * from './types.ts';
export { Parameters, bytesOf, sizeOf, type Parameter } from './parameters.ts';
export { HashMemory, type HashOf } from './hash-memory.ts';
export { compileTrainingStep, type TrainingStep, type TrainingStepOptions } from './training-step.ts';
export type { OptimizerConfig } from './optimizers.ts';
export { openExecutor, type ExecutorOptions } from './open.ts';
export { exportOnnx, openOnnx, type ExportOptions, type OnnxModel } from './export.ts';
export { runtimeVersion } from './onnx/runtime.ts';
export { exportTfjs, type TfjsExportOptions, type TfjsModel } from './export-tfjs.ts';
export { openTfjs, type OpenTfjsModel } from './tfjs-runtime.ts';
