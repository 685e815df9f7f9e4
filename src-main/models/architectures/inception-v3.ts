import { NetworkBuilder } from '../builder.ts';
import type { KernelSize, Network, Padding, Variant } from '../network.ts';

type Step = readonly [filters: number, size: KernelSize, strides?: number, padding?: Padding];

/**
 * InceptionV3 as in Keras (Szegedy et al. 2016). Stages stem, mixed35 (mixed0 … mixed2), mixed17 (mixed3 … mixed7)
 * and mixed8 (mixed8 … mixed10), called by their resolution for images of 299², and head. Layers that Keras leaves
 * without a name have the one that it gives them in a fresh session: conv2d, conv2d_1, … in the order in which they
 * are made. Normalisation has no scale (gamma), as each is followed by a ReLU and a convolution. torchvision's has one, and
 * its averages count the zeros around the image.
 */
export function inceptionV3(
  inputShape: readonly [number, number, number],
  classes: number,
  variant: Variant = 'keras',
): Network {
  const b = new InceptionBuilder(inputShape, variant);
  b.branch(undefined, [32, 3, 2, 'valid'], [32, 3, 1, 'valid'], [64, 3]);
  b.reduce();
  b.branch(undefined, [80, 1, 1, 'valid'], [192, 3, 1, 'valid']);
  b.reduce();
  b.stage('mixed35');
  b.mixed35('mixed0', 32);
  b.mixed35('mixed1', 64);
  b.mixed35('mixed2', 64);
  b.stage('mixed17');
  b.to17('mixed3');
  b.mixed17('mixed4', 128);
  b.mixed17('mixed5', 160);
  b.mixed17('mixed6', 160);
  b.mixed17('mixed7', 192);
  b.stage('mixed8');
  b.to8('mixed8');
  b.mixed8('mixed9', 'mixed9_0');
  b.mixed8('mixed10', 'mixed9_1');
  b.head(classes);
  return b.build();
}

class InceptionBuilder extends NetworkBuilder {
  readonly #made = new Map<string, number>();

  readonly #variant: Variant;

  constructor(inputShape: readonly [number, number, number], variant: Variant) {
    const normalization =
      variant === 'keras'
        ? { epsilon: 1e-3, momentum: 0.99, scale: false }
        : { epsilon: 1e-3, momentum: 0.9 };
    super('inception_v3', inputShape, 'stem', normalization, variant);
    this.#variant = variant;
  }

  /** Keras's name for the next unnamed layer of a kind. */
  #next(kind: string): string {
    const count = this.#made.get(kind) ?? 0;
    this.#made.set(kind, count + 1);
    return count === 0 ? kind : `${kind}_${count}`;
  }

  /** Convolutions one after the other, each normalised and with a ReLU. */
  branch(from: string | undefined, ...steps: readonly Step[]): string {
    steps.forEach(([filters, size, strides = 1, padding = 'same'], at) => {
      this.conv2d(this.#next('conv2d'), filters, size, { strides, padding }, at === 0 ? from : undefined);
      this.normalize(this.#next('batch_normalization'));
      this.activate(this.#next('activation'));
    });
    return this.last;
  }

  /** Half the resolution, by the maximum. */
  reduce(from?: string): string {
    return this.maxPool(this.#next('max_pooling2d'), 3, 2, 'valid', from);
  }

  #pooled(from: string, filters: number): string {
    const name = this.#next('average_pooling2d');
    if (this.#variant === 'keras')
      return this.branch(this.averagePool(name, 3, 1, 'same', from), [filters, 1]);
    // torchvision counts the zeros beyond the edge.
    const padded = this.pad(`${name}_pad`, [1, 1, 1, 1], from);
    return this.branch(this.averagePool(name, 3, 1, 'valid', padded), [filters, 1]);
  }

  mixed35(name: string, pooled: number): void {
    const x = this.last;
    this.concatenate(name, [
      this.branch(x, [64, 1]),
      this.branch(x, [48, 1], [64, 5]),
      this.branch(x, [64, 1], [96, 3], [96, 3]),
      this.#pooled(x, pooled),
    ]);
  }

  to17(name: string): void {
    const x = this.last;
    this.concatenate(name, [
      this.branch(x, [384, 3, 2, 'valid']),
      this.branch(x, [64, 1], [96, 3], [96, 3, 2, 'valid']),
      this.reduce(x),
    ]);
  }

  /** 7×7 windows as rows and columns of 7. */
  mixed17(name: string, width: number): void {
    const x = this.last;
    this.concatenate(name, [
      this.branch(x, [192, 1]),
      this.branch(x, [width, 1], [width, [1, 7]], [192, [7, 1]]),
      this.branch(x, [width, 1], [width, [7, 1]], [width, [1, 7]], [width, [7, 1]], [192, [1, 7]]),
      this.#pooled(x, 192),
    ]);
  }

  to8(name: string): void {
    const x = this.last;
    this.concatenate(name, [
      this.branch(x, [192, 1], [320, 3, 2, 'valid']),
      this.branch(x, [192, 1], [192, [1, 7]], [192, [7, 1]], [192, 3, 2, 'valid']),
      this.reduce(x),
    ]);
  }

  mixed8(name: string, pair: string): void {
    const x = this.last;
    const single = this.branch(x, [320, 1]);
    const narrow = this.branch(x, [384, 1]);
    const split = this.concatenate(pair, [
      this.branch(narrow, [384, [1, 3]]),
      this.branch(narrow, [384, [3, 1]]),
    ]);
    const double = this.branch(x, [448, 1], [384, 3]);
    const splitDouble = this.concatenate(this.#next('concatenate'), [
      this.branch(double, [384, [1, 3]]),
      this.branch(double, [384, [3, 1]]),
    ]);
    this.concatenate(name, [single, split, splitDouble, this.#pooled(x, 192)]);
  }
}
