import type { WindowAttributes } from '../graph/patterns.ts';
import type { GraphNode } from '../graph/node.ts';
import type { Emitter } from './emitter.ts';

const windowOf = (node: GraphNode): WindowAttributes => node.attributes as unknown as WindowAttributes;

/** Few enough channels for the image to be folded into the phases of its stride first. */
const FEW_CHANNELS = 16;

/**
 * The gradient of a convolution towards its filter: what each tap of the filter saw, times dy, summed over all pixels
 * of the batch. Whole blocks of pixels go through ONNX Runtime's blocked convolution, others through one product.
 */
export function lowerFilterGradient(e: Emitter, node: GraphNode): void {
  const [x, dy] = node.inputs;
  const [kh, kw, from] = node.shape;
  const window = windowOf(node);
  const strided = window.strides[0] > 1 || window.strides[1] > 1;
  const dilated = window.dilations[0] > 1 || window.dilations[1] > 1;
  const pointwise = kh * kw === 1 && !strided && window.pads.every((extent) => extent === 0);
  if (pointwise) e.define(node, 'plain', e.reshape(pointwiseGradient(e, x, dy), node.shape));
  else if (strided && !dilated && from < FEW_CHANNELS) e.define(node, 'plain', throughPhases(e, node));
  else {
    const [top, bottom, left, right] = window.pads;
    const image = padded(e, e.value(x), [top, left], [bottom, right]);
    const extent = [x.shape[1] + top + bottom, x.shape[2] + left + right];
    const width = kh * kw * from;
    const parts = partsOf(dy, width, e.target.mostAtOnce ?? MOST_AT_ONCE);
    const each = dy.shape[0] / parts;
    const sums = Array.from({ length: parts }, (_, part) => {
      const batch: Part = { first: part * each, count: each };
      const own = ofBatch(e, image, x.shape[0], batch);
      const extra = kh * kw === 1 ? 0 : missingRows(e, dy, width, each);
      const shape = [each, extent[0], extent[1], from];
      const seen = unfold(e, own, shape, dy.shape, [kh, kw], window, extra);
      return product(e, seen, width, dy, batch, extra);
    });
    const whole = sums.reduce((sum, part) => e.emit('Add', [sum, part]));
    e.define(node, 'plain', e.reshape(whole, node.shape));
  }
}

/** Images of a batch, from one on. */
interface Part {
  first: number;
  count: number;
}

/** What the taps see of large maps is many times the map: beyond this many bytes at once, images go through one after the other. */
const MOST_AT_ONCE = 256 * 2 ** 20;

/** Into how many parts the batch is cut; two images stay together at least, for two threads have work then. */
function partsOf({ shape: [n, rows, columns] }: GraphNode, width: number, most: number): number {
  const bytes = 4 * n * rows * columns * width;
  if (bytes <= most) return 1;
  const divisors = Array.from({ length: n }, (_, at) => at + 1).filter((parts) => n % parts === 0);
  return (
    divisors.find((parts) => bytes / parts <= most && n / parts >= 2) ??
    divisors.findLast((parts) => n / parts >= 2) ??
    1
  );
}

/** Some images of a batch, out of a value whose first axis it is. */
function ofBatch(e: Emitter, value: string, n: number, { first, count }: Part): string {
  return count === n ? value : e.slice(value, [first], [first + count], [1], [0]);
}

/** A 1×1 filter: x and dy already have their pixels in common. Only the narrower of the two is rearranged. */
function pointwiseGradient(e: Emitter, x: GraphNode, dy: GraphNode): string {
  const from = x.shape[3];
  const [n, height, width, to] = dy.shape;
  const pixels = height * width;
  const merged = imagesPerBlock(e, dy);
  if (merged && from > to && e.blockable(x)) {
    const swapped = throughBlocks(e, e.value(dy), [n / merged, pixels * merged, to], x, merged);
    return e.nchwc('ReorderOutput', [e.reshape(swapped, [1, from, 1, to])], { channels: from });
  }
  if (merged && e.blockable(dy)) {
    const blocked = throughBlocks(e, e.value(x), [n / merged, pixels * merged, from], dy, merged);
    return e.nchwc('ReorderOutput', [e.reshape(blocked, [1, to, 1, from])], {
      channels: to,
      channels_last: 1,
    });
  }
  return product(e, e.value(x), from, dy);
}

