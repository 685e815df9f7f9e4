import { Graph } from './graph.ts';
import {
  broadcastShapes,
  type GraphNode,
  type NodeAttribute,
  type NodeType,
  sameShape,
  sizeOf,
  uniformValue,
} from './node.ts';
import {
  absorbPad,
  bare,
  dense,
  isPerChannel,
  staticScale,
  thinning,
  type WindowAttributes,
} from './patterns.ts';
import { binaryFunctions, unaryFunctions } from './scalar-functions.ts';

const COMMUTATIVE = new Set([
  'add',
  'multiply',
  'maximum',
  'minimum',
  'equal',
  'notEqual',
  'logicalAnd',
  'logicalOr',
]);
/** Limits up to which `below` is exact: 2¹⁰⁰ times them is a float32. */
const MASK_LIMIT = 2 ** 20;
const COMPARISONS = new Set([
  'equal',
  'notEqual',
  'less',
  'lessEqual',
  'greater',
  'greaterEqual',
  'logicalAnd',
  'logicalOr',
]);

/**
 * Constructors of nodes, with the simplifications that make most of what autodiff emits disappear before it exists:
 * uniform constants folded, `x·1` and `x+0` dropped, materialised broadcasts looked through, chains of reshapes
 * collapsed, and the scale of a frozen normalisation pushed into the weights of its convolution.
 */
export class GraphBuilder {
  readonly graph = new Graph();
  readonly #clips = new Map<string, GraphNode>();

  uniform(value: number, shape: readonly number[] = [], dtype: NodeType = 'float32'): GraphNode {
    return this.graph.uniform(value, shape, dtype);
  }

  integers(values: readonly number[]): GraphNode {
    return this.graph.constant(values, [values.length], 'int32');
  }

  make(
    op: string,
    inputs: readonly GraphNode[],
    shape: readonly number[],
    attributes: Record<string, NodeAttribute> = {},
    dtype: NodeType = inputs[0].dtype,
  ): GraphNode {
    return this.graph.node(op, inputs, shape, dtype, attributes);
  }

  // ---- Element by element

  unary(op: string, x: GraphNode, attributes: Record<string, NodeAttribute> = {}): GraphNode {
    const value = uniformValue(x);
    const fold = unaryFunctions[op];
    if (value !== undefined && fold && x.dtype === 'float32' && Object.keys(attributes).length === 0) {
      return this.uniform(fold(value), x.shape);
    }
    if (x.op === 'broadcastTo') return this.broadcastTo(this.unary(op, x.inputs[0], attributes), x.shape);
    if (op === 'negative' && x.op === 'negative') return x.inputs[0];
    if (op === 'step' && attributes.alpha === 0) {
      // x > 0 exactly where relu(x) > 0: keeps the activation alive instead of what went into it.
      const relu = this.graph.find('relu', [x], x.shape, 'float32');
      const active =
        relu ?? [...this.#clips.values()].find((clip) => clip.inputs[0] === x && clip.attributes.low === 0);
      if (active) return this.make(op, [active], x.shape, attributes);
    }
    return this.make(op, [x], x.shape, attributes);
  }

  binary(op: string, a: GraphNode, b: GraphNode): GraphNode {
    const shape = broadcastShapes(a.shape, b.shape);
    const dtype: NodeType = COMPARISONS.has(op) ? 'bool' : a.dtype;
    const simple = this.#simplify(op, a, b, shape);
    if (simple) return simple;
    // A broadcast that the operation would do by itself need not be made.
    const bareA = bare(a);
    const bareB = bare(b);
    if (bareA !== a && sameShape(broadcastShapes(bareA.shape, b.shape), shape))
      return this.binary(op, bareA, b);
    if (bareB !== b && sameShape(broadcastShapes(a.shape, bareB.shape), shape))
      return this.binary(op, a, bareB);
    if (bareA !== a && bareB !== b) {
      return this.broadcastTo(this.binary(op, bareA, bareB), shape);
    }
    let [first, second] = [this.#shrink(a, b), this.#shrink(b, a)];
    if (COMMUTATIVE.has(op) && first.id > second.id) [first, second] = [second, first];
    return this.make(op, [first, second], shape, {}, dtype);
  }

  clip(x: GraphNode, low: number, high: number): GraphNode {
    const node = this.make('clip', [x], x.shape, { low, high });
    this.#clips.set(`${x.id}<${high}`, node);
    return node;
  }

  /** A clip of `x` at `high` that exists already. */
  findClip(x: GraphNode, high: number): GraphNode | undefined {
    return this.#clips.get(`${x.id}<${high}`);
  }

  add(a: GraphNode, b: GraphNode): GraphNode {
    return this.binary('add', a, b);
  }

  multiply(a: GraphNode, b: GraphNode): GraphNode {
    return this.binary('multiply', a, b);
  }

  /** A uniform operand is kept as a scalar: one constant serves every shape. */
  #shrink(node: GraphNode, other: GraphNode): GraphNode {
    const value = uniformValue(node);
    const vanishes = sameShape(broadcastShapes(node.shape, other.shape), other.shape);
    return value !== undefined && vanishes && node.shape.length > 0
      ? this.uniform(value, [], node.dtype)
      : node;
  }

  #simplify(op: string, a: GraphNode, b: GraphNode, shape: readonly number[]): GraphNode | undefined {
    const left = uniformValue(a);
    const right = uniformValue(b);
    const fold = binaryFunctions[op];
    if (left !== undefined && right !== undefined && fold && a.dtype === 'float32') {
      return this.uniform(fold(left, right), shape);
    }
    const whole = (node: GraphNode): GraphNode => this.broadcastTo(node, shape);
    if (a.dtype === 'bool') return undefined;
    switch (op) {
      case 'add':
        if (left === 0) return whole(b);
        if (right === 0) return whole(a);
        break;
      case 'subtract':
        if (right === 0) return whole(a);
        if (left === 0 && a.dtype === 'float32') return whole(this.unary('negative', b));
        break;
      case 'multiply':
        if (left === 1) return whole(b);
        if (right === 1) return whole(a);
        return this.#pushScale(a, b, shape) ?? this.#pushScale(b, a, shape);
      case 'divide':
        if (right === 1) return whole(a);
        if (right !== undefined && a.dtype === 'float32')
          return this.multiply(a, this.uniform(1 / right, b.shape));
        break;
      case 'power':
        if (right === 1) return whole(a);
        if (right === 2) return whole(this.unary('square', a));
        if (right === 0.5) return whole(this.unary('sqrt', a));
        break;
    }
    return undefined;
  }

