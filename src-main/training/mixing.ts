import type { RandomStream } from '../platform/random.ts';

/** A batch as it is fed to a step. */
export interface MixedBatch {
  /** `[batch, …shape]` */
  x: Float32Array;
  /** `[batch, classes]` */
  target: Float32Array;
  /** `[batch]`, of each image in the loss; or `[batch, classes]`, of each answer about it. */
  weight: Float32Array;
}

export interface MixingOptions {
  /** α of mixup's and CutMix's Beta distributions; 0 switches one off. With both on, half of the batches get each. */
  mixup: number;
  cutmix: number;
  /** Of one image or feature map, without the batch. */
  shape: readonly number[];
  classes: number;
  /** Images at the front of the batch that count; those behind only fill it up. */
  count: number;
}

/**
 * Blends each image of a batch with another one of it, labels and weights likewise: the whole of it (mixup, Zhang et al. 2018; on
 * features, manifold mixup, Verma et al. 2019) or within a rectangle (CutMix, Yun et al. 2019, for what has height and width). In place.
 *
 * @param stream names the batch
 * @returns for each image that counts the place of the one that it now shows most of
 */
export function mixBatch(batch: MixedBatch, options: MixingOptions, stream: RandomStream): number[] {
  const { mixup, cutmix, shape, count } = options;
  const places = Array.from({ length: count }, (_, at) => at);
  const canCut = cutmix > 0 && shape.length === 3;
  const cut = canCut && (mixup === 0 || stream.uniform() < 0.5);
  if ((!cut && mixup === 0) || count < 2) return places;
  const alpha = cut ? cutmix : mixup;
  const share = beta(stream, alpha);
  const others = stream.shuffle(places);
  const size = shape.reduce((product, extent) => product * extent, 1);
  const before = { x: batch.x.slice(), target: batch.target.slice(), weight: batch.weight.slice() };
  const kept = cut ? pasteRectangle(batch.x, before.x, others, options, share, stream) : share;
  if (!cut)
    others.forEach((other, at) => {
      for (let i = 0; i < size; i++)
        batch.x[at * size + i] = kept * before.x[at * size + i] + (1 - kept) * before.x[other * size + i];
    });
  const { classes } = options;
  const weights = (batch.weight.length * classes) / batch.target.length;
  const answers = classes / weights;
  others.forEach((other, at) => {
    for (let w = 0; w < weights; w++) {
      // Each label counts by its share and by the weight of its own class.
      const own = kept * before.weight[at * weights + w];
      const theirs = (1 - kept) * before.weight[other * weights + w];
      const whole = own + theirs;
      batch.weight[at * weights + w] = whole;
      if (whole === 0) continue;
      for (let c = w * answers; c < (w + 1) * answers; c++)
        batch.target[at * classes + c] =
          (own * before.target[at * classes + c] + theirs * before.target[other * classes + c]) / whole;
    }
  });
  return kept >= 0.5 ? places : others;
}

/** @returns the share of the image that stayed */
function pasteRectangle(
  x: Float32Array,
  from: Float32Array,
  others: readonly number[],
  { shape }: MixingOptions,
  share: number,
  stream: RandomStream,
): number {
  const [height, width, channels] = shape;
  const side = Math.sqrt(1 - share);
  const [middleY, middleX] = [stream.integer(height), stream.integer(width)];
  const clip = (value: number, most: number): number => Math.min(most, Math.max(0, Math.round(value)));
  const top = clip(middleY - (side * height) / 2, height);
  const bottom = clip(middleY + (side * height) / 2, height);
  const left = clip(middleX - (side * width) / 2, width);
  const right = clip(middleX + (side * width) / 2, width);
  const size = height * width * channels;
  others.forEach((other, at) => {
    for (let y = top; y < bottom; y++) {
      const row = (y * width + left) * channels;
      const length = (right - left) * channels;
      x.set(from.subarray(other * size + row, other * size + row + length), at * size + row);
    }
  });
  return 1 - ((bottom - top) * (right - left)) / (height * width);
}

/** A number in 0 … 1 from Beta(α, α), as the share of one of two draws from Gamma(α). */
export function beta(stream: RandomStream, alpha: number): number {
  const a = gamma(stream, alpha);
  const b = gamma(stream, alpha);
  // Both are 0 only for tiny α, where one image takes all.
  return a + b === 0 ? Number(stream.uniform() < 0.5) : a / (a + b);
}

/** A draw from Gamma(shape, 1) (Marsaglia and Tsang 2000). */
function gamma(stream: RandomStream, shape: number): number {
  if (shape < 1) return gamma(stream, shape + 1) * stream.uniform() ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = stream.normal();
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    const u = 1 - stream.uniform();
    if (Math.log(u) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}
