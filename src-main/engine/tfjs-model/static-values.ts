import { type GraphNode, sameShape, sizeOf } from '../graph/node.ts';
import { binaryFunctions, unaryFunctions } from '../graph/scalar-functions.ts';
import type { Parameters } from '../parameters.ts';

/**
 * Numbers of what depends on weights and constants alone, such as a kernel times the scale of its frozen normalisation, so that whoever
 * runs the model need not compute them at each image. In float32, operation by operation, as the graph would.
 */
export class StaticValues {
  readonly #parameters: Parameters;
  readonly #known = new Map<GraphNode, Float32Array | null>();

  constructor(parameters: Parameters) {
    this.#parameters = parameters;
  }

  /** @returns null where a node is no float32, depends on an input, or is of an operation that is left to the graph */
  of(node: GraphNode): Float32Array | null {
    let values = this.#known.get(node);
    if (values === undefined) {
      values = node.static && node.dtype === 'float32' ? this.#compute(node) : null;
      this.#known.set(node, values);
    }
    return values;
  }

  #compute(node: GraphNode): Float32Array | null {
    const { op, shape, attributes } = node;
    if (op === 'parameter') return this.#parameters.get(attributes.name as string).data;
    if (op === 'constant') {
      const data = node.data as Float32Array;
      return data.length === sizeOf(shape) ? data : new Float32Array(sizeOf(shape)).fill(data[0]);
    }
    const inputs = node.inputs.map((input) => this.of(input));
    const [a, b] = inputs;
    if (!a || inputs.includes(null)) return null;
    if (op === 'reshape') return a;
    if (op === 'broadcastTo') return expanded(a, node.inputs[0].shape, shape);
    const unary = unaryFunctions[op];
    if (unary && Object.keys(attributes).length === 0) return a.map(unary);
    const binary = binaryFunctions[op];
    if (!binary || !b) return null;
    const [left, right] = [
      expanded(a, node.inputs[0].shape, shape),
      expanded(b, node.inputs[1].shape, shape),
    ];
    return left.map((value, at) => binary(value, right[at]));
  }
}

/** Values repeated to a larger shape by the rules of broadcasting. */
function expanded(values: Float32Array, from: readonly number[], to: readonly number[]): Float32Array {
  if (sameShape(from, to)) return values;
  const out = new Float32Array(sizeOf(to));
  const missing = to.length - from.length;
  const strides = to.map((_, axis) => {
    const own = axis - missing;
    return own < 0 || from[own] === 1 ? 0 : sizeOf(from.slice(own + 1));
  });
  const place = new Int32Array(to.length);
  let source = 0;
  for (let at = 0; at < out.length; at++) {
    out[at] = values[source];
    for (let axis = to.length - 1; axis >= 0; axis--) {
      source += strides[axis];
      if (++place[axis] < to[axis]) break;
      source -= strides[axis] * to[axis];
      place[axis] = 0;
    }
  }
  return out;
}