/** How many images together have whole blocks of pixels; undefined when no number that divides the batch has. */
function imagesPerBlock(e: Emitter, image: GraphNode): number | undefined {
  const [n, height, width] = image.shape;
  const { block } = e.target;
  if (block === 0) return undefined;
  return [1, 2, 4, 8, 16].find((count) => n % count === 0 && (height * width * count) % block === 0);
}

/** Up to so many bytes of what taps saw are worth rearranging where pixels do not come in whole blocks. */
const WORTH_FILLING = 64 * 2 ** 20;

/** Rows of nothing that fill the pixels of a batch up to whole blocks, where no number of its images has them; else 0. */
function missingRows(e: Emitter, dy: GraphNode, width: number, n: number): number {
  const rows = n * dy.shape[1] * dy.shape[2];
  const { block } = e.target;
  const worth = dy.shape[3] >= 4 * block && 4 * rows * width <= WORTH_FILLING;
  if (!e.blockable(dy) || !worth || imagesTogether(e, dy, width, n)) return 0;
  return block - (rows % block);
}

/**
 * How many images share a group of the blocked product; undefined where no number of them has whole blocks of pixels. Apart, each
 * leaves a filter's gradient of its own to be written and summed; together, dy has to be rearranged first.
 */
function imagesTogether(e: Emitter, dy: GraphNode, width: number, n: number): number | undefined {
  if (!e.blockable(dy)) return undefined;
  const pixels = dy.shape[1] * dy.shape[2];
  const cost = (merged: number): number =>
    (merged > 1 ? n * pixels : 0) + (merged < n ? (n / merged) * width : 0);
  return Array.from({ length: n }, (_, at) => at + 1)
    .filter((merged) => n % merged === 0 && (merged * pixels) % e.target.block === 0)
    .sort((a, b) => cost(a) - cost(b))[0];
}

/** `[rows, width]ᵀ · dy` with a row for each pixel of the batch, or of a part of it, and `extra` ones that do not count: `[width, channels of dy]`. */
function product(
  e: Emitter,
  seen: string,
  width: number,
  dy: GraphNode,
  part: Part = { first: 0, count: dy.shape[0] },
  extra = 0,
): string {
  const [, height, columns, to] = dy.shape;
  const n = part.count;
  const pixels = height * columns;
  const merged = extra > 0 ? n : imagesTogether(e, dy, width, n);
  if (merged) {
    const shape = [n / merged, merged * pixels + extra, width];
    const blocked = throughBlocks(e, seen, shape, dy, merged, part, extra);
    return e.nchwc('ReorderOutput', [e.reshape(blocked, [1, to, 1, width])], {
      channels: to,
      channels_last: 1,
    });
  }
  const rows = (value: string, extent: number): string => e.reshape(value, [n * pixels, extent]);
  const slope = ofBatch(e, e.value(dy), dy.shape[0], part);
  return e.matMul(rows(seen, width), rows(slope, to), { transposeA: true, rankA: 2, rankB: 2 });
}

/**
 * The product as a blocked 1×1 convolution, one group for each image of the batch: pixels are its input channels, and
 * a blocked image lies in memory exactly as the filter of such a convolution does. `merged` images share a group;
 * `extra` pixels of dy that are nothing fill it up. Returns the sum over the batch, `[channels/b, width, b]`.
 */
function throughBlocks(
  e: Emitter,
  seen: string,
  [n, pixels, width]: readonly number[],
  filter: GraphNode,
  merged: number,
  part?: Part,
  extra = 0,
): string {
  const channels = filter.shape[3];
  const image = e.nchwc('ReorderInput', [e.reshape(seen, [n, pixels, 1, width])]);
  const { block } = e.target;
  const blocks = channels / block;
  const all = e.value(filter, 'blocked');
  const own = part ? ofBatch(e, all, filter.shape[0], part) : all;
  const lanes = ((pixels - extra) / merged) * block;
  const together = merged === 1 ? own : e.transpose(e.reshape(own, [n, merged, blocks, lanes]), [0, 2, 1, 3]);
  const full =
    extra === 0
      ? together
      : e.pad(
          e.reshape(together, [n, blocks, merged * lanes]),
          [0, 0, 0],
          [0, 0, extra * block],
          e.scalar(0),
        );
  const kernel = e.reshape(full, [n * channels, pixels, 1, 1]);
  // Rows of the image are what threads share, where groups are few.
  const rows = [9, 8, 7, 5, 4, 3, 2].find((count) => n === 1 && width % count === 0) ?? 1;
  const each = e.nchwc('Conv', [e.reshape(image, [1, n * pixels, rows, width / rows]), kernel], {
    group: n,
    kernel_shape: [1, 1],
  });
  if (n === 1) return each;
  return e.emit('ReduceSum', [e.reshape(each, [n, channels * width]), e.integers([0])], { keepdims: 0 });
}

