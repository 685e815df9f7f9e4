import { GraftError } from '../contract/errors.ts';
import type { CompiledProgram, Parameters } from '../engine/index.ts';
import { inferenceProgram, type Model } from '../models/index.ts';
import type { ActivationMap, MapContext, MapRequest, Target } from './target.ts';

const BATCH = 16;

/** Where patches begin along one side: every so many pixels, the last at the edge. */
export function patchStarts(extent: number, patch: number, stride: number): number[] {
  const last = extent - patch;
  const starts: number[] = [];
  for (let at = 0; at < last; at += stride) starts.push(at);
  return [...starts, last];
}

/**
 * Makes maps by occlusion (Zeiler and Fergus 2014): each patch in turn is covered with the image's mean, and a pixel's value is the mean fall of the
 * class's probability over the patches that cover it; where it rises, 0. Answers are computed in batches.
 */
export class OcclusionMaps {
  readonly #compiled: CompiledProgram;
  readonly #context: MapContext;
  readonly #batch: number;
  readonly #patch: number;
  readonly #stride: number;
  readonly #classes: number;

  private constructor(
    compiled: CompiledProgram,
    context: MapContext,
    sizes: { batch: number; patch: number; stride: number; classes: number },
  ) {
    this.#compiled = compiled;
    this.#context = context;
    this.#batch = sizes.batch;
    this.#patch = sizes.patch;
    this.#stride = sizes.stride;
    this.#classes = sizes.classes;
  }

  /** @throws GraftError `patch-too-large` */
  static async open(
    model: Model,
    request: MapRequest,
    context: MapContext,
    parameters?: Parameters,
  ): Promise<OcclusionMaps> {
    const { height, width } = context.images;
    const side = Math.min(height, width);
    const patch = request.patch ?? Math.max(2, Math.round(side / 8));
    const stride = request.stride ?? Math.max(1, Math.round(patch / 2));
    if (patch > side) {
      throw new GraftError(
        'patch-too-large',
        `Expected a patch of at most ${side} pixels, the side of the images; found ${patch}. Choose a smaller one.`,
      );
    }
    const program = inferenceProgram(model, BATCH);
    const compiled = await context.executor.compile(
      program,
      parameters ?? model.parameters,
      parameters ? {} : { constants: 'all' },
    );
    const classes = model.classes.length;
    return new OcclusionMaps(compiled, context, { batch: BATCH, patch, stride, classes });
  }

  async of(targets: readonly Target[], onDone: (count: number) => void = () => {}): Promise<ActivationMap[]> {
    const maps: ActivationMap[] = [];
    for (const target of targets) {
      maps.push(await this.#one(target));
      onDone(1);
    }
    return maps;
  }

  async #one({ sample, classIndex }: Target): Promise<ActivationMap> {
    const { height, width, channels } = this.#context.images;
    const image = new Float32Array(height * width * channels);
    this.#context.images.read(sample.cacheIndex, image, 0);
    const mean = image.reduce((sum, value) => sum + value, 0) / image.length;
    const patches = patchStarts(height, this.#patch, this.#stride).flatMap((top) =>
      patchStarts(width, this.#patch, this.#stride).map((left) => ({ top, left })),
    );
    // The first is the image itself.
    const [whole, ...covered] = await this.#answers(image, [null, ...patches], mean, classIndex);
    const falls = new Float64Array(height * width);
    const counts = new Float64Array(height * width);
    patches.forEach(({ top, left }, at) => {
      for (let row = top; row < top + this.#patch; row++)
        for (let column = left; column < left + this.#patch; column++) {
          falls[row * width + column] += whole - covered[at];
          counts[row * width + column]++;
        }
    });
    const values = Float32Array.from(falls, (fall, at) => Math.max(0, fall / counts[at]));
    return { rows: height, columns: width, values };
  }

  async #answers(
    image: Float32Array,
    patches: readonly ({ top: number; left: number } | null)[],
    fill: number,
    classIndex: number,
  ): Promise<number[]> {
    const { width, channels } = this.#context.images;
    const answers: number[] = [];
    for (let start = 0; start < patches.length; start += this.#batch) {
      await new Promise(setImmediate);
      if (this.#context.signal?.aborted) throw GraftError.cancelled('The explanation');
      const group = patches.slice(start, start + this.#batch);
      const batch = new Float32Array(this.#batch * image.length);
      group.forEach((patch, at) => {
        batch.set(image, at * image.length);
        if (!patch) return;
        for (let row = patch.top; row < patch.top + this.#patch; row++) {
          const from = at * image.length + (row * width + patch.left) * channels;
          batch.fill(fill, from, from + this.#patch * channels);
        }
      });
      const { probabilities } = await this.#compiled.run({ image: batch });
      for (let at = 0; at < group.length; at++)
        answers.push(probabilities.data[at * this.#classes + classIndex]);
    }
    return answers;
  }

  dispose(): Promise<void> {
    return this.#compiled.dispose();
  }
}
