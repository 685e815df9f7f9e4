import { type GraphNode, sameShape, sizeOf } from './node.ts';

export interface WindowAttributes {
  strides: readonly [number, number];
  dilations: readonly [number, number];
  /** top, bottom, left, right */
  pads: readonly [number, number, number, number];
}

/** The strides of a 1×1 convolution without padding, if any is above 1. */
export function thinning(
  filter: readonly number[],
  { strides, pads }: WindowAttributes,
): readonly [number, number] | undefined {
  const pointwise = filter[0] === 1 && filter[1] === 1 && pads.every((extent) => extent === 0);
  return pointwise && (strides[0] > 1 || strides[1] > 1) ? strides : undefined;
}

export const dense = (window: WindowAttributes): WindowAttributes => ({ ...window, strides: [1, 1] });

/** Zero padding before a convolution becomes the convolution's own. */
export function absorbPad(x: GraphNode, window: WindowAttributes): [GraphNode, WindowAttributes] {
  if (x.op !== 'pad' || x.attributes.value !== 0 || x.shape.length !== 4) return [x, window];
  const before = x.attributes.before as readonly number[];
  const after = x.attributes.after as readonly number[];
  if (before[0] || before[3] || after[0] || after[3]) return [x, window];
  const [top, bottom, left, right] = window.pads;
  return [
    x.inputs[0],
    { ...window, pads: [top + before[1], bottom + after[1], left + before[2], right + after[2]] },
  ];
}

/** Looks through a materialised broadcast. */
export function bare(node: GraphNode): GraphNode {
  return node.op === 'broadcastTo' ? node.inputs[0] : node;
}

/** Whether `shape` holds one number for each channel (the last axis) of `whole`. */
export function isPerChannel(shape: readonly number[], whole: readonly number[]): boolean {
  const channels = whole.at(-1);
  return (
    whole.length === 4 &&
    shape.length > 0 &&
    shape.length <= 4 &&
    shape.at(-1) === channels &&
    sizeOf(shape) === channels
  );
}

/** Splits `value · scale` where the scale depends on weights alone and holds one number a channel. */
export function staticScale(node: GraphNode): { value: GraphNode; scale: GraphNode } | undefined {
  if (node.op !== 'multiply') return undefined;
  const [a, b] = node.inputs;
  if (a.static && isPerChannel(a.shape, node.shape) && sameShape(b.shape, node.shape))
    return { value: b, scale: a };
  if (b.static && isPerChannel(b.shape, node.shape) && sameShape(a.shape, node.shape))
    return { value: a, scale: b };
  return undefined;
}
