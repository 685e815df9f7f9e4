import { GraftError } from '../../contract/errors.ts';

/** Element by element, of one tensor; those that are no activation. */
export const unaryFunctions = [
  'abs',
  'cos',
  'erf',
  'exp',
  'log',
  'negative',
  'reciprocal',
  'sign',
  'sin',
  'sqrt',
  'square',
] as const;
export type UnaryFunction = (typeof unaryFunctions)[number];

export type Reduction = 'mean' | 'sum' | 'max' | 'min';

/**
 * What layers of graphs from elsewhere do, beside those of Graft's own networks. Shapes and bounds are without the batch; axes
 * count from 1, as Keras's `Permute` has them: 0 is the batch, which no layer touches.
 */
export type GraphOperation =
  | { kind: 'subtract'; config: Record<string, never> }
  | { kind: 'divide'; config: Record<string, never> }
  | { kind: 'power'; config: Record<string, never> }
  | { kind: 'maximum'; config: Record<string, never> }
  | { kind: 'minimum'; config: Record<string, never> }
  | { kind: 'unary'; config: { function: UnaryFunction } }
  /** Null: no limit on that side. */
  | { kind: 'clip'; config: { minimum: number | null; maximum: number | null } }
  /** `x` where it is positive, `x · alpha` where it is not; `shape` of alpha stands for the last axes and broadcasts. */
  | { kind: 'prelu'; config: { shape: readonly number[] } }
  /**
   * An array of its own instead of what another layer gave: the same for every image, with a batch of 1 that broadcasts (and
   * `concatenate` repeats). It has no inputs, and may stand anywhere but first. `learns: false` for constants.
   */
  | { kind: 'weight'; config: { shape: readonly number[]; learns: boolean } }
  /** Over the last axis (Ba et al. 2016). Without gamma or beta where `scale` or `center` is false; default: both. */
  | { kind: 'layerNormalization'; config: { epsilon: number; scale?: boolean; center?: boolean } }
  /** Over pixels and the channels of each of `groups` (Wu and He 2018); as many groups as channels: each by itself. */
  | { kind: 'groupNormalization'; config: { groups: number; epsilon: number } }
  /** Of the last two axes of two tensors, either transposed; the axes before are the same in both. */
  | { kind: 'matMul'; config: { transposeA?: boolean; transposeB?: boolean } }
  /** Axes in another order: each the axis that it was. */
  | { kind: 'permute'; config: { dims: readonly number[] } }
  /** From `begin` to before `end`, every `strides`-th; an end of null is the axis' own. */
  | {
      kind: 'slice';
      config: {
        begin: readonly number[];
        end: readonly (number | null)[];
        strides: readonly number[];
      };
    }
  /** The entries `indices` of one axis. */
  | { kind: 'gather'; config: { axis: number; indices: readonly number[] } }
  | {
      kind: 'reduce';
      config: { reduction: Reduction; axes: readonly number[]; keepDimensions: boolean };
    }
  /** `[height, width]` times `scale`, rounded down. */
  | {
      kind: 'resize2d';
      config: {
        scale: readonly [number, number];
        interpolation: 'nearest' | 'bilinear';
        /** Where pixels are: `halfPixel` (Keras, PyTorch), `asymmetric`, or `alignCorners`. */
        coordinates: 'halfPixel' | 'asymmetric' | 'alignCorners';
      };
    }
  /** Any axes with any number. */
  | { kind: 'pad'; config: { before: readonly number[]; after: readonly number[]; value: number } };

const kinds: Record<GraphOperation['kind'], true> = {
  subtract: true,
  divide: true,
  power: true,
  maximum: true,
  minimum: true,
  unary: true,
  clip: true,
  prelu: true,
  weight: true,
  layerNormalization: true,
  groupNormalization: true,
  matMul: true,
  permute: true,
  slice: true,
  gather: true,
  reduce: true,
  resize2d: true,
  pad: true,
};

export const isGraphOperation = <Operation extends { kind: string }>(
  operation: Operation,
): operation is Operation & GraphOperation => Object.hasOwn(kinds, operation.kind);

type Shape = readonly number[];

