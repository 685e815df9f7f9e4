import type { OnnxNode } from '../messages.ts';
import type { Translation } from '../translation.ts';

/** By the operator's name: adds the layers of a node, and sets what it gives. */
export type Operators = Record<string, (t: Translation, node: OnnxNode) => void>;

/** Whole numbers, from an input in new files or an attribute in old ones; undefined where neither says. */
export function integers(
  t: Translation,
  node: OnnxNode,
  input: number,
  attribute: string,
): number[] | undefined {
  if (node.inputs[input]) return t.numbers(node.inputs[input]);
  return node.attributes.get(attribute)?.integers;
}

/** Counted from the front. */
export const positive = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);
