import * as tf from '@tensorflow/tfjs-core';
import { TRACE_BACKEND, type TraceBackend } from '../trace/backend.ts';
import type { GraphBuilder } from '../graph/build.ts';
import type { GraphNode } from '../graph/node.ts';

export type Attributes = Record<string, unknown>;

/** Turns one TF.js kernel into nodes. Inputs come by the kernel's own names; several results come as a list. */
export type NodeKernel = (
  inputs: Record<string, GraphNode>,
  attributes: Attributes,
  builder: GraphBuilder,
) => GraphNode | GraphNode[];

/** Registers a kernel for the tracing backend under TF.js's own kernel name. */
export function register(kernelName: string, toNodes: NodeKernel): void {
  tf.registerKernel({
    kernelName,
    backendName: TRACE_BACKEND,
    kernelFunc: ({ inputs, attrs, backend }) => {
      const tracer = backend as TraceBackend;
      tracer.kernel = kernelName;
      const nodes: Record<string, GraphNode> = {};
      // Kernels with a list of tensors (AddN, Concat, Pack) give them as an array: the names are its indexes.
      for (const [name, info] of Object.entries(inputs)) {
        if (info) nodes[name] = tracer.nodeOf(info as tf.TensorInfo);
      }
      const result = toNodes(nodes, (attrs ?? {}) as Attributes, tracer.builder);
      return Array.isArray(result) ? result.map((node) => tracer.wrap(node)) : tracer.wrap(result);
    },
  });
}

/** Axes as TF.js gives them (a number, a list, negative ones) as a sorted list of positive ones. */
export function axesOf(value: unknown, rank: number): number[] {
  const list =
    value === undefined || value === null ? Array.from({ length: rank }, (_, i) => i) : [value].flat();
  return [...new Set((list as number[]).map((axis) => (axis < 0 ? axis + rank : axis)))].sort(
    (a, b) => a - b,
  );
}
