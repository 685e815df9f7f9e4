import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { planSchema, type Plan } from '../../src-main/contract/calls/plans.ts';
import { PlanState } from '../../src-renderer/state/plan.svelte.ts';
import { playBridge } from './bridge.ts';

describe('a plan that two screens work on', () => {
  let saved: Plan;
  beforeEach(() => {
    vi.useFakeTimers();
    saved = planSchema.parse({});
    playBridge({
      'plans.current': () => saved,
      'plans.describe': () => ({ stages: [] }),
      'plans.save': ({ plan }: { plan: Plan }) => {
        saved = plan;
        return null;
      },
    });
  });
  afterEach(() => vi.useRealTimers());

  it('keeps what was changed on one a moment before the other was opened', async () => {
    const first = new PlanState();
    await first.load();
    await first.set({ epochs: 7 });
    // Before the first has saved it by itself.
    const second = new PlanState();
    await second.load();
    expect(second.plan!.settings.epochs).toBe(7);
    await second.set({ batchSize: 3 });
    await vi.runAllTimersAsync();
    expect(saved.settings).toMatchObject({ epochs: 7, batchSize: 3 });
  });
});
