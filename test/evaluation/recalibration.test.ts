import { describe, expect, it } from 'vitest';
import {
  applyIsotonic,
  applyTemperature,
  calibrateOneVersusRest,
  fitIsotonic,
  fitPlatt,
  fitTemperature,
  logitsOf,
} from '../../src-main/evaluation/recalibration/index.ts';
import { RandomStream } from '../../src-main/platform/random.ts';

const random = new RandomStream(12, 'recalibration');

describe('the temperature', () => {
  it('is what the logits of a calibrated model were multiplied by', () => {
    const logits = Array.from({ length: 4000 }, () => [0, 1, 2].map(() => 1.5 * random.normal()));
    const labels = applyTemperature(logits, 1).map((row) => {
      const drawn = random.uniform();
      return drawn < row[0] ? 0 : drawn < row[0] + row[1] ? 1 : 2;
    });
    const sure = logits.map((row) => row.map((value) => 3 * value));
    expect(Math.abs(fitTemperature(sure, labels) - 3)).toBeLessThan(0.2);
  });

  it('is the same from logits and from the probabilities they give', () => {
    const logits = Array.from({ length: 30 }, () => [random.normal(), random.normal()]);
    const labels = logits.map(() => random.integer(2));
    const again = logitsOf(applyTemperature(logits, 1));
    expect(fitTemperature(again, labels)).toBeCloseTo(fitTemperature(logits, labels), 6);
  });

  it('is 1 where nothing can be learned, and finite where the model is always right', () => {
    expect(fitTemperature([], [])).toBe(1);
    expect(fitTemperature([[2, 2]], [0])).toBe(1);
    expect(fitTemperature([[5, 0]], [0])).toBe(0.01);
    expect(applyTemperature([[500, -500]], 0.01)[0]).toEqual(Float64Array.of(1, 0));
    expect(logitsOf([[0, 1]])[0].every(Number.isFinite)).toBe(true);
  });
});

describe('calibration of one condition', () => {
  it('says the smoothed share where the score says nothing', () => {
    const { slope, offset } = fitPlatt([5, 5, 5, 5], [true, false, false, false]);
    const high = 2 / 3;
    const low = 1 / 5;
    expect(slope).toBe(0);
    expect(1 / (1 + Math.exp(offset))).toBeCloseTo((high + 3 * low) / 4, 9);
    expect(fitPlatt([], [])).toEqual({ slope: 0, offset: 0 });
  });

  it('by a rising curve never falls, and is not defined of no cases', () => {
    const scores = Array.from({ length: 80 }, () => random.uniform());
    const curve = fitIsotonic(
      scores,
      scores.map((score) => random.uniform() < score),
    );
    const along = applyIsotonic(
      curve,
      Array.from({ length: 101 }, (_, i) => i / 100),
    );
    along.forEach((value, i) => expect(value).toBeGreaterThanOrEqual(along[Math.max(0, i - 1)]));
    expect(applyIsotonic(fitIsotonic([], []), [0.3])).toEqual(Float64Array.of(NaN));
  });

  it('of many classes adds up to 1, also where all get 0', () => {
    const none = calibrateOneVersusRest(() => (scores) => Array.from(scores, () => 0), [0], [[0.2, 0.8]], 2);
    expect(none([[0.4, 0.6]])).toEqual([Float64Array.of(0.5, 0.5)]);
  });
});
