import * as tf from '@tensorflow/tfjs-core';
import { lowerProgram } from '../../../src-main/engine/compiled.ts';
import type { Target } from '../../../src-main/engine/lowering/emitter.ts';
import {
  type HostInputs,
  type HostOutputs,
  openExecutor,
  Parameters,
  type Program,
} from '../../../src-main/engine/index.ts';
import { loopProgram } from '../../../src-main/engine/loops/program.ts';
import { blockSize, OnnxTensor, openSession } from '../../../src-main/engine/onnx/runtime.ts';
import { type Trace, traceProgram } from '../../../src-main/engine/trace/trace.ts';
import { type CaseTensors, isInteger, type KernelCase, shapeOf, valuesOf } from './case.ts';

/** Largest difference allowed, over the largest magnitude of the reference. */
export const TOLERANCE = 1e-4;
/** What files are written for, and processors without a blocked layout. */
export const PORTABLE: Target = { block: 0, contrib: false };

/** How far one output of one variant of a case is from the reference. */
export interface Difference {
  /** How the case was compiled, such as "blocked, constant weights". */
  variant: string;
  output: string;
  difference: number;
}

/** What TF.js computes: the expected outputs, and the inputs that they belong to. */
interface Reference {
  inputs: HostInputs;
  outputs: HostOutputs;
}

type Place = 'input' | 'parameter';

/** Largest difference between two arrays, relative to the largest magnitude expected; infinite where shapes differ. */
export function relativeDifference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) return Infinity;
  let largest = 0;
  let difference = 0;
  for (let i = 0; i < expected.length; i++) {
    if (Object.is(found[i], expected[i])) continue;
    if (!Number.isFinite(expected[i]) || !Number.isFinite(found[i])) return Infinity;
    difference = Math.max(difference, Math.abs(found[i] - expected[i]));
  }
  for (let i = 0; i < expected.length; i++)
    if (Number.isFinite(expected[i])) largest = Math.max(largest, Math.abs(expected[i]));
  return difference === 0 ? 0 : difference / Math.max(largest, 1e-6);
}

/**
 * Runs a case on TF.js's CPU backend, then compiled in each way that it can be: weights read at each run or constants
 * (which ONNX Runtime folds by another path), inputs or parameters to differentiate by, blocked or portable; and in loops, where there are
 * loops for it.
 */
export async function compareWithReference(kernelCase: KernelCase): Promise<Difference[]> {
  const differences: Difference[] = [];
  const reference = await referenceOf(kernelCase);
  const names = Object.keys(kernelCase.tensors);
  const floats = names.filter((name) => !isInteger(kernelCase.tensors[name]));
  const block = await blockSize();
  const targets: [string, Target][] = [['portable', PORTABLE]];
  if (block > 0) targets.unshift(['blocked', { block, contrib: true }]);
  // As large maps are: the gradient towards the filter two images at a time.
  if (kernelCase.name.includes('in parts'))
    targets.push(
      ...targets.map(([name, target]): [string, Target] => [
        `${name}, in parts`,
        { ...target, mostAtOnce: 1 },
      ]),
    );

  const mixed: Record<string, Place> = Object.fromEntries(
    names.map((name) => [name, floats.indexOf(name) > 0 ? 'parameter' : 'input']),
  );
  const weights: Record<string, Place> = Object.fromEntries(
    names.map((name) => [name, floats.includes(name) ? 'parameter' : 'input']),
  );
  const arrangements: [string, Record<string, Place>, boolean, boolean[]][] = [
    ['gradients', mixed, true, floats.length > 1 ? [false, true] : [false]],
    ['gradients of weights', weights, true, floats.length > 0 ? [false, true] : []],
    ['forward alone', mixed, false, [true]],
  ];
  for (const [what, places, withGradients, constancies] of arrangements) {
    const program = programOf(kernelCase, places, reference, withGradients);
    const parameters = parametersOf(kernelCase, places, reference);
    const trace = traceProgram(program, parameters);
    const compare = (variant: string, outputs: HostOutputs): void => {
      for (const [output, found] of Object.entries(outputs)) {
        const expected = reference.outputs[output];
        const alike = String(found.shape) === String(expected.shape) && found.dtype === expected.dtype;
        const difference = alike ? relativeDifference(found.data, expected.data) : Infinity;
        differences.push({ variant, output, difference });
      }
    };
    const loops = loopProgram(program, trace, parameters, false);
    if (loops) compare(`${what}, in loops`, await loops.run(reference.inputs));
    for (const constant of constancies) {
      for (const [target, options] of targets) {
        const outputs = await runLowered(program, trace, parameters, reference.inputs, options, constant);
        compare(`${what}, ${target}, ${constant ? 'constant' : 'variable'} weights`, outputs);
      }
    }
  }
  return differences;
}

/** The differences of a case that are too large: none, if all is well. */
export async function expectSameAsReference(kernelCase: KernelCase): Promise<Difference[]> {
  const differences = await compareWithReference(kernelCase);
  return differences.filter(({ difference }) => !(difference <= TOLERANCE));
}

