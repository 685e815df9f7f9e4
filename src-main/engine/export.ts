import { GraftError } from '../contract/errors.ts';
import { lowerProgram } from './compiled.ts';
import { encodeModel } from './onnx/model.ts';
import { openModel, OnnxTensor } from './onnx/runtime.ts';
import type { Parameters } from './parameters.ts';
import { traceProgram } from './trace/trace.ts';
import type { HostInputs, HostOutputs, HostTensor, Program } from './types.ts';

export interface ExportOptions {
  /**
   * The batch size in the program's input shapes that the file shall leave free. Give the program a size that no other
   * extent in it has (a prime such as 13). Default: all shapes stay as they are.
   */
  freeBatch?: number;
  /** Written into the file: class names, preprocessing, licence. Never anything about patients. */
  metadata?: Record<string, string>;
}

/**
 * A program with its weights as the bytes of an ONNX file (opset 18) of standard operators only, which any runtime can
 * read. Inputs and outputs keep the program's names and TF.js's layout (images NHWC).
 */
export function exportOnnx(
  program: Program,
  parameters: Parameters,
  options: ExportOptions = {},
): Uint8Array {
  const trace = traceProgram(program, parameters);
  const { graph } = lowerProgram(program, { outputs: trace.outputs, assigned: {} }, parameters, {
    target: { block: 0, contrib: false },
    isConstant: () => true,
    ...(options.freeBatch === undefined ? {} : { freeBatch: options.freeBatch }),
    ...(options.metadata === undefined ? {} : { metadata: options.metadata }),
  });
  return encodeModel(graph);
}

/** An ONNX file opened for running, as anybody else would open it: the check of an export. */
export interface OnnxModel {
  /** `shapes` gives the shape of each input of this run. */
  run(inputs: HostInputs, shapes: Record<string, readonly number[]>): Promise<HostOutputs>;
  dispose(): Promise<void>;
}

/** Opens the bytes of an ONNX file with ONNX Runtime on the CPU. */
export async function openOnnx(model: Uint8Array, options: { threads?: number } = {}): Promise<OnnxModel> {
  const session = await openModel(model, options);
  return {
    run: async (inputs, shapes) => {
      const feeds = Object.fromEntries(
        Object.entries(inputs).map(([name, data]) => {
          const type = data instanceof Float32Array ? 'float32' : 'int32';
          return [name, new OnnxTensor(type, data as Float32Array, shapes[name])];
        }),
      );
      const missing = session.inputNames.find((name) => !(name in feeds));
      if (missing)
        throw new GraftError('onnx-input', `The ONNX file expects an input named ${missing}.`, {
          kind: 'bug',
        });
      const results = await session.run(feeds);
      return Object.fromEntries(
        Object.entries(results).map(([name, tensor]) => {
          const dtype = tensor.type === 'float32' ? 'float32' : 'int32';
          return [name, { shape: [...tensor.dims], dtype, data: tensor.data as HostTensor['data'] }];
        }),
      );
    },
    dispose: async () => session.release(),
  };
}
