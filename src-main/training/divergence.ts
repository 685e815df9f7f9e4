import { GraftError } from '../contract/errors.ts';

/** @param rate of the phase in which it overflowed */
export function diverged(what: 'loss' | 'answers', epoch: number, rate: number): GraftError {
  const found =
    what === 'loss' ? 'the loss to stay a number, found that it' : 'answers to stay numbers, found that they';
  return new GraftError(
    'training-diverged',
    `Expected ${found} overflowed in epoch ${epoch}: the learning rate ${rate} is too high for this data. Try ${Number((rate / 10).toPrecision(2))}; the run keeps what it had before.`,
  );
}
