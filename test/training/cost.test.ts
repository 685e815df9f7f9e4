import { describe, expect, it } from 'vitest';
import type { MeasuredCost, PhaseCost } from '../../src-main/contract/cost.ts';
import { estimateCost, measureCost } from '../../src-main/training/index.ts';
import { settings, SIDE, tinyModelFolder } from './helpers.ts';

const images = { height: SIDE, width: SIDE, channels: 1 } as const;

describe('the cost of a plan', () => {
  it('is measured with the backbone frozen and as planned, and leaves the model on the disk alone', async () => {
    const initial = tinyModelFolder();
    const config = settings({ initial, freezeUntil: 'one', batchSize: 4 });
    const { headOnly, planned } = await measureCost({ config, classes: 3, multiLabel: false, images });
    for (const cost of [headOnly!, planned])
      for (const seconds of Object.values(cost)) expect(seconds).toBeGreaterThan(0);
    const findings = await measureCost({ config, classes: 1, multiLabel: true, images });
    expect(findings.planned.stepSeconds).toBeGreaterThan(0);
    const full = settings({ initial, freezePreset: 'full', batchSize: 4 });
    expect(
      (await measureCost({ config: full, classes: 3, multiLabel: false, images })).planned.frozenSeconds,
    ).toBe(0);
  });

  it('of random weights knows no frozen backbone, and is measured once where the plan freezes all of it', async () => {
    const random = settings({ initial: 'random', modelName: 'starter', batchSize: 2 });
    expect(
      (await measureCost({ config: random, classes: 2, multiLabel: false, images })).headOnly,
    ).toBeNull();
    const frozen = settings({ initial: tinyModelFolder(), freezePreset: 'feature-extraction', batchSize: 2 });
    const { headOnly, planned } = await measureCost({
      config: frozen,
      classes: 2,
      multiLabel: false,
      images,
    });
    expect(planned).toBe(headOnly);
  });

  it('ends when it is cancelled', async () => {
    const task = { config: settings({ initial: tinyModelFolder() }), classes: 2, multiLabel: false, images };
    await expect(measureCost(task, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      kind: 'cancelled',
    });
  });
});

describe('what it comes to on so many images', () => {
  const phase = (frozenSeconds: number): PhaseCost => ({ frozenSeconds, stepSeconds: 2, judgeSeconds: 0.1 });
  const measured: MeasuredCost = {
    headOnly: phase(0.5),
    planned: phase(0.25),
    memoryBytes: 1e9,
    batch: 16,
    height: 64,
    width: 64,
    measuredAt: '2026-01-01T00:00:00.000Z',
  };
  const { augmentation } = settings({ augmentation: { variants: 3 } });

  it('counts versions of training images once, steps with the last batch filled up, and validation', () => {
    const cost = estimateCost(measured, { train: 33, validation: 10 }, augmentation);
    expect(cost.headOnly).toEqual({ onceSeconds: (3 * 33 + 10) * 0.5, epochSeconds: 3 * 2 + 10 * 0.1 });
    expect(cost.planned.onceSeconds).toBe((3 * 33 + 10) * 0.25);
    expect(cost).toMatchObject({ images: 33, memoryBytes: 1e9, batch: 16 });
  });

  it('is nothing without training images, but for the look at validation', () => {
    const cost = estimateCost({ ...measured, headOnly: null }, { train: 0, validation: 0 }, augmentation);
    expect(cost).toMatchObject({ headOnly: null, planned: { onceSeconds: 0, epochSeconds: 0 } });
  });
});
