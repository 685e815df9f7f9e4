import '../tfjs.ts';
import * as tf from '@tensorflow/tfjs-core';
import { GraftError } from '../../contract/errors.ts';
import { registerTraceKernels } from '../kernels/index.ts';
import type { GraphNode } from '../graph/node.ts';
import type { Parameters } from '../parameters.ts';
import type { Program } from '../types.ts';
import { randomError, randomOperation, TRACE_BACKEND, TraceBackend } from './backend.ts';

export interface Trace {
  outputs: Record<string, GraphNode>;
  /** What the program assigned to its parameters, by name. */
  assigned: Record<string, GraphNode>;
}

let backend: TraceBackend | undefined;

function traceBackend(): TraceBackend {
  if (!backend) {
    const created = new TraceBackend();
    backend = created;
    tf.registerBackend(TRACE_BACKEND, () => created);
    registerTraceKernels();
  }
  return backend;
}

/**
 * Runs the program's body once on the tracing backend and returns what it computes, as graph nodes.
 *
 * @throws GraftError `trace-unknown-kernel`, `trace-reads-values`, `trace-random`, each naming the culprit.
 */
export function traceProgram(program: Program, parameters: Parameters): Trace {
  const tracer = traceBackend();
  const before = tf.engine().backendName;
  tracer.reset();
  tf.setBackend(TRACE_BACKEND);
  const random = Math.random;
  Math.random = () => {
    throw randomError(randomOperation() ?? 'Math.random');
  };
  const variables = new Map<string, { variable: tf.Variable; node: GraphNode }>();
  try {
    const trace: Trace = { outputs: {}, assigned: {} };
    tf.tidy(() => {
      const tensorOf = (node: GraphNode): tf.Tensor =>
        tf.engine().makeTensorFromTensorInfo(tracer.wrap(node));
      const scope = (name: string): tf.Variable => {
        let known = variables.get(name);
        if (!known) {
          const node = tracer.builder.graph.parameter(name, parameters.get(name).shape);
          known = { variable: tf.variable(tensorOf(node), true), node };
          variables.set(name, known);
        }
        return known.variable;
      };
      const inputs: Record<string, tf.Tensor> = {};
      for (const [name, { shape, dtype }] of Object.entries(program.inputs)) {
        inputs[name] = tensorOf(tracer.builder.graph.input(name, shape, dtype));
      }
      const outputs = program.body(inputs, scope);
      for (const [name, tensor] of Object.entries(outputs)) trace.outputs[name] = tracer.nodeOf(tensor);
      for (const [name, { variable, node }] of variables) {
        const now = tracer.nodeOf(variable);
        if (now !== node) trace.assigned[name] = now;
      }
    });
    return trace;
  } catch (error) {
    throw explain(error, program);
  } finally {
    Math.random = random;
    for (const { variable } of variables.values()) variable.dispose();
    if (before && before !== TRACE_BACKEND) tf.setBackend(before);
  }
}

function explain(error: unknown, program: Program): unknown {
  const unknown = error instanceof Error && /Kernel '(\w+)' not registered/.exec(error.message);
  if (!unknown) return error;
  return new GraftError(
    'trace-unknown-kernel',
    `The program ${program.name} uses the TF.js kernel ${unknown[1]}, which the compiled engine does not know. Express it with other operations, or run it with --engine reference.`,
    { cause: error },
  );
}