/**
 * The shape that a layer gives, without the batch.
 *
 * @throws GraftError `network-shapes`
 */
export function graphShape(operation: GraphOperation, inputs: readonly Shape[]): Shape {
  const [x] = inputs;
  switch (operation.kind) {
    case 'subtract':
    case 'divide':
    case 'power':
    case 'maximum':
    case 'minimum':
      return broadcast(operation.kind, inputs);
    case 'weight':
      return operation.config.shape;
    case 'matMul': {
      const { transposeA = false, transposeB = false } = operation.config;
      return [...x.slice(0, -2), x.at(transposeA ? -1 : -2)!, inputs[1].at(transposeB ? -2 : -1)!];
    }
    case 'permute':
      return operation.config.dims.map((axis) => x[axis - 1]);
    case 'slice': {
      const { begin, end, strides } = operation.config;
      return x.map((extent, axis) =>
        Math.max(0, Math.ceil(((end[axis] ?? extent) - begin[axis]) / strides[axis])),
      );
    }
    case 'gather':
      return x.with(operation.config.axis - 1, operation.config.indices.length);
    case 'reduce': {
      const { axes, keepDimensions } = operation.config;
      const gone = (axis: number): boolean => axes.includes(axis + 1);
      return keepDimensions
        ? x.map((extent, axis) => (gone(axis) ? 1 : extent))
        : x.filter((_, axis) => !gone(axis));
    }
    case 'resize2d': {
      const [down, right] = operation.config.scale;
      return [Math.floor(x[0] * down), Math.floor(x[1] * right), x[2]];
    }
    case 'pad': {
      const { before, after } = operation.config;
      return x.map((extent, axis) => extent + before[axis] + after[axis]);
    }
    default:
      return x;
  }
}

/**
 * What arithmetic of tensors of these shapes gives: axes of 1 are repeated.
 *
 * @throws GraftError `network-shapes`
 */
export function broadcast(what: string, shapes: readonly Shape[]): Shape {
  return shapes.reduce((a, b) => {
    const fits =
      a.length === b.length && a.every((extent, axis) => extent === b[axis] || extent === 1 || b[axis] === 1);
    if (!fits) {
      throw new GraftError(
        'network-shapes',
        `Expected shapes that go together for ${what}, found [${a.join(', ')}] and [${b.join(', ')}]. Use images of the size that the network was made for.`,
      );
    }
    return a.map((extent, axis) => (extent === 1 ? b[axis] : extent));
  });
}

/**
 * The target of a reshape: 0 is the input's extent on that axis, −1 what is left.
 *
 * @throws GraftError `network-shapes`
 */
export function reshaped(target: Shape, x: Shape): Shape {
  const copied = target.map((extent, axis) => (extent === 0 ? x[axis] : extent));
  const size = x.reduce((product, extent) => product * extent, 1);
  const known = copied.reduce((product, extent) => (extent === -1 ? product : product * extent), 1);
  const shape = copied.map((extent) => (extent === -1 ? size / known : extent));
  if (shape.reduce((product, extent) => product * extent, 1) === size && shape.every(Number.isInteger))
    return shape;
  throw new GraftError(
    'network-shapes',
    `Expected ${known} numbers to lay out as [${target.join(', ')}], found ${size} in [${x.join(', ')}]: the network is bound to the size of image that it was made for. Use that size.`,
  );
}

/** The arrays that a layer needs: the last part of the name, the shape, and whether it learns. */
export function graphWeights(
  operation: GraphOperation,
  channels: number,
): { weight: string; shape: Shape; learns: boolean }[] {
  switch (operation.kind) {
    case 'prelu':
      return [{ weight: 'alpha', shape: operation.config.shape, learns: true }];
    case 'weight':
      return [{ weight: 'weight', ...operation.config }];
    case 'layerNormalization': {
      const { scale = true, center = true } = operation.config;
      return [...(scale ? ['gamma'] : []), ...(center ? ['beta'] : [])].map((weight) => ({
        weight,
        shape: [channels],
        learns: true,
      }));
    }
    case 'groupNormalization':
      return ['gamma', 'beta'].map((weight) => ({ weight, shape: [channels], learns: true }));
    default:
      return [];
  }
}
