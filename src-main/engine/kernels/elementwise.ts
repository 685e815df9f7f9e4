import { register } from './register.ts';
import type { GraphBuilder } from '../graph/build.ts';
import { broadcastShapes, type GraphNode } from '../graph/node.ts';

/** TF.js kernels that are one element-wise op of the graph. */
const UNARY: Record<string, string> = {
  Abs: 'abs',
  Acos: 'acos',
  Asin: 'asin',
  Atan: 'atan',
  Ceil: 'ceil',
  Cos: 'cos',
  Cosh: 'cosh',
  Erf: 'erf',
  Exp: 'exp',
  Floor: 'floor',
  Log: 'log',
  Neg: 'negative',
  Reciprocal: 'reciprocal',
  Relu: 'relu',
  Round: 'round',
  Sigmoid: 'sigmoid',
  Sign: 'sign',
  Sin: 'sin',
  Sinh: 'sinh',
  Softplus: 'softplus',
  Sqrt: 'sqrt',
  Square: 'square',
  Tan: 'tan',
  Tanh: 'tanh',
};

const BINARY: Record<string, string> = {
  Add: 'add',
  Sub: 'subtract',
  Multiply: 'multiply',
  RealDiv: 'divide',
  Pow: 'power',
  Maximum: 'maximum',
  Minimum: 'minimum',
  Equal: 'equal',
  NotEqual: 'notEqual',
  Less: 'less',
  LessEqual: 'lessEqual',
  Greater: 'greater',
  GreaterEqual: 'greaterEqual',
  LogicalAnd: 'logicalAnd',
  LogicalOr: 'logicalOr',
};

export function registerElementwise(): void {
  for (const [kernel, op] of Object.entries(UNARY)) register(kernel, ({ x }, _, b) => b.unary(op, x));
  for (const [kernel, op] of Object.entries(BINARY))
    register(kernel, ({ a, b }, _, g) => binary(g, op, a, b));

  register('AddN', (inputs, _, b) => Object.values(inputs).reduce((sum, x) => b.add(sum, x)));
  register('Rsqrt', ({ x }, _, b) => b.unary('reciprocal', b.unary('sqrt', x)));
  // eˣ − 1 = tanh(x/2) · (eˣ + 1), which loses nothing near zero; far above it tanh is 1 and eˣ swallows the one.
  register('Expm1', ({ x }, _, b) => {
    const half = b.unary('tanh', b.multiply(x, b.uniform(0.5)));
    return b.multiply(half, b.add(b.unary('exp', x), b.uniform(1)));
  });
  register('Log1p', ({ x }, _, b) => log1p(b, x));
  register('SquaredDifference', ({ a, b }, _, g) => g.unary('square', g.binary('subtract', a, b)));
  register('FloorDiv', ({ a, b }, _, g) => {
    const quotient = g.make('floorDivide', [a, b], broadcastShapes(a.shape, b.shape));
    return g.cast(quotient, 'int32');
  });
  register('Mod', ({ a, b }, _, g) => g.make('modulo', [a, b], broadcastShapes(a.shape, b.shape)));
  register('LogicalNot', ({ x }, _, b) => b.make('logicalNot', [x], x.shape, {}, 'bool'));
  register('IsNan', ({ x }, _, b) => b.make('isNan', [x], x.shape, {}, 'bool'));
  register('IsInf', ({ x }, _, b) => b.make('isInfinite', [x], x.shape, {}, 'bool'));
  register('IsFinite', ({ x }, _, b) => {
    const broken = b.binary(
      'logicalOr',
      b.make('isNan', [x], x.shape, {}, 'bool'),
      b.make('isInfinite', [x], x.shape, {}, 'bool'),
    );
    return b.make('logicalNot', [broken], x.shape, {}, 'bool');
  });

  register('Step', ({ x }, { alpha }, b) => b.unary('step', x, { alpha: Number(alpha ?? 0) }));
  register('Relu6', ({ x }, _, b) => b.clip(x, 0, 6));
  register('ClipByValue', ({ x }, { clipValueMin, clipValueMax }, b) =>
    b.clip(x, clipValueMin as number, clipValueMax as number),
  );
  register('LeakyRelu', ({ x }, { alpha }, b) => b.unary('leakyRelu', x, { alpha: alpha as number }));
  register('Elu', ({ x }, _, b) => b.unary('elu', x));
  register('EluGrad', ({ dy, y }, _, b) =>
    b.multiply(dy, b.select(b.binary('greaterEqual', y, b.uniform(0)), b.uniform(1), b.add(y, b.uniform(1)))),
  );
  register('Selu', ({ x }, _, b) => b.unary('selu', x));
  register('Prelu', ({ x, alpha }, _, b) =>
    b.select(b.binary('less', x, b.uniform(0)), b.multiply(x, alpha), x),
  );
  register('Select', ({ condition, t, e }, _, b) => {
    // TF.js's old rule: a rank-1 condition chooses among the rows of what it selects from.
    const rows = condition.shape.length === 1 && t.shape.length > 1;
    const shape = rows ? [condition.shape[0], ...t.shape.slice(1).map(() => 1)] : condition.shape;
    return b.select(b.cast(b.reshape(condition, shape), 'bool'), t, e);
  });
  register('Cast', ({ x }, { dtype }, b) => {
    if (x.dtype === 'float32' && dtype === 'int32') return b.make('truncate', [x], x.shape, {}, 'int32');
    return b.cast(x, dtype as 'float32' | 'int32' | 'bool');
  });
  register('Identity', ({ x }) => x);
  register('ZerosLike', ({ x }, _, b) => b.uniform(0, x.shape, x.dtype));
  register('OnesLike', ({ x }, _, b) => b.uniform(1, x.shape, x.dtype));
  register('Fill', (_inputs, { shape, value, dtype }, b) =>
    b.uniform(value as number, shape as number[], (dtype as 'float32' | 'int32' | undefined) ?? 'float32'),
  );
  register('Softmax', ({ logits }, { dim }, b) => {
    const axis = ((dim as number) + logits.shape.length) % logits.shape.length;
    return b.make('softmax', [logits], logits.shape, { axis });
  });
  register('LogSoftmax', ({ logits }, { axis }, b) => {
    const positive = ((axis as number) + logits.shape.length) % logits.shape.length;
    return b.make('logSoftmax', [logits], logits.shape, { axis: positive });
  });
}

