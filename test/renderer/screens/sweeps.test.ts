import { describe, expect, it } from 'vitest';
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