  /**
   * `x · scale` where the scale is one number a channel that depends on weights alone: into a convolution's weights,
   * and two such scales into one.
   */
  #pushScale(x: GraphNode, scale: GraphNode, shape: readonly number[]): GraphNode | undefined {
    if (!scale.static || !isPerChannel(scale.shape, x.shape) || !sameShape(x.shape, shape)) return undefined;
    const channels = x.shape.at(-1)!;
    const vector = (): GraphNode => this.reshape(scale, [channels]);
    if (x.op === 'conv2d' && !x.inputs[1].static) return undefined;
    if (x.op === 'conv2d') return this.#with(x, [x.inputs[0], this.multiply(x.inputs[1], vector())]);
    if (x.op === 'depthwiseConv2d') {
      const [, filter] = x.inputs;
      return this.#with(x, [x.inputs[0], this.multiply(filter, this.reshape(scale, filter.shape.slice(2)))]);
    }
    if (x.op !== 'multiply' || x.static) return undefined;
    const [first, second] = x.inputs;
    for (const [inner, other] of [
      [first, second],
      [second, first],
    ]) {
      if (inner.static && isPerChannel(inner.shape, x.shape) && sameShape(other.shape, x.shape)) {
        return this.multiply(other, this.multiply(this.reshape(inner, [channels]), vector()));
      }
    }
    return undefined;
  }

  #with(node: GraphNode, inputs: readonly GraphNode[]): GraphNode {
    return this.make(node.op, inputs, node.shape, { ...node.attributes }, node.dtype);
  }

  select(condition: GraphNode, yes: GraphNode, no: GraphNode): GraphNode {
    const shape = broadcastShapes(broadcastShapes(condition.shape, yes.shape), no.shape);
    return this.make(
      'select',
      [condition, this.#shrinkTo(yes, shape), this.#shrinkTo(no, shape)],
      shape,
      {},
      yes.dtype,
    );
  }

  #shrinkTo(node: GraphNode, shape: readonly number[]): GraphNode {
    const value = uniformValue(node);
    return value !== undefined && sizeOf(shape) > 1 ? this.uniform(value, [], node.dtype) : node;
  }

  cast(x: GraphNode, dtype: NodeType): GraphNode {
    if (x.dtype === dtype) return x;
    const value = uniformValue(x);
    if (value !== undefined)
      return this.uniform(
        dtype === 'int32' ? Math.trunc(value) : dtype === 'bool' ? Number(value !== 0) : value,
        x.shape,
        dtype,
      );
    const limit = x.op === 'less' && dtype === 'float32' ? uniformValue(x.inputs[1]) : undefined;
    // A mask of what lies below a limit: one vectorised pass, no booleans.
    if (
      limit !== undefined &&
      Math.abs(limit) < MASK_LIMIT &&
      x.inputs[0].dtype === 'float32' &&
      sameShape(x.inputs[0].shape, x.shape)
    ) {
      return this.make('below', [x.inputs[0]], x.shape, { limit }, 'float32');
    }
    return this.make('cast', [x], x.shape, {}, dtype);
  }

  // ---- Shapes

  reshape(x: GraphNode, shape: readonly number[]): GraphNode {
    if (sameShape(x.shape, shape)) return x;
    const value = uniformValue(x);
    if (value !== undefined) return this.uniform(value, shape, x.dtype);
    if (x.op === 'reshape') return this.reshape(x.inputs[0], shape);
    return this.make('reshape', [x], shape);
  }

  transpose(x: GraphNode, permutation: readonly number[]): GraphNode {
    if (permutation.every((axis, i) => axis === i)) return x;
    const shape = permutation.map((axis) => x.shape[axis]);
    const value = uniformValue(x);
    if (value !== undefined) return this.uniform(value, shape, x.dtype);
    if (x.op === 'transpose') {
      const inner = x.attributes.permutation as readonly number[];
      return this.transpose(
        x.inputs[0],
        permutation.map((axis) => inner[axis]),
      );
    }
    // Moving axes of extent 1 about is a reshape.
    const moved = permutation.filter((axis) => x.shape[axis] !== 1);
    if (moved.every((axis, i) => i === 0 || moved[i - 1] < axis)) return this.reshape(x, shape);
    return this.make('transpose', [x], shape, { permutation: [...permutation] });
  }

  broadcastTo(x: GraphNode, shape: readonly number[]): GraphNode {
    if (sameShape(x.shape, shape)) return x;
    const value = uniformValue(x);
    if (value !== undefined) return this.uniform(value, shape, x.dtype);
    if (x.op === 'broadcastTo') return this.broadcastTo(x.inputs[0], shape);
    return this.make('broadcastTo', [x], shape);
  }

  // ---- Reductions and products

  /** Reduces and drops `axes`. */
  reduce(
    op: 'sum' | 'mean' | 'max' | 'min' | 'prod',
    x: GraphNode,
    axes: readonly number[],
    dtype = x.dtype,
  ): GraphNode {
    if (axes.length === 0) return x;
    const shape = x.shape.filter((_, axis) => !axes.includes(axis));
    const count = axes.reduce((product, axis) => product * x.shape[axis], 1);
    const value = uniformValue(x);
    if (value !== undefined && x.dtype === 'float32') {
      return this.uniform(op === 'sum' ? value * count : op === 'prod' ? value ** count : value, shape);
    }
    if (count === 1) return this.cast(this.reshape(x, shape), dtype);
    return this.make(op, [x], shape, { axes: [...axes].sort((a, b) => a - b) }, dtype);
  }

  /** `[…, m, k] × […, k, n]`, either side transposed on request; leading axes broadcast. */
  matMul(a: GraphNode, b: GraphNode, transposeA = false, transposeB = false): GraphNode {
    const rows = a.shape.at(transposeA ? -1 : -2)!;
    const columns = b.shape.at(transposeB ? -2 : -1)!;
    const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
    return this.make('matMul', [a, b], [...batch, rows, columns], { transposeA, transposeB });
  }

  // ---- Windows over images; images NHWC, filters HWIO, depthwise filters HWCM

  /** A part of `x`: `size` elements from `begin`, every `strides`-th. */
  slice(
    x: GraphNode,
    begin: readonly number[],
    end: readonly number[],
    strides: readonly number[],
  ): GraphNode {
    const shape = begin.map((start, axis) => {
      const stop = strides[axis] < 0 ? Math.max(end[axis], -1) : end[axis];
      return Math.max(0, Math.ceil((stop - start) / strides[axis]));
    });
    if (strides.every((stride) => stride === 1) && sameShape(shape, x.shape)) return x;
    const value = uniformValue(x);
    if (value !== undefined) return this.uniform(value, shape, x.dtype);
    return (
      this.#cropGradient(x, begin, shape, strides) ??
      this.make('slice', [x], shape, { begin: [...begin], end: [...end], strides: [...strides] })
    );
  }

  pad(x: GraphNode, before: readonly number[], after: readonly number[], value: number): GraphNode {
    if ([...before, ...after].every((extent) => extent === 0)) return x;
    const shape = x.shape.map((extent, axis) => extent + before[axis] + after[axis]);
    return this.make('pad', [x], shape, { before: [...before], after: [...after], value });
  }

  conv2d(x: GraphNode, filter: GraphNode, window: WindowAttributes, shape: readonly number[]): GraphNode {
    const thin = thinning(filter.shape, window);
    if (thin) return this.conv2d(this.#thin(x, thin, shape), filter, dense(window), shape);
    const [image, wider] = absorbPad(x, window);
    return this.make('conv2d', [image, filter], shape, { ...wider });
  }

  depthwiseConv2d(
    x: GraphNode,
    filter: GraphNode,
    window: WindowAttributes,
    shape: readonly number[],
  ): GraphNode {
    const [image, wider] = absorbPad(x, window);
    return this.make('depthwiseConv2d', [image, filter], shape, { ...wider });
  }

  /** The gradient of a convolution towards its input. A per-channel factor of `dy` moves into the filter. */
  convInputGradient(
    op: 'conv2dInputGradient' | 'depthwiseConv2dInputGradient',
    dy: GraphNode,
    filter: GraphNode,
    window: WindowAttributes,
    shape: readonly number[],
  ): GraphNode {
    const scaled = staticScale(dy);
    if (scaled && filter.static) {
      const factor = this.reshape(
        scaled.scale,
        op === 'conv2dInputGradient' ? [dy.shape[3]] : filter.shape.slice(2),
      );
      return this.convInputGradient(op, scaled.value, this.multiply(filter, factor), window, shape);
    }
    const thin = op === 'conv2dInputGradient' ? thinning(filter.shape, window) : undefined;
    if (thin) {
      const small = [...dy.shape.slice(0, 3), shape[3]];
      return this.spread(this.convInputGradient(op, dy, filter, dense(window), small), thin, shape);
    }
    return this.make(op, [dy, filter], shape, { ...window });
  }

  /** The gradient of a convolution towards its filter. A per-channel factor of `dy` is applied to the result. */
  convFilterGradient(
    op: 'conv2dFilterGradient' | 'depthwiseConv2dFilterGradient',
    x: GraphNode,
    dy: GraphNode,
    window: WindowAttributes,
    shape: readonly number[],
  ): GraphNode {
    const scaled = staticScale(dy);
    if (scaled) {
      const factor = this.reshape(
        scaled.scale,
        op === 'conv2dFilterGradient' ? [dy.shape[3]] : shape.slice(2),
      );
      return this.multiply(this.convFilterGradient(op, x, scaled.value, window, shape), factor);
    }
    const thin = op === 'conv2dFilterGradient' ? thinning(shape, window) : undefined;
    if (thin) return this.convFilterGradient(op, this.#thin(x, thin, dy.shape), dy, dense(window), shape);
    const [image, wider] = absorbPad(x, window);
    return this.make(op, [image, dy], shape, { ...wider });
  }

  /** Every `strides`-th pixel: all that a strided 1×1 convolution reads. */
  #thin(x: GraphNode, [down, right]: readonly [number, number], out: readonly number[]): GraphNode {
    const end = [x.shape[0], (out[1] - 1) * down + 1, (out[2] - 1) * right + 1, x.shape[3]];
    return this.slice(x, [0, 0, 0, 0], end, [1, down, right, 1]);
  }

  /** Pixels set `strides` apart with zeros between them, then zeros up to `shape`: the transpose of thinning. */
  spread(x: GraphNode, strides: readonly [number, number], shape: readonly number[]): GraphNode {
    if (strides[0] === 1 && strides[1] === 1 && sameShape(x.shape, shape)) return x;
    return this.make('spread', [x], shape, { strides: [...strides] });
  }

  /** Cropping what a padded convolution gives its input: the same gradient, without the padding. */
  #cropGradient(
    x: GraphNode,
    begin: readonly number[],
    shape: readonly number[],
    strides: readonly number[],
  ): GraphNode | undefined {
    const gradient = x.op === 'conv2dInputGradient' || x.op === 'depthwiseConv2dInputGradient';
    if (!gradient || begin[0] !== 0 || begin[3] !== 0 || shape[0] !== x.shape[0] || shape[3] !== x.shape[3])
      return undefined;
    if (strides.some((stride) => stride !== 1)) return undefined;
    const window = x.attributes as unknown as WindowAttributes;
    const [top, bottom, left, right] = window.pads;
    const pads = [
      top + begin[1],
      bottom + x.shape[1] - begin[1] - shape[1],
      left + begin[2],
      right + x.shape[2] - begin[2] - shape[2],
    ] as const;
    return this.make(x.op, x.inputs, shape, { ...window, pads });
  }
}
