import { describe, expect, it } from 'vitest';
import type { SweepReport } from '../../../src-main/contract/sweep.ts';
import { isCurve, sweepTitle } from '../../../src-renderer/screens/run/sweep-words.ts';
import { offered, Sweeps, valuesOf } from '../../../src-renderer/screens/run/sweeps.svelte.ts';

describe('a sweep that a person is about to start', () => {
  it('takes values as they are written: numbers where they are some, else words', () => {
    expect(valuesOf('1e-4, 0.3,  full ,')).toEqual([1e-4, 0.3, 'full']);
    expect(valuesOf(' ')).toEqual([]);
  });

  it('counts the combinations of the fields that vary', () => {
    const sweeps = new Sweeps();
    expect(sweeps.combinations).toBe(3);
    const rate = offered.find(({ name }) => name === 'learningRate')!;
    sweeps.toggle(rate);
    expect(sweeps.combinations).toBe(9);
    sweeps.fields.learningRate = '1e-4';
    expect(sweeps.combinations).toBe(3);
    sweeps.toggle(rate);
    expect(Object.keys(sweeps.fields)).toEqual(['head.dropout']);
  });
});

describe('the points of a learning curve', () => {
  const definition = { strategy: 'grid', space: { trainShare: [0.5, 1], seed: [7, 8] } } as const;

  it('are not offered as plans of a search, and go by their own name', () => {
    const curve = { id: 3, definition, trials: [1, 2, 3, 4] } as unknown as SweepReport;
    expect(isCurve(curve)).toBe(true);
    expect(sweepTitle(curve)).toBe('Learning curve 3: 4 trainings');
    const search = {
      id: 4,
      definition: { ...definition, space: { seed: [7, 8], 'head.dropout': [0] } },
      trials: [1],
    };
    expect(isCurve(search as unknown as SweepReport)).toBe(false);
    expect(sweepTitle(search as unknown as SweepReport)).toBe('Sweep 4: 1 trial, seed, Dropout');
  });
});
