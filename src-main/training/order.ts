import { RandomStream } from '../platform/random.ts';

/**
 * In which order an epoch looks at the training images: each once, shuffled; or, balanced, each class as often as every other,
 * whose images come again when they have all been seen, so that an epoch is as long as ever. An image that stands in several groups is
 * drawn for each of them.
 *
 * @param epoch from 1; it names the random streams
 * @returns indexes of images
 */
export function epochOrder(
  labels: readonly (number | readonly number[])[],
  epoch: number,
  { seed, balanced }: { seed: number; balanced: boolean },
): number[] {
  if (!balanced) return new RandomStream(seed, 'order', epoch).shuffle(labels.keys());
  const stream = new RandomStream(seed, 'balanced', epoch);
  const members = labels.flatMap((groups, index) =>
    (typeof groups === 'number' ? [groups] : groups).map((group) => ({ group, index })),
  );
  const classes = [...Map.groupBy(members, ({ group }) => group)]
    .sort(([a], [b]) => a - b)
    .map(
      ([, own]) =>
        new Deck(
          own.map(({ index }) => index),
          stream,
        ),
    );
  const order: number[] = [];
  while (order.length < labels.length) for (const deck of stream.shuffle(classes)) order.push(deck.next());
  return order.slice(0, labels.length);
}

/** Cards that are shuffled anew when all have been dealt. */
class Deck {
  readonly #cards: readonly number[];
  readonly #stream: RandomStream;
  #left: number[] = [];

  constructor(cards: readonly number[], stream: RandomStream) {
    this.#cards = cards;
    this.#stream = stream;
  }

  next(): number {
    if (this.#left.length === 0) this.#left = this.#stream.shuffle(this.#cards);
    return this.#left.pop()!;
  }
}
