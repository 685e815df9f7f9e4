import { GraftError } from '../../contract/errors.ts';
import { type GraphNode, sameShape, sizeOf, uniformValue } from '../graph/node.ts';
import type { Attribute } from '../onnx/model.ts';
import type { Emitter, Form } from './emitter.ts';

/** Element-wise ops that are one ONNX operator. */
const DIRECT: Record<string, string> = {
  abs: 'Abs',
  acos: 'Acos',
  add: 'Add',
  asin: 'Asin',
  atan: 'Atan',
  ceil: 'Ceil',
  cos: 'Cos',
  cosh: 'Cosh',
  divide: 'Div',
  elu: 'Elu',
  equal: 'Equal',
  erf: 'Erf',
  exp: 'Exp',
  floor: 'Floor',
  greater: 'Greater',
  greaterEqual: 'GreaterOrEqual',
  isInfinite: 'IsInf',
  isNan: 'IsNaN',
  less: 'Less',
  lessEqual: 'LessOrEqual',
  log: 'Log',
  logicalAnd: 'And',
  logicalNot: 'Not',
  logicalOr: 'Or',
  maximum: 'Max',
  minimum: 'Min',
  multiply: 'Mul',
  negative: 'Neg',
  power: 'Pow',
  reciprocal: 'Reciprocal',
  relu: 'Relu',
  round: 'Round',
  select: 'Where',
  selu: 'Selu',
  sigmoid: 'Sigmoid',
  sign: 'Sign',
  sin: 'Sin',
  sinh: 'Sinh',
  softplus: 'Softplus',
  sqrt: 'Sqrt',
  subtract: 'Sub',
  tan: 'Tan',
  tanh: 'Tanh',
};

const COMPOSED = new Set([
  'below',
  'cast',
  'clip',
  'floorDivide',
  'leakyRelu',
  'modulo',
  'notEqual',
  'square',
  'step',
  'truncate',
]);
const ONNX_TYPE = { float32: 1, int32: 6, bool: 9 };

export const isElementwise = (node: GraphNode): boolean => node.op in DIRECT || COMPOSED.has(node.op);

/**
 * Element-wise work follows the form its images already have, so that a chain between two convolutions never
 * changes layout. Vectors over channels are turned to fit.
 */
export function lowerElementwise(e: Emitter, node: GraphNode): void {
  const form = commonForm(e, node);
  if (form === 'plain') {
    e.define(
      node,
      'plain',
      apply(
        e,
        node,
        node.inputs.map((input) => e.value(input)),
      ),
    );
    return;
  }
  const vectors = node.inputs.some((input) => !sameShape(input.shape, node.shape) && sizeOf(input.shape) > 1);
  const view = (shape: readonly number[]): number[] => imageView(e, form, shape);
  const operands = node.inputs.map((input) => {
    if (sameShape(input.shape, node.shape) && uniformValue(input) === undefined) {
      const image = e.value(input, form);
      return vectors ? e.reshape(image, view(node.shape)) : image;
    }
    if (sizeOf(input.shape) === 1) return e.reshape(e.value(input), [1]);
    const shape = [...Array.from({ length: 4 - input.shape.length }, () => 1), ...input.shape];
    return e.reshape(e.value(input), view(shape));
  });
  const result = apply(e, node, operands);
  const [n, h, w, c] = node.shape;
  e.define(node, form, vectors ? e.reshape(result, [n, c, h, w]) : result);
}

/** A view in which a `[N, 1, 1, C]` operand lines up with an image of the form. */
function imageView(e: Emitter, form: Form, [n, h, w, c]: readonly number[]): number[] {
  return form === 'blocked' ? [n, c / e.target.block, h * w, e.target.block] : [n, c, h, w];
}

/** The form that all operands can share: that of the images among them, if the rest are vectors or scalars. */
function commonForm(e: Emitter, node: GraphNode): Form {
  if (node.shape.length !== 4) return 'plain';
  let form: Form = 'plain';
  for (const input of node.inputs) {
    const value = uniformValue(input);
    if (value !== undefined || sizeOf(input.shape) === 1) continue;
    if (sameShape(input.shape, node.shape)) {
      const native = e.native(input);
      if (native === 'blocked' || (native === 'nchw' && form === 'plain')) form = native;
      continue;
    }
    const shape = [...Array.from({ length: 4 - input.shape.length }, () => 1), ...input.shape];
    const vector = shape[1] === 1 && shape[2] === 1 && shape[3] === node.shape[3];
    if (!vector) return 'plain';
  }
  return form;
}

function apply(e: Emitter, node: GraphNode, operands: readonly string[]): string {
  const direct = DIRECT[node.op];
  const [x, y] = operands;
  if (direct) return e.emit(direct, operands);
  switch (node.op) {
    case 'cast':
    case 'truncate':
      return e.emit('Cast', [x], { to: ONNX_TYPE[node.dtype] });
    case 'clip':
      return e.emit('Clip', [
        x,
        e.scalar(bound(node, node.attributes.low as number), node.dtype),
        e.scalar(bound(node, node.attributes.high as number), node.dtype),
      ]);
    case 'below': {
      // 2¹⁰⁰·(limit − x), held between 0 and 1: powers of two keep it exact right up to the limit.
      const steep = 2 ** 100;
      return e.emit('HardSigmoid', [x], {
        alpha: { float: -steep },
        beta: { float: (node.attributes.limit as number) * steep },
      });
    }
    case 'square':
      return e.emit('Mul', [x, x]);
    case 'notEqual':
      return e.emit('Not', [e.emit('Equal', [x, y])]);
    case 'leakyRelu':
      return e.emit('LeakyRelu', [x], { alpha: { float: node.attributes.alpha as number } });
    case 'step':
      return step(e, x, node.attributes.alpha as number);
    case 'floorDivide':
      return floorDivide(e, x, y, node);
    case 'modulo':
      if (node.dtype === 'int32') return e.emit('Mod', [x, y]);
      return e.emit('Sub', [x, e.emit('Mul', [y, e.emit('Floor', [e.emit('Div', [x, y])])])]);
  }
  throw new GraftError('lowering-missing', `The element-wise operation ${node.op} has no lowering.`, {
    kind: 'bug',
  });
}

/** A limit of a clip, as the type of what is clipped can hold it. */
const bound = (node: GraphNode, limit: number): number =>
  node.dtype === 'int32' ? Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, limit)) : limit;

/** 1 above zero, else alpha. The very steep HardSigmoid is one vectorised pass, where a comparison takes three. */
function step(e: Emitter, x: string, alpha: number): string {
  const steep: Record<string, Attribute> = { alpha: { float: 1e38 }, beta: { float: 0 } };
  if (alpha === 0) return e.emit('HardSigmoid', [x], steep);
  return e.emit('Where', [e.emit('Greater', [x, e.scalar(0)]), e.scalar(1), e.scalar(alpha)]);
}

function floorDivide(e: Emitter, x: string, y: string, node: GraphNode): string {
  if (node.dtype === 'float32') return e.emit('Floor', [e.emit('Div', [x, y])]);
  const float = (value: string): string => e.emit('Cast', [value], { to: ONNX_TYPE.float32 });
  return e.emit('Cast', [e.emit('Floor', [e.emit('Div', [float(x), float(y)])])], { to: ONNX_TYPE.int32 });
}