/** log(1 + x) after Kahan: what adding the one rounded off is put back as a factor, so that small x keep all digits. */
function log1p(b: GraphBuilder, x: GraphNode): GraphNode {
  const one = b.uniform(1);
  const sum = b.add(x, one);
  const added = b.binary('subtract', sum, one);
  const logarithm = b.unary('log', sum);
  const corrected = b.multiply(logarithm, b.binary('divide', x, added));
  const exact = b.binary('equal', added, x);
  return b.select(b.binary('equal', sum, one), x, b.select(exact, logarithm, corrected));
}

/** Comparisons of booleans happen as integers: ONNX orders no booleans. */
function binary(g: GraphBuilder, op: string, a: GraphNode, b: GraphNode): GraphNode {
  const logical = op.startsWith('logical');
  if (!logical && a.dtype === 'bool' && b.dtype === 'bool')
    return g.binary(op, g.cast(a, 'int32'), g.cast(b, 'int32'));
  if (logical) return g.binary(op, g.cast(a, 'bool'), g.cast(b, 'bool'));
  const result = bandOf(g, op, a, b);
  return result ?? g.binary(op, a, b);
}

/**
 * `x <= 6` beside `relu6(x)`, as its gradient asks: answered from the activation, `y < 6`, so that what went into
 * it need not be kept. The two differ only where x is exactly 6.
 */
function bandOf(g: GraphBuilder, op: string, a: GraphNode, b: GraphNode): GraphNode | undefined {
  if (op !== 'lessEqual' || b.op !== 'constant' || b.data!.length !== 1) return undefined;
  const high = b.data![0];
  const clipped = a.shape.length === 4 ? g.findClip(a, high) : undefined;
  return clipped ? g.binary('less', clipped, g.uniform(high)) : undefined;
}
