import { type GraphNode, type NodeAttribute, type NodeType, sizeOf } from './node.ts';

/**
 * The nodes of one traced program, hash-consed: asking twice for the same operation on the same inputs gives the
 * same node, so that common parts of forward and backward pass exist once.
 */
export class Graph {
  readonly #known = new Map<string, GraphNode>();
  #count = 0;

  /** How many distinct nodes were ever made. */
  get size(): number {
    return this.#count;
  }

  /** A node with any op; `constant`, `input` and `parameter` have their own makers below. */
  node(
    op: string,
    inputs: readonly GraphNode[],
    shape: readonly number[],
    dtype: NodeType,
    attributes: Record<string, NodeAttribute> = {},
  ): GraphNode {
    const key = `${op}(${inputs.map((input) => input.id)})[${shape}]${dtype}${JSON.stringify(attributes, infinitiesToo)}`;
    return this.#intern(key, () => ({
      op,
      inputs,
      attributes,
      shape: [...shape],
      dtype,
      static: inputs.every((input) => input.static),
    }));
  }

  /** A node that exists already, or undefined: lets a peephole reuse what the forward pass computed. */
  find(
    op: string,
    inputs: readonly GraphNode[],
    shape: readonly number[],
    dtype: NodeType,
  ): GraphNode | undefined {
    return this.#known.get(`${op}(${inputs.map((input) => input.id)})[${shape}]${dtype}{}`);
  }

  input(name: string, shape: readonly number[], dtype: NodeType): GraphNode {
    return this.#intern(`input ${name}`, () => ({
      op: 'input',
      inputs: [],
      attributes: { name },
      shape: [...shape],
      dtype,
      static: false,
    }));
  }

  parameter(name: string, shape: readonly number[]): GraphNode {
    return this.#intern(`parameter ${name}`, () => ({
      op: 'parameter',
      inputs: [],
      attributes: { name },
      shape: [...shape],
      dtype: 'float32',
      static: true,
    }));
  }

  /** A uniform constant of any shape holds one value only. */
  uniform(value: number, shape: readonly number[], dtype: NodeType): GraphNode {
    const data =
      dtype === 'float32'
        ? Float32Array.of(value)
        : dtype === 'int32'
          ? Int32Array.of(value)
          : Uint8Array.of(value);
    return this.#intern(`uniform ${Object.is(value, -0) ? '-0' : value}[${shape}]${dtype}`, () => ({
      op: 'constant',
      inputs: [],
      attributes: {},
      shape: [...shape],
      dtype,
      static: true,
      data,
    }));
  }

  /** A constant; arrays whose values are all the same become uniform ones. */
  constant(data: ArrayLike<number>, shape: readonly number[], dtype: NodeType): GraphNode {
    const size = sizeOf(shape);
    if (size > 0 && isUniform(data)) return this.uniform(data[0], shape, dtype);
    const copy =
      dtype === 'float32'
        ? Float32Array.from(data)
        : dtype === 'int32'
          ? Int32Array.from(data)
          : Uint8Array.from(data);
    const key = size <= 64 ? `constant ${[...copy]}[${shape}]${dtype}` : `constant #${this.#count}`;
    return this.#intern(key, () => ({
      op: 'constant',
      inputs: [],
      attributes: {},
      shape: [...shape],
      dtype,
      static: true,
      data: copy,
    }));
  }

  #intern(key: string, make: () => Omit<GraphNode, 'id'>): GraphNode {
    let node = this.#known.get(key);
    if (!node) {
      node = { id: this.#count++, ...make() };
      this.#known.set(key, node);
    }
    return node;
  }
}

/** JSON knows no infinities: as null, padding with −∞ would be the same node as padding with ∞. */
const infinitiesToo = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;

function isUniform(data: ArrayLike<number>): boolean {
  const first = data[0];
  for (let i = 1; i < data.length; i++) if (!Object.is(data[i], first)) return false;
  return true;
}

/** The nodes that the outputs need, inputs before users. */
export function topologicalOrder(outputs: readonly GraphNode[]): GraphNode[] {
  const order: GraphNode[] = [];
  const seen = new Set<GraphNode>();
  const stack: { node: GraphNode; next: number }[] = [];
  for (const output of outputs) {
    if (!seen.has(output)) stack.push({ node: output, next: 0 });
    seen.add(output);
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      if (top.next === top.node.inputs.length) {
        order.push(top.node);
        stack.pop();
        continue;
      }
      const input = top.node.inputs[top.next++];
      if (!seen.has(input)) {
        seen.add(input);
        stack.push({ node: input, next: 0 });
      }
    }
  }
  return order;
}
