import { unsupportedGraph } from '../../foreign-builder.ts';

/** One output of a node. */
export interface NodeOutput {
  node: string;
  output: number;
}

/** An operation of a frozen graph of TensorFlow. */
export interface GraphNode {
  name: string;
  op: string;
  /** Without those that only say what comes first. */
  inputs: readonly NodeOutput[];
  attributes: Attributes;
}

const MOST_NODES = 200_000;

/**
 * The nodes of a `modelTopology`, by name.
 *
 * @throws GraftError `graph-unsupported`
 */
export function graphNodes(topology: unknown, file: string): ReadonlyMap<string, GraphNode> {
  const { node: list } = (topology ?? {}) as { node?: unknown };
  if (!Array.isArray(list) || list.length > MOST_NODES) throw unsupportedGraph(file, 'no list of nodes');
  const nodes = new Map<string, GraphNode>();
  for (const value of list as unknown[]) {
    const { name, op, input, attr } = (value ?? {}) as Record<string, unknown>;
    const inputs: unknown = input ?? [];
    if (typeof name !== 'string' || typeof op !== 'string' || !isTexts(inputs))
      throw unsupportedGraph(file, 'a node without a name, an operation or inputs');
    if (nodes.has(name)) throw unsupportedGraph(file, `two nodes called ${name}`);
    nodes.set(name, {
      name,
      op,
      inputs: inputs.filter((each) => !each.startsWith('^')).map(outputOf),
      attributes: new Attributes((attr ?? {}) as Record<string, unknown>, `${op} ${name}`, file),
    });
  }
  return nodes;
}

/** `node:1` is the node's second output. */
export function outputOf(reference: string): NodeOutput {
  const [, node = reference, output = '0'] = /^(.*):(\d{1,4})$/.exec(reference) ?? [];
  return { node, output: Number(output) };
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

/** Attributes of a node, as protobuf is written in JSON: long numbers are texts, texts are base64. */
export class Attributes {
  readonly #values: Record<string, unknown>;
  readonly #node: string;
  readonly #file: string;

  constructor(values: Record<string, unknown>, node: string, file: string) {
    this.#values = values;
    this.#node = node;
    this.#file = file;
  }

  flag(name: string): boolean {
    return this.#value(name).b === true;
  }

  whole(name: string, otherwise: number): number {
    const value = this.#value(name).i;
    return value === undefined ? otherwise : this.#whole(name, value);
  }

  decimal(name: string, otherwise: number): number {
    const value = Number(this.#value(name).f ?? otherwise);
    if (Number.isFinite(value)) return value;
    throw this.#wrong(name);
  }

  text(name: string, otherwise: string): string {
    const value = this.#value(name).s;
    return value === undefined ? otherwise : this.#text(name, value);
  }

  wholes(name: string): number[] {
    return this.#list(name, 'i').map((value) => this.#whole(name, value));
  }

  texts(name: string): string[] {
    return this.#list(name, 's').map((value) => this.#text(name, value));
  }

  /** Extents of a shape, −1 for one that is open; null for a shape of which nothing is known. */
  shape(name: string): number[] | null {
    const { shape } = this.#value(name) as { shape?: { dim?: unknown; unknownRank?: unknown } };
    const dim = shape?.dim;
    if (!Array.isArray(dim) || shape?.unknownRank === true) return null;
    return (dim as unknown[]).map((each) =>
      this.#whole(name, (each as { size?: unknown } | null)?.size ?? -1),
    );
  }

  #value(name: string): Record<string, unknown> {
    const value = Object.hasOwn(this.#values, name) ? this.#values[name] : undefined;
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  }

  #list(name: string, kind: 'i' | 's'): unknown[] {
    const { list } = this.#value(name) as { list?: Record<string, unknown> };
    const values = list?.[kind] ?? [];
    if (Array.isArray(values) && values.length <= 1024) return values;
    throw this.#wrong(name);
  }

  #whole(name: string, value: unknown): number {
    const number = typeof value === 'string' || typeof value === 'number' ? Number(value) : NaN;
    if (Number.isSafeInteger(number)) return number;
    throw this.#wrong(name);
  }

  #text(name: string, value: unknown): string {
    if (typeof value === 'string') return Buffer.from(value, 'base64').toString('latin1');
    // The first converters wrote codes of characters.
    if (Array.isArray(value)) return String.fromCharCode(...(value.slice(0, 256) as number[]));
    throw this.#wrong(name);
  }

  #wrong(name: string): Error {
    return unsupportedGraph(this.#file, `no sound ${name} for ${this.#node}`);
  }
}
