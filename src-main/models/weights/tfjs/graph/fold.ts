import type { Numbers } from '../../foreign-builder.ts';
import { type Extent, sizeOfShape } from './values.ts';

/** Beyond this constants are not computed with. */
const LARGEST = 2 ** 26;

export const unaryFolds: Readonly<Record<string, (x: number) => number>> = {
  Neg: (x) => -x,
  Abs: Math.abs,
  Exp: Math.exp,
  Log: Math.log,
  Sqrt: Math.sqrt,
  Rsqrt: (x) => 1 / Math.sqrt(x),
  Square: (x) => x * x,
  Reciprocal: (x) => 1 / x,
  Inv: (x) => 1 / x,
  Cast: (x) => x,
};

export const binaryFolds: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  AddV2: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  RealDiv: (a, b) => a / b,
  Div: (a, b) => a / b,
  FloorDiv: (a, b) => Math.floor(a / b),
  Maximum: Math.max,
  Minimum: Math.min,
  Pow: Math.pow,
};

export const foldUnary = ({ shape, data }: Numbers, fold: (x: number) => number): Numbers => ({
  shape,
  data: data.map(fold),
});

/** Arithmetic of constants, axes of 1 repeated; null where they do not go together. */
export function foldBinary(a: Numbers, b: Numbers, fold: (a: number, b: number) => number): Numbers | null {
  const rank = Math.max(a.shape.length, b.shape.length);
  const whole = ({ shape }: Numbers): number[] => [
    ...Array.from({ length: rank - shape.length }, () => 1),
    ...shape,
  ];
  const [left, right] = [whole(a), whole(b)];
  const shape = left.map((extent, axis) => (extent === 1 ? right[axis] : extent));
  const fits = left.every((extent, axis) => extent === right[axis] || extent === 1 || right[axis] === 1);
  if (!fits || sizeOfShape(shape) > LARGEST) return null;
  const steps = (extents: number[]): number[] =>
    extents.map((extent, axis) => (extent === 1 ? 0 : sizeOfShape(extents.slice(axis + 1))));
  const [leftSteps, rightSteps] = [steps(left), steps(right)];
  const data = new Float32Array(sizeOfShape(shape));
  const index = new Uint32Array(rank);
  for (let at = 0; at < data.length; at++) {
    let from = 0;
    let to = 0;
    for (let axis = 0; axis < rank; axis++) {
      from += index[axis] * leftSteps[axis];
      to += index[axis] * rightSteps[axis];
    }
    data[at] = fold(a.data[from], b.data[to]);
    for (let axis = rank - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0;
  }
  return { shape, data };
}

/** Products of lengths; null where the number of images would come in twice. */
export function multiplyExtents(extents: readonly Extent[]): Extent | null {
  if (extents.filter(({ batch }) => batch).length > 1) return null;
  return {
    size: extents.reduce((product, { size }) => product * size, 1),
    batch: extents.some(({ batch }) => batch),
  };
}
