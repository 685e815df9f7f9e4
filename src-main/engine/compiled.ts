import type ort from 'onnxruntime-node';
import type { GraphNode } from './graph/node.ts';
import { checkedInput } from './inputs.ts';
import { loopProgram } from './loops/program.ts';
import { Emitter, NCHWC, type Target } from './lowering/emitter.ts';
import { lowerGraph } from './lowering/lower.ts';
import type { OnnxGraph, OnnxValue } from './onnx/model.ts';
import {
  blockSize,
  OnnxTensor,
  openSession,
  runtimeVersion,
  type Session,
  type SessionSettings,
} from './onnx/runtime.ts';
import { bytesOf, type Parameters, sizeOf } from './parameters.ts';
import { traceProgram, type Trace } from './trace/trace.ts';
import type {
  CompiledProgram,
  CompileOptions,
  Executor,
  HostInputs,
  HostOutputs,
  HostTensor,
  Program,
} from './types.ts';

/** A traced program as one ONNX graph, and which of its values are what. */
export interface LoweredProgram {
  graph: OnnxGraph;
  /** Names of the weights that go in at each run. */
  feeds: string[];
  /** Output or assigned weight → name of the value in the graph. */
  outputs: { name: string; value: string; node: GraphNode; assigns: boolean }[];
}

export interface LoweringOptions {
  target: Target;
  isConstant: (name: string) => boolean;
  /** The batch size that the program was traced with, to be left free in the graph. */
  freeBatch?: number;
  metadata?: Record<string, string>;
}

const OPSET = 18;
const weightInput = (name: string): string => `parameter/${name}`;

/** Lowers a trace to ONNX. */
export function lowerProgram(
  program: Program,
  trace: Trace,
  parameters: Parameters,
  options: LoweringOptions,
): LoweredProgram {
  const { target, isConstant, freeBatch } = options;
  const emitter = new Emitter(target, isConstant, freeBatch);
  const inputs: OnnxValue[] = [];
  const feeds: string[] = [];
  const shapeOf = (shape: readonly number[]): (number | string)[] =>
    shape.map((extent) => (extent === freeBatch ? 'batch' : extent));
  for (const [name, { shape, dtype }] of Object.entries(program.inputs))
    inputs.push({ name, type: dtype, shape: shapeOf(shape) });
  const wanted = [
    ...Object.entries(trace.outputs).map(([name, node]) => ({ name, node, assigns: false })),
    ...Object.entries(trace.assigned).map(([name, node]) => ({ name, node, assigns: true })),
  ];
  lowerGraph(
    emitter,
    wanted.map(({ node }) => node),
    (node) => {
      const name = node.attributes.name as string;
      if (node.op === 'input') return name;
      const { shape, data } = parameters.get(name);
      if (isConstant(name)) return emitter.constant('float32', shape, bytesOf(data));
      feeds.push(name);
      inputs.push({ name: weightInput(name), type: 'float32', shape });
      return weightInput(name);
    },
  );
  const outputs = wanted.map((output) => {
    const plain =
      output.node.dtype === 'bool'
        ? emitter.emit('Cast', [emitter.value(output.node)], { to: 6 })
        : emitter.value(output.node);
    return {
      ...output,
      value: emitter.output(plain, output.assigns ? `assigned/${output.name}` : output.name),
    };
  });
  const graph: OnnxGraph = {
    name: program.name,
    inputs,
    outputs: outputs.map(({ value, node }) => ({
      name: value,
      type: node.dtype === 'float32' ? 'float32' : 'int32',
      shape: shapeOf(node.shape),
    })),
    nodes: emitter.nodes,
    constants: emitter.constants,
    opset: OPSET,
    ...(target.contrib ? { domains: { 'com.microsoft': 1, ...(target.block ? { [NCHWC]: 1 } : {}) } } : {}),
    ...(options.metadata ? { metadata: options.metadata } : {}),
  };
  return { graph, feeds, outputs };
}

