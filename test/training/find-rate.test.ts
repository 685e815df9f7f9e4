import { describe, expect, it } from 'vitest';
import { loadModel } from '../../src-main/models/index.ts';
import { findRate, LossWatch } from '../../src-main/training/index.ts';
import { settings, task, tinyModelFolder } from './helpers.ts';

describe('the rate finder', () => {
  it('raises the rate until the loss runs away, proposes one on the way down, and puts every weight back', async () => {
    const initial = tinyModelFolder();
    const before = loadModel(initial).parameters.hash();
    const work = task(settings({ initial, freezePreset: 'full', headEpochs: 0, batchSize: 8 }));
    const sweep = await findRate(work);
    expect(sweep.restored).toBe(true);
    expect(loadModel(initial).parameters.hash()).toBe(before);
    const rates = sweep.points.map(({ rate }) => rate);
    expect(rates).toEqual(rates.toSorted((a, b) => a - b));
    expect(sweep.suggestion).toBeGreaterThan(1e-6);
    expect(sweep.suggestion).toBeLessThan(sweep.lowest!);
    expect(sweep).toMatchObject({ setting: 'learningRate', diverged: null });
    expect(await findRate(work)).toEqual(sweep);
  });

  it('reads the steepest fall, not above a third of where the loss was lowest', () => {
    const watch = new LossWatch();
    const rates = Array.from({ length: 60 }, (_, at) => 1e-6 * 10 ** (at / 10));
    // A valley: flat, falling around 1e-3, lowest near 1e-2, then up.
    const going = rates.map((rate) => {
      const place = Math.log10(rate);
      const loss = place < -2 ? 1 - 0.8 / (1 + Math.exp(-6 * (place + 3))) : 0.2 + 2 * (place + 2) ** 2;
      return watch.sees(rate, loss);
    });
    const { suggestion, lowest, diverged } = watch.verdict();
    // The sweep goes no further than the step at which it first says so.
    expect(diverged).toBe(rates[going.length - 1]);
    expect(suggestion).toBeGreaterThan(3e-4);
    expect(suggestion).toBeLessThan(5e-3);
    expect(lowest).toBeGreaterThan(suggestion!);
    expect(going.at(-1)).toBe(false);
  });

  it('proposes nothing where the loss never fell, and stops at a number that is none', () => {
    const watch = new LossWatch();
    for (let at = 0; at < 10; at++) watch.sees(1e-5 * 2 ** at, 1 + at / 10);
    expect(watch.verdict().suggestion).toBeNull();
    expect(watch.verdict().diverged).toBeNull();
    expect(watch.sees(1, NaN)).toBe(false);
    expect(watch.verdict()).toMatchObject({ diverged: 1, points: { length: 10 } });
  });
});
