import './tfjs.ts';
import * as tf from '@tensorflow/tfjs-core';
import { checkedInput } from './inputs.ts';
import { bytesOf, type Parameters } from './parameters.ts';
import type {
  CompiledProgram,
  CompileOptions,
  EngineName,
  Executor,
  HostInputs,
  HostOutputs,
  HostTensor,
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

  async compile(
    program: Program,
    parameters: Parameters,
    options: CompileOptions = {},
  ): Promise<CompiledProgram> {
    // Backends may start asynchronously; once one has, selecting it takes effect at once.
    await tf.setBackend(this.#backend);
    return new EagerProgram(this.#backend, program, new BackendWeights(parameters, options.constants));
  }

  async dispose(): Promise<void> {}
}

class EagerProgram implements CompiledProgram {
  readonly #backend: string;
  readonly #program: Program;
  readonly #weights: BackendWeights;

  constructor(backend: string, program: Program, weights: BackendWeights) {
    this.#backend = backend;
    this.#program = program;
    this.#weights = weights;
  }

  async run(inputs: HostInputs): Promise<HostOutputs> {
    this.#select();
    this.#weights.upload();
    const outputs: HostOutputs = {};
    tf.tidy(() => {
      const results = this.#program.body(this.#inputTensors(inputs), this.#weights.variable);
      for (const [name, tensor] of Object.entries(results)) outputs[name] = toHost(tensor);
      // A program may keep what it returns, out of reach of the tidy around it.
      for (const tensor of Object.values(results)) if (!(tensor instanceof tf.Variable)) tensor.dispose();
    });
    this.#weights.download();
    return outputs;
  }

  /** Another program may have run elsewhere since. */
  #select(): void {
    if (tf.getBackend() !== this.#backend) void tf.setBackend(this.#backend);
  }

  #inputTensors(inputs: HostInputs): Record<string, tf.Tensor> {
    const tensors: Record<string, tf.Tensor> = {};
    for (const [name, { shape, dtype }] of Object.entries(this.#program.inputs)) {
      const data = checkedInput(this.#program, name, inputs);
      // Backends hold on to the array that they are given, and its owner may write to it again.
      tensors[name] = tf.tensor(data.slice(), [...shape], dtype);
    }
    return tensors;
  }

  async dispose(): Promise<void> {
    this.#select();
    this.#weights.dispose();
  }
}

interface Held {
  readonly variable: tf.Variable;
  readonly name: string;
  /** The values that the backend has; none for weights that stay as they are, which need no comparing. */
  readonly seen: Float32Array | undefined;
  /** TF.js gives a variable another id when it is assigned. */
  dataId: object;
}

/**
 * The weights of a program, on its backend: they go up when first asked for, again when they changed on the host, and
 * come down when the program assigned them.
 */
class BackendWeights {
  readonly #parameters: Parameters;
  readonly #constants: ReadonlySet<string> | 'all';
  readonly #held = new Map<string, Held>();

  constructor(parameters: Parameters, constants: CompileOptions['constants'] = []) {
    this.#parameters = parameters;
    this.#constants = constants === 'all' ? 'all' : new Set(constants);
  }

  /** The variable of that name: a program's `ParameterScope`. */
  readonly variable = (name: string): tf.Variable => {
    const known = this.#held.get(name);
    if (known) return known.variable;
    const { shape, data } = this.#parameters.get(name);
    const initial = tf.tensor(data.slice(), [...shape], 'float32');
    const variable = tf.variable(initial);
    // The variable shares the tensor's values; without this the tensor would stay behind where no tidy is around.
    initial.dispose();
    const constant = this.#constants === 'all' || this.#constants.has(name);
    this.#held.set(name, {
      variable,
      name,
      seen: constant ? undefined : data.slice(),
      dataId: variable.dataId,
    });
    return variable;
  };

  upload(): void {
    for (const held of this.#held.values()) {
      const { variable, name, seen } = held;
      // A run that failed may have left an assigned value behind.
      const stale = variable.dataId !== held.dataId;
      const { shape, data } = this.#parameters.get(name);
      if (!stale && (!seen || sameBytes(data, seen))) continue;
      seen?.set(data);
      tf.tidy(() => variable.assign(tf.tensor(data.slice(), [...shape], 'float32')));
      held.dataId = variable.dataId;
    }
  }

  download(): void {
    for (const held of this.#held.values()) {
      const { variable, name, seen } = held;
      if (variable.dataId === held.dataId) continue;
      const values = variable.dataSync<'float32'>();
      this.#parameters.get(name).data.set(values);
      seen?.set(values);
      held.dataId = variable.dataId;
    }
  }

  dispose(): void {
    for (const { variable } of this.#held.values()) variable.dispose();
    this.#held.clear();
  }
}

const sameBytes = (a: Float32Array, b: Float32Array): boolean => Buffer.compare(bytesOf(a), bytesOf(b)) === 0;

function toHost(tensor: tf.Tensor): HostTensor {
  const dtype = tensor.dtype === 'float32' ? 'float32' : 'int32';
  const values = tensor.dataSync();
  const data = dtype === 'float32' ? Float32Array.from(values) : Int32Array.from(values);
  return { shape: [...tensor.shape], dtype, data };
}
