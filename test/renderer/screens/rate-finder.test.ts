import { describe, expect, it } from 'vitest';
import { planSchema } from '../../../src-main/contract/calls/plans.ts';
import type { PlanRates, RateSweep } from '../../../src-main/contract/rate-finder.ts';
import { chartOf, RateFinder, rateText } from '../../../src-renderer/screens/plan/rate-finder.svelte.ts';
import { playBridge } from '../bridge.ts';

const sweep: RateSweep = {
  points: [
    { rate: 1e-5, loss: 1.1, smoothed: 1 },
    { rate: 1e-4, loss: 0.7, smoothed: 0.8 },
    { rate: 1e-3, loss: 0.3, smoothed: 0.4 },
    { rate: 1e-2, loss: 9, smoothed: 7 },
  ],
  suggestion: 2.44e-4,
  lowest: 1e-3,
  diverged: 1e-2,
  restored: true,
  setting: 'learningRate',
};

describe('the curve of a sweep', () => {
  it('shows the valley, not how far the loss ran away, and marks what was found', () => {
    const chart = chartOf(sweep)!;
    expect(chart.top).toBe(1.5);
    expect(chart.smoothed.map(([, loss]) => loss)).toEqual([1, 0.8, 0.4, 1.5]);
    expect(chart.losses.at(-1)).toEqual([1e-2, 1.5]);
    expect(chart.bottom).toBeLessThan(0.3);
    expect(chart.marks).toEqual([
      { x: 2.44e-4, label: 'proposed 2.4e−4' },
      { x: 1e-3, label: 'lowest loss 0.001' },
      { x: 1e-2, label: 'ran away' },
    ]);
  });

  it('is none of a single step, and marks nothing that was not found', () => {
    expect(chartOf({ ...sweep, points: sweep.points.slice(0, 1) })).toBeNull();
    expect(chartOf({ ...sweep, suggestion: null, lowest: null, diverged: null })!.marks).toEqual([]);
  });

  it('writes rates as people do', () => {
    expect([3.16e-4, 0.0123, 1e-7, 1].map(rateText)).toEqual(['3.2e−4', '0.012', '1e−7', '1']);
  });
});

describe('what is known of rates', () => {
  it('is that of the plan asked for last, whichever answer comes last', async () => {
    const known = (at: string): PlanRates => ({ own: null, otherAt: at });
    const waiting: ((rates: PlanRates) => void)[] = [];
    playBridge({ 'plans.rates': () => new Promise<PlanRates>((resolve) => waiting.push(resolve)) });
    const finder = new RateFinder();
    const [first, second] = [finder.load(planSchema.parse({})), finder.load(planSchema.parse({}))];
    await new Promise((resolve) => setTimeout(resolve));
    waiting[1](known('second'));
    waiting[0](known('first'));
    await Promise.all([first, second]);
    expect(finder.rates).toEqual(known('second'));
  });
});
