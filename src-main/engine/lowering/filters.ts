import type { Emitter } from './emitter.ts';

/**
 * A filter `[kh, kw, in, out]` in the blocked layout of ONNX Runtime's convolutions: `[out/b, in/b, kh, kw, b in, b out]`,
 * or `[out/b, in, kh, kw, b out]` for the few channels of a first layer. `flip` gives the filter that carries gradients
 * back: turned by half a turn, outputs and inputs exchanged.
 */
export function blockedFilter(
  e: Emitter,
  filter: string,
  [kh, kw, from, to]: readonly number[],
  flip: boolean,
  constant = false,
): string {
  const b = e.target.block;
  const shape = flip ? [from, to, kh, kw] : [to, from, kh, kw];
  const taps = flip ? turned(e, e.reshape(filter, [kh * kw, from, to]), kh * kw) : filter;
  // ONNX Runtime folds transposes of constants, but not its own reordering.
  if (from >= b && to >= b && !constant) {
    // Reordering an image does the same to a filter, in parallel, where a general transpose takes ten times as long.
    const blocks = flip
      ? e.nchwc('ReorderInput', [e.reshape(taps, [kh * kw, from, 1, to])])
      : e.nchwc('ReorderInput', [e.reshape(taps, [kh * kw, 1, from, to])], { channels_last: 1 });
    if (kh * kw === 1) return e.reshape(blocks, shape);
    const [outer, inner] = flip ? [from / b, to / b] : [to / b, from / b];
    return e.reshape(e.transpose(e.reshape(blocks, [kh * kw, outer, inner, b * b]), [1, 2, 0, 3]), shape);
  }
  if (from >= b && to >= b) {
    const parts = e.reshape(taps, [kh * kw, from / b, b, to / b, b]);
    return e.reshape(e.transpose(parts, flip ? [1, 3, 0, 4, 2] : [3, 1, 0, 2, 4]), shape);
  }
  if (flip) {
    const parts = e.reshape(taps, [kh * kw, from / b, b, to]);
    return e.reshape(e.transpose(parts, [1, 3, 0, 2]), shape);
  }
  const parts = e.reshape(taps, [kh * kw, from, to / b, b]);
  return e.reshape(e.transpose(parts, [2, 1, 0, 3]), shape);
}

/** A filter in ONNX's own layout, `[out, in, kh, kw]`; flipped: `[in, out, kh, kw]`, turned by half a turn. */
export function channelsFirstFilter(
  e: Emitter,
  filter: string,
  [kh, kw, from, to]: readonly number[],
  flip: boolean,
): string {
  if (!flip) return e.transpose(e.reshape(filter, [kh, kw, from, to]), [3, 2, 0, 1]);
  const taps = turned(e, e.reshape(filter, [kh * kw, from, to]), kh * kw);
  return e.reshape(e.transpose(taps, [1, 2, 0]), [from, to, kh, kw]);
}

/** A depthwise filter `[kh, kw, channels, multiplier]` as `[channels·multiplier, 1, kh, kw]`, blocked on request. */
export function depthwiseFilter(
  e: Emitter,
  filter: string,
  [kh, kw, channels, multiplier]: readonly number[],
  flip: boolean,
  blocked: boolean,
): string {
  const flat = e.reshape(filter, [kh * kw, channels * multiplier]);
  const taps = flip ? turned(e, flat, kh * kw) : flat;
  const shape = [channels * multiplier, 1, kh, kw];
  if (!blocked) return e.reshape(e.transpose(taps, [1, 0]), shape);
  const { block } = e.target;
  return e.reshape(e.transpose(e.reshape(taps, [kh * kw, channels / block, block]), [1, 0, 2]), shape);
}

/** The taps in reverse order. */
function turned(e: Emitter, taps: string, count: number): string {
  if (count === 1) return taps;
  const backwards = Int32Array.from({ length: count }, (_, i) => count - 1 - i);
  return e.emit('Gather', [taps, e.constant('int32', [count], new Uint8Array(backwards.buffer))], {
    axis: 0,
  });
}
