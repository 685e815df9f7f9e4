import * as tf from '@tensorflow/tfjs-core';
import type { GraphBuilder } from '../graph/build.ts';
import { type GraphNode, sizeOf } from '../graph/node.ts';
import { axesOf, register } from './register.ts';

const BEFORE_THE_FIRST = -1e9;

export function registerShapes(): void {
  register('Reshape', ({ x }, { shape }, b) => b.reshape(x, resolveShape(shape as number[], x)));
  register('ExpandDims', ({ input }, { dim }, b) => {
    const shape = [...input.shape];
    const axis = dim as number;
    shape.splice(axis < 0 ? shape.length + axis + 1 : axis, 0, 1);
    return b.reshape(input, shape);
  });
  register('Transpose', ({ x }, { perm }, b) => b.transpose(x, perm as number[]));
  register('BroadcastTo', ({ x }, { shape }, b) => b.broadcastTo(x, shape as number[]));
  register('Tile', ({ x }, { reps }, b) => tile(b, x, reps as number[]));
  register('Concat', (inputs, { axis }, b) =>
    concat(b, Object.values(inputs), axesOf(axis, inputs[0].shape.length)[0]),
  );
  register('Pack', (inputs, { axis }, b) => {
    const parts = Object.values(inputs);
    const at = axesOf(axis, parts[0].shape.length + 1)[0];
    const widened = parts.map((part) =>
      b.reshape(part, [...part.shape.slice(0, at), 1, ...part.shape.slice(at)]),
    );
    return concat(b, widened, at);
  });
  register('Unpack', ({ value }, { axis }, b) => {
    const at = axesOf(axis, value.shape.length)[0];
    const shape = value.shape.filter((_, i) => i !== at);
    return Array.from({ length: value.shape[at] }, (_, i) => b.reshape(sliceAxis(b, value, at, i, 1), shape));
  });
  register('SplitV', ({ x }, { numOrSizeSplits, axis }, b) => {
    const at = axesOf(axis, x.shape.length)[0];
    const sizes = Array.isArray(numOrSizeSplits)
      ? (numOrSizeSplits as number[]).map((size) => size)
      : Array.from({ length: numOrSizeSplits as number }, () => x.shape[at] / (numOrSizeSplits as number));
    const free = sizes.indexOf(-1);
    if (free >= 0) sizes[free] = x.shape[at] - sizes.reduce((sum, size) => sum + Math.max(0, size), 0);
    let start = 0;
    return sizes.map((size) => {
      const part = sliceAxis(b, x, at, start, size);
      start += size;
      return part;
    });
  });
  register('Slice', ({ x }, { begin, size }, b) => {
    const [starts, sizes] = tf.slice_util.parseSliceParams(x as never, begin as number[], size as number[]);
    const ends = starts.map((start, axis) => start + sizes[axis]);
    return slice(
      b,
      x,
      starts,
      ends,
      starts.map(() => 1),
    );
  });
  register('StridedSlice', ({ x }, attributes, b) => {
    const a = attributes as Record<string, number> & { begin: number[]; end: number[]; strides: number[] };
    const info = tf.slice_util.sliceInfo(
      [...x.shape],
      a.begin,
      a.end,
      a.strides,
      a.beginMask,
      a.endMask,
      a.ellipsisMask,
      a.newAxisMask,
      a.shrinkAxisMask,
    );
    const part = slice(b, x, info.begin, info.end, info.strides);
    return b.reshape(part, info.finalShape);
  });
  register('PadV2', ({ x }, { paddings, constantValue }, b) => {
    const pairs = paddings as [number, number][];
    return b.pad(
      x,
      pairs.map((pair) => pair[0]),
      pairs.map((pair) => pair[1]),
      constantValue as number,
    );
  });
  register('MirrorPad', ({ x }, { paddings, mode }, b) =>
    mirrorPad(b, x, paddings as [number, number][], mode === 'reflect'),
  );
  register('Range', (_inputs, { start, stop, step, dtype }, b) => {
    const [from, to] = [start as number, stop as number];
    // TF.js counts down by itself where the step was left at 1.
    const by = to < from && step === 1 ? -1 : (step as number);
    const count = Math.max(0, Math.ceil((to - from) / by));
    const values = Array.from({ length: count }, (_, i) => from + i * by);
    return b.graph.constant(values, [count], (dtype as 'float32' | 'int32' | undefined) ?? 'float32');
  });
  register('Reverse', ({ x }, { dims }, b) => reverse(b, x, axesOf(dims, x.shape.length)));
}

