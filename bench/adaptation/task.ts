import type { Sample } from '../../src-main/contract/dataset.ts';
import { RandomStream } from '../../src-main/platform/random.ts';
import type { ImageSource, TrainingDataset } from '../../src-main/training/index.ts';

/** Grey values in [0, 1], rows first. */
export type Picture = Float32Array;

/** What there is to draw: the same subject in the source (shift 0) and as far from it as wanted. */
export interface Drawing {
  name: string;
  classes: readonly string[];
  size: number;
  draw(seed: number, index: number): { label: number; at(shift: number): Picture };
}

/** Source, target, and what each is judged by; no subject occurs twice. */
export interface DomainTask {
  images: ImageSource;
  source: TrainingDataset;
  /** Labels are there for the upper bound alone. */
  target: TrainingDataset;
  test: Sample[];
}

export interface Sizes {
  source: number;
  target: number;
  validation: number;
  test: number;
}

/** All subjects of a drawing, once; each seed deals them anew. */
export class Pool {
  readonly #drawing: Drawing;
  readonly #subjects: ReturnType<Drawing['draw']>[];
  readonly #sizes: Sizes;
  /** By subject and shift. */
  readonly #drawn = new Map<string, Picture>();

  /** @param subjects the seed that they are drawn from */
  constructor(drawing: Drawing, sizes: Sizes, subjects: number) {
    this.#drawing = drawing;
    this.#sizes = sizes;
    const count = sizes.source + sizes.target + 2 * sizes.validation + sizes.test;
    this.#subjects = Array.from({ length: count }, (_, index) => drawing.draw(subjects, index));
  }

  /** @param shift how far the target is from the source */
  deal(seed: number, shift: number): DomainTask {
    const { classes, size, name } = this.#drawing;
    const { source, target, validation, test } = this.#sizes;
    const order = new RandomStream(seed, 'deal').shuffle(this.#subjects.keys());
    const pictures: Picture[] = [];
    const samples = (count: number, at: number): Sample[] =>
      order.splice(0, count).map((subject) => {
        const { label, at: draw } = this.#subjects[subject];
        const key = `${subject} ${at}`;
        const picture = this.#drawn.get(key) ?? draw(at);
        this.#drawn.set(key, picture);
        pictures.push(picture);
        const cacheIndex = pictures.length - 1;
        return { cacheIndex, label, patientKey: String(subject), instanceId: subject, frameIndex: 0 };
      });
    const data = (count: number, at: number): TrainingDataset => ({
      classes: [...classes],
      train: samples(count, at),
      validation: samples(validation, at),
    });
    const parts = { source: data(source, 0), target: data(target, shift), test: samples(test, shift) };
    return {
      ...parts,
      images: {
        height: size,
        width: size,
        channels: 1,
        checksum: JSON.stringify([name, seed, shift, this.#sizes]),
        read: (index, into, offset) => into.set(pictures[index], offset),
      },
    };
  }
}
