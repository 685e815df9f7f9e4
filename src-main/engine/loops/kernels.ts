import { binaryFunctions, unaryFunctions } from '../graph/scalar-functions.ts';
import { type GraphNode, sameShape, sizeOf } from '../graph/node.ts';

/** One operation on the values of a program, by their places: it fills the array at its own place. */
export type Kernel = (values: Float32Array[]) => void;

/** What an operation is made for. */
export interface KernelPlaces {
  node: GraphNode;
  /** Of what goes in. */
  inputs: readonly number[];
  /** Of what comes out. */
  output: number;
}

const unary: Record<string, (x: number) => number> = {
  ...unaryFunctions,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  tanh: Math.tanh,
  cast: (x) => x,
};

const binary: Record<string, (a: number, b: number) => number> = {
  ...binaryFunctions,
  equal: (a, b) => Number(a === b),
  notEqual: (a, b) => Number(a !== b),
  less: (a, b) => Number(a < b),
  lessEqual: (a, b) => Number(a <= b),
  greater: (a, b) => Number(a > b),
  greaterEqual: (a, b) => Number(a >= b),
};

/** A kernel for a node, or undefined where there is none for its operation. A `reshape` needs none: it shares the array of what goes in. */
export function kernelFor(places: KernelPlaces): Kernel | undefined {
  const { node } = places;
  const [a, b] = node.inputs;
  if (node.op === 'matMul') return a.shape.length === 2 && b.shape.length === 2 ? matMul(places) : undefined;
  if (node.op === 'sum') return sum(places);
  if (node.op === 'max') return max(places);
  if (node.op === 'multiply' && sameShape(a.shape, b.shape)) return multiply(places);
  if (node.op === 'step') return map(places, (x) => (x > 0 ? 1 : (node.attributes.alpha as number)));
  const one = Object.hasOwn(unary, node.op) && Object.keys(node.attributes).length === 0;
  if (one) return map(places, unary[node.op]);
  return Object.hasOwn(binary, node.op) ? combine(places, binary[node.op]) : undefined;
}

function map({ inputs: [from], output }: KernelPlaces, f: (x: number) => number): Kernel {
  return (values) => {
    const x = values[from];
    const y = values[output];
    for (let i = 0; i < y.length; i++) y[i] = f(x[i]);
  };
}

/** The one element by element whose arrays are long: a dropout's mask over the features of a batch. */
function multiply({ inputs: [left, right], output }: KernelPlaces): Kernel {
  return (values) => {
    const a = values[left];
    const b = values[right];
    const y = values[output];
    for (let i = 0; i < y.length; i++) y[i] = a[i] * b[i];
  };
}

function combine(
  { node, inputs: [left, right], output }: KernelPlaces,
  f: (a: number, b: number) => number,
): Kernel {
  const ofA = broadcastIndexes(node.inputs[0].shape, node.shape);
  const ofB = broadcastIndexes(node.inputs[1].shape, node.shape);
  return (values) => {
    const a = values[left];
    const b = values[right];
    const y = values[output];
    for (let i = 0; i < y.length; i++) y[i] = f(a[ofA[i]], b[ofB[i]]);
  };
}

/** For each element of a shape the one of a smaller shape that NumPy's broadcasting puts there. */
function broadcastIndexes(small: readonly number[], shape: readonly number[]): Int32Array {
  const lead = shape.length - small.length;
  return indexesBy(shape, (at) =>
    small.reduce((index, extent, axis) => index * extent + (extent === 1 ? 0 : at[lead + axis]), 0),
  );
}

/** For each element of what is reduced the one of the result that it goes into. */
function reducedIndexes({ inputs: [x], attributes, shape }: GraphNode): Int32Array {
  const axes = attributes.axes as readonly number[];
  const kept = x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  const indexes = indexesBy(x.shape, (at) =>
    kept.reduce((index, extent, axis) => index * extent + (extent === 1 ? 0 : at[axis]), 0),
  );
  if (sizeOf(kept) !== sizeOf(shape)) throw new Error(`[${x.shape}] does not reduce to [${shape}].`);
  return indexes;
}

function indexesBy(shape: readonly number[], indexOf: (at: readonly number[]) => number): Int32Array {
  const at = shape.map(() => 0);
  return Int32Array.from({ length: sizeOf(shape) }, () => {
    const index = indexOf(at);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++at[axis] < shape[axis]) break;
      at[axis] = 0;
    }
    return index;
  });
}

function sum({ node, inputs: [from], output }: KernelPlaces): Kernel {
  const into = reducedIndexes(node);
  const sums = new Float64Array(sizeOf(node.shape));
  return (values) => {
    const x = values[from];
    sums.fill(0);
    for (let i = 0; i < into.length; i++) sums[into[i]] += x[i];
    values[output].set(sums);
  };
}

function max({ node, inputs: [from], output }: KernelPlaces): Kernel {
  const into = reducedIndexes(node);
  return (values) => {
    const x = values[from];
    const y = values[output].fill(-Infinity);
    // What is no number stays none: a loss that overflowed has to be seen.
    for (let i = 0; i < into.length; i++) if (!(x[i] <= y[into[i]])) y[into[i]] = x[i];
  };
}

/** Sums are kept in double precision. */
function matMul({ node, inputs: [left, right], output }: KernelPlaces): Kernel {
  const { transposeA, transposeB } = node.attributes as { transposeA: boolean; transposeB: boolean };
  const [rows, columns] = node.shape;
  const [, width] = node.inputs[0].shape;
  const [, widthB] = node.inputs[1].shape;
  const depth = transposeA ? node.inputs[0].shape[0] : width;
  // How far apart in memory the rows of the left side, the columns of the right one, and what is multiplied along both lie.
  const [rowStep, alongA] = transposeA ? [1, width] : [width, 1];
  const [columnStep, alongB] = transposeB ? [widthB, 1] : [1, widthB];
  return (values) => {
    const a = values[left];
    const b = values[right];
    const y = values[output];
    for (let row = 0; row < rows; row++) {
      let column = 0;
      // Two at a time, since an addition has to wait for the one before it.
      for (; column + 1 < columns; column += 2) {
        let [ofA, ofB] = [row * rowStep, column * columnStep];
        let [first, second] = [0, 0];
        for (let i = 0; i < depth; i++, ofA += alongA, ofB += alongB) {
          first += a[ofA] * b[ofB];
          second += a[ofA] * b[ofB + columnStep];
        }
        y[row * columns + column] = first;
        y[row * columns + column + 1] = second;
      }
      if (column === columns) continue;
      let [ofA, ofB] = [row * rowStep, column * columnStep];
      let last = 0;
      for (let i = 0; i < depth; i++, ofA += alongA, ofB += alongB) last += a[ofA] * b[ofB];
      y[row * columns + column] = last;
    }
  };
}
