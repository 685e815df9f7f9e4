import { topologicalOrder } from '../graph/graph.ts';
import { type GraphNode, sizeOf } from '../graph/node.ts';
import { checkedInput } from '../inputs.ts';
import type { Parameters } from '../parameters.ts';
import type { Trace } from '../trace/trace.ts';
import type { CompiledProgram, HostInputs, HostOutputs, Program } from '../types.ts';
import { type Kernel, kernelFor } from './kernels.ts';

/**
 * Most operations on numbers (a multiplication with its addition, or one element of anything else) for which loops are taken. Calling
 * ONNX Runtime for as many operations as a head has costs some 40 µs whatever their size, in which loops do about as many, and opening
 * a session some 8 ms.
 */
const MOST_WORK = 50_000;

/**
 * A traced program as plain loops over arrays of this process, where it is so small that calling the runtime would cost more than all that it
 * computes: the head behind a frozen backbone. Values are float32, sums are kept in double precision.
 *
 * @returns undefined where a program is larger, assigns weights, or has an operation or a type that there is no loop for
 */
export function loopProgram(
  program: Program,
  trace: Trace,
  parameters: Parameters,
  reuseOutputs: boolean,
): CompiledProgram | undefined {
  if (Object.keys(trace.assigned).length > 0) return undefined;
  const order = topologicalOrder(Object.values(trace.outputs));
  if (order.some(({ dtype }) => dtype === 'int32')) return undefined;
  if (Object.values(trace.outputs).some(({ dtype }) => dtype !== 'float32')) return undefined;
  if (order.reduce((work, node) => work + workOf(node), 0) > MOST_WORK) return undefined;
  const places = new Map(order.map((node, place) => [node, place]));
  const values: Float32Array[] = [];
  const kernels: Kernel[] = [];
  const inputs: { name: string; place: number }[] = [];
  for (const [output, node] of order.entries()) {
    const from = node.inputs.map((input) => places.get(input)!);
    const name = node.attributes.name as string;
    if (node.op === 'input') inputs.push({ name, place: output });
    else if (node.op === 'parameter') values[output] = parameters.get(name).data;
    else if (node.op === 'constant') values[output] = constant(node);
    else if (node.op === 'reshape') {
      const [source] = from;
      kernels.push((arrays) => {
        arrays[output] = arrays[source];
      });
    } else {
      const kernel = kernelFor({ node, inputs: from, output });
      if (!kernel) return undefined;
      values[output] = new Float32Array(sizeOf(node.shape));
      kernels.push(kernel);
    }
  }
  const outputs = Object.entries(trace.outputs).map(([name, node]) => {
    // What nothing computes, or a view of something else, is not this program's to hand out.
    const own = !['input', 'parameter', 'constant', 'reshape'].includes(node.op);
    return { name, place: places.get(node)!, shape: [...node.shape], reused: reuseOutputs && own };
  });
  const run = (given: HostInputs): HostOutputs => {
    for (const name of Object.keys(program.inputs)) checkedInput(program, name, given);
    for (const { name, place } of inputs) values[place] = given[name] as Float32Array;
    for (const kernel of kernels) kernel(values);
    return Object.fromEntries(
      outputs.map(({ name, place, shape, reused }) => [
        name,
        { shape, dtype: 'float32' as const, data: reused ? values[place] : values[place].slice() },
      ]),
    );
  };
  return { run: (given) => Promise.resolve(run(given)), dispose: () => Promise.resolve() };
}

function constant({ data, shape }: GraphNode): Float32Array {
  const size = sizeOf(shape);
  return data!.length === size ? Float32Array.from(data!) : new Float32Array(size).fill(data![0]);
}

function workOf(node: GraphNode): number {
  const size = sizeOf(node.shape);
  if (node.op === 'matMul') {
    const [rows, columns] = node.inputs[0].shape.slice(-2);
    return size * (node.attributes.transposeA ? rows : columns);
  }
  if (node.op === 'sum' || node.op === 'max') return sizeOf(node.inputs[0].shape);
  return ['input', 'parameter', 'constant', 'reshape'].includes(node.op) ? 0 : size;
}
