import type { ForeignBuilder, Numbers } from '../../foreign-builder.ts';
import type { GraphNode, NodeOutput } from './nodes.ts';
import { type Extent, sizeOfShape, type Value } from './values.ts';

export type Translate = (node: GraphNode, graph: GraphTranslation) => Value | readonly Value[];

/** A graph while it is translated, node by node. */
export class GraphTranslation {
  readonly builder: ForeignBuilder;
  readonly #values = new Map<string, readonly Value[]>();
  /** Nodes that are done with another one, by name. */
  readonly #aliases = new Map<string, string>();
  readonly #constants: ReadonlySet<string>;
  readonly #users: ReadonlyMap<string, readonly GraphNode[]>;
  /** Numbers of a constant, by the node's name. */
  readonly #numbers: (name: string) => Numbers;

  /** @param nodes all that the output needs */
  constructor(builder: ForeignBuilder, nodes: readonly GraphNode[], numbers: (name: string) => Numbers) {
    this.builder = builder;
    this.#numbers = numbers;
    this.#constants = new Set(nodes.filter(({ op }) => op === 'Const').map(({ name }) => name));
    const users = new Map<string, GraphNode[]>();
    for (const node of nodes)
      for (const { node: input } of node.inputs) {
        const known = users.get(input);
        if (known) known.push(node);
        else users.set(input, [node]);
      }
    this.#users = users;
  }

  /** What a node gives that was translated with another one. */
  known(node: string): readonly Value[] | undefined {
    return this.#values.get(node) ?? this.#values.get(this.#aliases.get(node) ?? '');
  }

  /** A node that gives what another one gives, now that the other does its work too. */
  alias({ name }: GraphNode, other: GraphNode): void {
    this.#aliases.set(name, other.name);
  }

  keep(node: string, value: Value | readonly Value[]): void {
    this.#values.set(node, Array.isArray(value) ? (value as readonly Value[]) : [value as Value]);
  }

  /** A constant by its node's name, whether its turn has come or not; null for other nodes. */
  constantCalled(name: string): Numbers | null {
    const [value] = this.#values.get(name) ?? [];
    if (value) return value.kind === 'constant' ? value : null;
    return this.#constants.has(name) ? this.#numbers(name) : null;
  }

  /** The one node that takes what a node gives; undefined where there are several. */
  onlyUser({ name }: GraphNode): GraphNode | undefined {
    const users = this.#users.get(name) ?? [];
    return users.length === 1 ? users[0] : undefined;
  }

  value(node: GraphNode, at: number): Value {
    const input = node.inputs.at(at);
    const value = input && this.output(input);
    if (!value) throw this.wrong(node, 'too few inputs');
    return value;
  }

  output({ node, output }: NodeOutput): Value | undefined {
    return this.#values.get(node)?.[output];
  }

  /** An input that depends on the image. */
  layer(node: GraphNode, at = 0): string {
    const value = this.value(node, at);
    if (value.kind === 'layer' && !value.rows) return value.layer;
    throw this.wrong(
      node,
      value.kind === 'constant' ? 'a constant for its image' : 'an input of another kind',
    );
  }

  constant(node: GraphNode, at: number): Numbers {
    const value = this.constantOrNull(node, at);
    if (value) return value;
    throw this.wrong(node, 'an input that is computed, where it has to be a constant');
  }

  constantOrNull(node: GraphNode, at: number): Numbers | null {
    const value = at < node.inputs.length ? this.value(node, at) : undefined;
    return value?.kind === 'constant' ? value : null;
  }

  /** Whole numbers that stand in the file. */
  wholes(node: GraphNode, at: number): number[] {
    const { data } = this.constant(node, at);
    if (data.length <= 1024 && data.every((value) => Number.isSafeInteger(value))) return [...data];
    throw this.wrong(node, 'no whole numbers where they have to be');
  }

  /** Lengths of axes, in the file or computed. */
  extents(node: GraphNode, at: number): { extents: readonly Extent[]; known: boolean } {
    const value = this.value(node, at);
    if (value.kind === 'extents') return { extents: value.extents, known: false };
    return { extents: this.wholes(node, at).map((size) => ({ size, batch: false })), known: true };
  }

  /** Axes as Graft counts them: from 1, as the batch is the first in a graph too. */
  axes(node: GraphNode, at: number, rank: number): number[] {
    return this.wholes(node, at).map((axis) => this.axis(node, axis, rank));
  }

  axis(node: GraphNode, axis: number, rank: number): number {
    const counted = axis < 0 ? axis + rank + 1 : axis;
    if (counted >= 1 && counted <= rank) return counted;
    throw this.wrong(node, 'work across images');
  }

  wrong({ op, name }: GraphNode, found: string): Error {
    return this.builder.unsupported(`${found} in ${op} (${name})`);
  }
}

/** A constant's one number; null where it has several. */
export const scalarOf = ({ data }: Numbers): number | null => (data.length === 1 ? data[0] : null);

/** A constant beside one image of a rank: without the axis of the batch, with axes of 1 before those that it has. */
export function besideImage({ shape, data }: Numbers, rank: number): Numbers | null {
  if (shape.length > rank + 1 || (shape.length === rank + 1 && shape[0] !== 1)) return null;
  const own = shape.length === rank + 1 ? shape.slice(1) : shape;
  const whole = [...Array.from({ length: rank - own.length }, () => 1), ...own];
  return sizeOfShape(whole) === data.length ? { shape: whole, data } : null;
}

/** What a layer is called: without what every node of an exported model is called by. */
export const layerName = (name: string): string =>
  name.replace(/^((Stateful)?PartitionedCall(_\d+)?\/)+/, '') || name;
