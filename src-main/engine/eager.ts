import './tfjs.ts';
import * as tf from '@tensorflow/tfjs-core';
import { GraftError } from '../contract/errors.ts';
import type { Parameters } from './parameters.ts';
import type {
  CompiledProgram,
  EngineName,
  Executor,
  HostInputs,
  HostOutputs,
  ParameterScope,
  Program,
} from './types.ts';

/**
 * Runs programs as TF.js runs them: kernel by kernel on one of its own backends. The reference that the compiled
 * executor is tested against (`cpu`), and the way to CUDA (`tensorflow`).
 */
export class EagerExecutor implements Executor {
  readonly name: EngineName;
  readonly description: string;
  readonly #backend: string;

  constructor(name: EngineName, backend: string, description: string) {
    this.name = name;
    this.#backend = backend;
    this.description = description;
  }

  async compile(program: Program, parameters: Parameters): Promise<CompiledProgram> {
    await tf.setBackend(this.#backend);
    const variables = new Map<string, tf.Variable>();
    const written = new Map<string, Float32Array>();
    const scope: ParameterScope = (name) => {
      let variable = variables.get(name);
      if (!variable) {
        const { shape, data } = parameters.get(name);
        variable = tf.keep(tf.variable(tf.tensor(data.slice(), [...shape]), true, undefined, 'float32'));
        variables.set(name, variable);
        written.set(name, data.slice());
      }
      return variable;
    };
    return {
      run: async (inputs) => {
        await tf.setBackend(this.#backend);
        upload(variables, written, parameters);
        return runOnce(program, scope, inputs, () => download(variables, written, parameters));
      },
      dispose: async () => {
        for (const variable of variables.values()) variable.dispose();
        variables.clear();
      },
    };
  }

  async dispose(): Promise<void> {}
}

/** Weights that changed on the host since they were last seen go up again; the others stay where they are. */
function upload(
  variables: Map<string, tf.Variable>,
  written: Map<string, Float32Array>,
  parameters: Parameters,
): void {
  for (const [name, variable] of variables) {
    const { shape, data } = parameters.get(name);
    const seen = written.get(name)!;
    if (data.every((value, index) => Object.is(value, seen[index]))) continue;
    seen.set(data);
    tf.tidy(() => variable.assign(tf.tensor(data.slice(), [...shape])));
  }
}

/** Weights that the program assigned come back down. */
function download(
  variables: Map<string, tf.Variable>,
  written: Map<string, Float32Array>,
  parameters: Parameters,
): void {
  for (const [name, variable] of variables) {
    const values = variable.dataSync<'float32'>();
    parameters.get(name).data.set(values);
    written.get(name)!.set(values);
  }
}

async function runOnce(
  program: Program,
  scope: ParameterScope,
  inputs: HostInputs,
  finish: () => void,
): Promise<HostOutputs> {
  const outputs: HostOutputs = {};
  tf.tidy(() => {
    const tensors: Record<string, tf.Tensor> = {};
    for (const [name, { shape, dtype }] of Object.entries(program.inputs)) {
      if (!inputs[name]) {
        throw new GraftError('input-missing', `The program ${program.name} expects an input named ${name}.`, {
          kind: 'bug',
        });
      }
      tensors[name] = tf.tensor(inputs[name].slice(), [...shape], dtype);
    }
    for (const [name, tensor] of Object.entries(program.body(tensors, scope))) {
      const dtype = tensor.dtype === 'float32' ? 'float32' : 'int32';
      const values = tensor.dataSync();
      const data = dtype === 'float32' ? Float32Array.from(values) : Int32Array.from(values);
      outputs[name] = { shape: [...tensor.shape], dtype, data };
      if (!(tensor instanceof tf.Variable)) tensor.dispose();
    }
  });
  finish();
  return outputs;
}