/**
 * What every tap saw of an NHWC image, side by side: `[pixels of dy + extra, kh·kw·channels]`. One gather of whole pixels,
 * which ONNX Runtime runs in parallel, instead of a slice for each tap and their concatenation.
 */
function unfold(
  e: Emitter,
  image: string,
  [n, height, width, channels]: readonly number[],
  dy: readonly number[],
  [kh, kw]: readonly number[],
  { strides, dilations }: Pick<WindowAttributes, 'strides' | 'dilations'>,
  extra = 0,
): string {
  const [, rows, columns] = dy;
  if (kh * kw === 1 && strides[0] === 1 && strides[1] === 1) return image;
  const key = `unfold ${[n, height, width, rows, columns, kh, kw, ...strides, ...dilations, extra]}`;
  const index = e.once(key, () => {
    const list = new Int32Array((n * rows * columns + extra) * kh * kw);
    let at = 0;
    for (let picture = 0; picture < n; picture++) {
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          for (let down = 0; down < kh; down++) {
            const line = (picture * height + row * strides[0] + down * dilations[0]) * width;
            for (let right = 0; right < kw; right++)
              list[at++] = line + column * strides[1] + right * dilations[1];
          }
        }
      }
    }
    return e.constant('int32', [list.length], new Uint8Array(list.buffer));
  });
  return e.emit('Gather', [e.reshape(image, [n * height * width, channels]), index], { axis: 0 });
}

/**
 * For a strided filter over few channels (a network's first layer): the image is folded into its stride × stride
 * phases, so that taps become few and wide.
 */
function throughPhases(e: Emitter, node: GraphNode): string {
  const [x, dy] = node.inputs;
  const [kh, kw, from, to] = node.shape;
  const { strides, pads } = windowOf(node);
  const [down, right] = strides;
  const [n, height, width] = x.shape;
  const taps = [Math.ceil(kh / down), Math.ceil(kw / right)];
  const rows = dy.shape[1] + taps[0] - 1;
  const columns = dy.shape[2] + taps[1] - 1;
  const after = [rows * down - pads[0] - height, columns * right - pads[2] - width];
  let image = padded(
    e,
    e.value(x),
    [pads[0], pads[2]],
    after.map((extent) => Math.max(0, extent)),
  );
  if (after.some((extent) => extent < 0))
    image = e.slice(image, [0, 0], [rows * down, columns * right], [1, 1], [1, 2]);
  const phases = e.transpose(e.reshape(image, [n, rows, down, columns, right, from]), [0, 1, 3, 2, 4, 5]);
  const channels = down * right * from;
  const seen = unfold(
    e,
    e.reshape(phases, [n, rows, columns, channels]),
    [n, rows, columns, channels],
    dy.shape,
    taps,
    {
      strides: [1, 1],
      dilations: [1, 1],
    },
  );
  const result = e.reshape(product(e, seen, taps[0] * taps[1] * channels, dy), [
    taps[0],
    taps[1],
    down,
    right,
    from * to,
  ]);
  const unfolded = e.reshape(e.transpose(result, [0, 2, 1, 3, 4]), [
    taps[0] * down,
    taps[1] * right,
    from,
    to,
  ]);
  if (taps[0] * down === kh && taps[1] * right === kw) return unfolded;
  return e.slice(unfolded, [0, 0], [kh, kw], [1, 1], [0, 1]);
}

function padded(e: Emitter, image: string, before: readonly number[], after: readonly number[]): string {
  if ([...before, ...after].every((extent) => extent === 0)) return image;
  return e.pad(image, [0, ...before, 0], [0, ...after, 0], e.scalar(0));
}