function resolveShape(shape: readonly number[], x: GraphNode): number[] {
  const known = shape.reduce((size, extent) => (extent === -1 ? size : size * extent), 1);
  return shape.map((extent) => (extent === -1 ? sizeOf(x.shape) / known : extent));
}

/** Negative strides run backwards: `end` then lies before `begin`. */
function slice(
  b: GraphBuilder,
  x: GraphNode,
  begin: readonly number[],
  end: readonly number[],
  strides: readonly number[],
): GraphNode {
  // ONNX reads a negative end as counted from the back: "before the first" has to be far away.
  return b.slice(
    x,
    begin,
    end.map((stop, axis) => (strides[axis] < 0 && stop < 0 ? BEFORE_THE_FIRST : stop)),
    strides,
  );
}

export function sliceAxis(
  b: GraphBuilder,
  x: GraphNode,
  axis: number,
  start: number,
  size: number,
): GraphNode {
  const begin = x.shape.map((_, i) => (i === axis ? start : 0));
  const end = x.shape.map((extent, i) => (i === axis ? start + size : extent));
  return slice(
    b,
    x,
    begin,
    end,
    x.shape.map(() => 1),
  );
}

export function concat(b: GraphBuilder, parts: readonly GraphNode[], axis: number): GraphNode {
  const full = parts.filter((part) => sizeOf(part.shape) > 0);
  if (full.length === 1) return full[0];
  const shape = [...full[0].shape];
  shape[axis] = full.reduce((sum, part) => sum + part.shape[axis], 0);
  return b.make('concat', full, shape, { axis });
}

export function reverse(b: GraphBuilder, x: GraphNode, axes: readonly number[]): GraphNode {
  const turned = axes.filter((axis) => x.shape[axis] > 1);
  const begin = x.shape.map((extent, axis) => (turned.includes(axis) ? extent - 1 : 0));
  const end = x.shape.map((extent, axis) => (turned.includes(axis) ? -1 : extent));
  return slice(
    b,
    x,
    begin,
    end,
    x.shape.map((_, axis) => (turned.includes(axis) ? -1 : 1)),
  );
}

/** Repeats: an axis of extent 1 broadcasts, any other is set beside a new axis first. */
function tile(b: GraphBuilder, x: GraphNode, reps: readonly number[]): GraphNode {
  const split = x.shape.flatMap((extent, axis) =>
    extent === 1 || reps[axis] === 1 ? [extent] : [1, extent],
  );
  const whole = x.shape.flatMap((extent, axis) =>
    extent === 1 || reps[axis] === 1 ? [extent * reps[axis]] : [reps[axis], extent],
  );
  const shape = x.shape.map((extent, axis) => extent * reps[axis]);
  return b.reshape(b.broadcastTo(b.reshape(x, split), whole), shape);
}

function mirrorPad(
  b: GraphBuilder,
  x: GraphNode,
  paddings: readonly [number, number][],
  reflect: boolean,
): GraphNode {
  let result = x;
  paddings.forEach(([before, after], axis) => {
    const extent = result.shape[axis];
    const skip = reflect ? 1 : 0;
    const parts: GraphNode[] = [];
    if (before > 0) parts.push(reverse(b, sliceAxis(b, result, axis, skip, before), [axis]));
    parts.push(result);
    if (after > 0) parts.push(reverse(b, sliceAxis(b, result, axis, extent - after - skip, after), [axis]));
    result = concat(b, parts, axis);
  });
  return result;
}