/** The default executor: programs traced once, lowered to one ONNX graph, run by ONNX Runtime on the CPU; very small ones in loops, where that is asked for. */
export class CompiledExecutor implements Executor {
  readonly name = 'compiled';
  readonly #settings: SessionSettings;

  constructor(settings: SessionSettings = {}) {
    this.#settings = settings;
  }

  get description(): string {
    const { threads } = this.#settings;
    return `ONNX Runtime ${runtimeVersion()}, CPU${threads === undefined ? '' : `, ${threads} threads`}`;
  }

  async compile(
    program: Program,
    parameters: Parameters,
    options: CompileOptions = {},
  ): Promise<CompiledProgram> {
    const constants = options.constants === 'all' ? undefined : new Set(options.constants ?? []);
    const trace = traceProgram(program, parameters);
    const { reuseOutputs = false, smallInLoops = false } = options;
    const loops = smallInLoops ? loopProgram(program, trace, parameters, reuseOutputs) : undefined;
    if (loops) return loops;
    const lowered = lowerProgram(program, trace, parameters, {
      target: { block: await blockSize(), contrib: true },
      isConstant: (name) => !constants || constants.has(name),
    });
    const session = await openSession(lowered.graph, this.#settings);
    // The encoded weights live in the session now.
    lowered.graph.constants = [];
    return new CompiledGraph(program, parameters, lowered, session, reuseOutputs);
  }

  async dispose(): Promise<void> {}
}

class CompiledGraph implements CompiledProgram {
  readonly #program: Program;
  readonly #parameters: Parameters;
  readonly #lowered: LoweredProgram;
  readonly #session: Session;
  readonly #reuse: boolean;
  readonly #weights: Record<string, ort.Tensor> = {};
  #fetches: Record<string, ort.Tensor> | undefined;

  constructor(
    program: Program,
    parameters: Parameters,
    lowered: LoweredProgram,
    session: Session,
    reuse: boolean,
  ) {
    this.#program = program;
    this.#parameters = parameters;
    this.#lowered = lowered;
    this.#session = session;
    this.#reuse = reuse;
    for (const name of lowered.feeds) {
      const { shape, data } = parameters.get(name);
      this.#weights[weightInput(name)] = new OnnxTensor('float32', data, shape);
    }
  }

  async run(inputs: HostInputs): Promise<HostOutputs> {
    const feeds: Record<string, ort.Tensor> = { ...this.#weights };
    for (const [name, { shape, dtype }] of Object.entries(this.#program.inputs)) {
      const data = checkedInput(this.#program, name, inputs);
      if (this.#session.inputNames.includes(name))
        feeds[name] = new OnnxTensor(dtype, data as Float32Array, shape);
    }
    const fetches = this.#buffers();
    await this.#session.run(feeds, fetches);
    const outputs: HostOutputs = {};
    for (const { name, value, node, assigns } of this.#lowered.outputs) {
      const data = fetches[value].data as HostTensor['data'];
      if (assigns) this.#parameters.get(name).data.set(data as Float32Array);
      else
        outputs[name] = {
          shape: [...node.shape],
          dtype: node.dtype === 'float32' ? 'float32' : 'int32',
          data,
        };
    }
    return outputs;
  }

  /** Where results are written: ONNX Runtime fills what it is given in place, and copies otherwise. */
  #buffers(): Record<string, ort.Tensor> {
    if (this.#fetches && this.#reuse) return this.#fetches;
    this.#fetches = {};
    for (const { value, node } of this.#lowered.outputs) {
      const size = sizeOf(node.shape);
      this.#fetches[value] =
        node.dtype === 'float32'
          ? new OnnxTensor('float32', new Float32Array(size), node.shape)
          : new OnnxTensor('int32', new Int32Array(size), node.shape);
    }
    return this.#fetches;
  }

  async dispose(): Promise<void> {
    await this.#session.release();
    this.#fetches = undefined;
  }
}