/** The case as a program: outputs `y0`, `y1` …, and `d/name` for the gradients of Σ yᵢ · dyᵢ. */
export function programOf(
  kernelCase: KernelCase,
  places: Record<string, Place>,
  { inputs, outputs }: Reference,
  withGradients: boolean,
): Program {
  const { tensors } = kernelCase;
  const gradients = gradientsOf(kernelCase);
  const names = Object.keys(tensors);
  const slopes = withGradients ? slopesOf(outputs) : [];
  const specs: Program['inputs'] = {};
  for (const name of names) {
    if (places[name] === 'input')
      specs[name] = {
        shape: shapeOf(tensors[name]),
        dtype: isInteger(tensors[name]) ? 'int32' : 'float32',
      };
  }
  for (const slope of slopes) specs[`d${slope}`] = { shape: outputs[slope].shape, dtype: 'float32' };
  for (const name of Object.keys(specs)) if (!inputs[name]) throw new Error(`No values for ${name}.`);
  return {
    name: kernelCase.name,
    inputs: specs,
    body: (fed, scope) => {
      const leaves: CaseTensors = Object.fromEntries(
        names.map((name) => [name, places[name] === 'input' ? fed[name] : scope(name)]),
      );
      const compute = (given: CaseTensors): readonly tf.Tensor[] =>
        [kernelCase.compute(given as never)].flat() as tf.Tensor[];
      const results: CaseTensors = {};
      compute(leaves).forEach((tensor, i) => (results[`y${i}`] = tensor));
      if (slopes.length === 0 || gradients.length === 0) return results;
      const loss = (...given: tf.Tensor[]): tf.Tensor => {
        const all = compute({
          ...leaves,
          ...Object.fromEntries(gradients.map((name, i) => [name, given[i]])),
        });
        const parts = slopes.map((slope) => tf.sum(tf.mul(all[Number(slope.slice(1))], fed[`d${slope}`])));
        return parts.reduce((sum, part) => tf.add(sum, part));
      };
      tf.grads(loss)(gradients.map((name) => leaves[name])).forEach(
        (gradient, i) => (results[`d/${gradients[i]}`] = gradient),
      );
      return results;
    },
  };
}

const gradientsOf = ({ tensors, gradients }: KernelCase): readonly string[] =>
  gradients ?? Object.keys(tensors).filter((name) => !isInteger(tensors[name]));

/** The outputs that a loss can depend on. */
const slopesOf = (outputs: HostOutputs): string[] =>
  Object.keys(outputs).filter((name) => name.startsWith('y') && outputs[name].dtype === 'float32');

function parametersOf(
  { tensors }: KernelCase,
  places: Record<string, Place>,
  { inputs }: Reference,
): Parameters {
  const parameters = new Parameters();
  for (const name of Object.keys(tensors)) {
    if (places[name] === 'parameter')
      parameters.add(name, shapeOf(tensors[name]), inputs[name].slice() as Float32Array);
  }
  return parameters;
}

/** The case on TF.js's CPU backend. */
export async function referenceOf(kernelCase: KernelCase): Promise<Reference> {
  const { name: title, tensors, expected } = kernelCase;
  const executor = await openExecutor({ engine: 'reference' });
  const inputs: HostInputs = {};
  for (const [name, seed] of Object.entries(tensors)) inputs[name] = valuesOf(seed, title, name);
  const places = Object.fromEntries(Object.keys(tensors).map((name): [string, Place] => [name, 'input']));
  const run = async (withGradients: boolean, outputs: HostOutputs): Promise<HostOutputs> => {
    const program = programOf(kernelCase, places, { inputs, outputs }, withGradients);
    const compiled = await executor.compile(program, new Parameters());
    return compiled.run(inputs);
  };
  const forward = await run(false, {});
  for (const slope of slopesOf(forward))
    inputs[`d${slope}`] = valuesOf(forward[slope].shape, title, 'slope', slope) as Float32Array;
  if (!expected) return { inputs, outputs: await run(true, forward) };
  const outputs = { ...forward };
  const loss = async (): Promise<number> => {
    const now = await run(false, {});
    let sum = 0;
    for (const slope of slopesOf(now))
      now[slope].data.forEach((value, i) => (sum += value * inputs[`d${slope}`][i]));
    return sum;
  };
  for (const name of gradientsOf(kernelCase)) {
    const data = new Float32Array(inputs[name].length);
    for (let i = 0; i < data.length; i++) {
      const value = inputs[name][i];
      inputs[name][i] = value + expected.differencesWithStep;
      const above = await loss();
      inputs[name][i] = value - expected.differencesWithStep;
      const below = await loss();
      inputs[name][i] = value;
      data[i] = (above - below) / (2 * expected.differencesWithStep);
    }
    outputs[`d/${name}`] = { shape: [...shapeOf(tensors[name])], dtype: 'float32', data };
  }
  return { inputs, outputs };
}

/** Lowers a trace for a target and runs it once. */
export async function runLowered(
  program: Program,
  trace: Trace,
  parameters: Parameters,
  inputs: HostInputs,
  target: Target,
  constant: boolean,
): Promise<HostOutputs> {
  const lowered = lowerProgram(program, trace, parameters, { target, isConstant: () => constant });
  const session = await openSession(lowered.graph, { threads: 1 });
  const feeds: Record<string, InstanceType<typeof OnnxTensor>> = {};
  for (const [name, { shape, dtype }] of Object.entries(program.inputs)) {
    if (session.inputNames.includes(name))
      feeds[name] = new OnnxTensor(dtype, inputs[name] as Float32Array, shape);
  }
  for (const name of lowered.feeds) {
    const { shape, data } = parameters.get(name);
    feeds[`parameter/${name}`] = new OnnxTensor('float32', data, shape);
  }
  const results = await session.run(feeds);
  await session.release();
  return Object.fromEntries(
    lowered.outputs.map(({ name, value, node }) => [
      name,
      {
        shape: [...results[value].dims],
        dtype: node.dtype === 'float32' ? 'float32' : 'int32',
        data: results[value].data as Float32Array,
      },
    ]),
  );
}
