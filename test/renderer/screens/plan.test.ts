import { beforeEach, describe, expect, it } from 'vitest';
import { planSchema, type Plan, type PlanDescription } from '../../../src-main/contract/calls/plans.ts';
import { resolveAugmentation } from '../../../src-main/contract/augmentation.ts';
import { PlanState } from '../../../src-renderer/state/plan.svelte.ts';
import { playBridge } from '../bridge.ts';

const STAGES = ['stem', 'one', 'two'];

/** What the application would say: what learns under the plan's settings. */
function describePlan(plan: Plan): PlanDescription {
  const { freezeUntil, trainableLayers, freezePreset } = plan.settings;
  const learns = (stage: string, layer: string): boolean => {
    if (trainableLayers) return trainableLayers.includes(layer);
    if (freezeUntil) return STAGES.indexOf(stage) > STAGES.indexOf(freezeUntil);
    return freezePreset === 'full' || (freezePreset === 'last-stage' && stage === 'two');
  };
  const stages = [...STAGES, 'head'].map((name) => {
    const layers = ['a', 'b'].map((letter) => ({
      stage: name,
      layer: `${name}_${letter}`,
      kind: 'conv2d',
      outputShape: [1],
      parameters: 10,
      trainable: name === 'head' || learns(name, `${name}_${letter}`),
    }));
    const trainable = layers.filter((one) => one.trainable).length * 10;
    return { name, layers, parameters: 20, trainable, rate: trainable > 0 ? 1 : null, outputShape: [1] };
  });
  return {
    stages,
    phases: [],
    parameters: { total: 80, trainable: 0 },
    cut: null,
    augmentation: {
      preset: 'custom',
      suits: 'custom',
      reason: '',
      sides: 'unclear',
      sideReasons: [],
      config: resolveAugmentation(plan.settings.augmentation),
    },
    examples: [],
    explanation: [],
    warnings: [],
  };
}

describe('the freeze map of a plan', () => {
  let plan: PlanState;
  beforeEach(async () => {
    playBridge({
      'plans.current': () => planSchema.parse({}),
      'plans.describe': ({ plan: asked }: { plan: Plan }) => describePlan(asked),
      'plans.save': () => null,
    });
    plan = new PlanState();
    await plan.load();
  });

  const layers = (stage: string): string[] => [`${stage}_a`, `${stage}_b`];

  it('begins with the last stage, the slider where that is', () => {
    expect([plan.preset, plan.frozenStages, plan.backbone]).toEqual(['last-stage', 2, STAGES]);
  });

  it('says by stages what can be said by stages', async () => {
    await plan.toggle(layers('one'), true);
    expect(plan.plan!.settings).toMatchObject({ freezeUntil: 'stem', trainableLayers: null });
    await plan.toggle(layers('stem'), true);
    expect([plan.preset, plan.frozenStages]).toEqual(['full', 0]);
    await plan.toggle(layers('stem'), false);
    await plan.toggle(layers('one'), false);
    expect(plan.plan!.settings).toMatchObject({ freezeUntil: 'one', trainableLayers: null });
    await plan.toggle(layers('two'), false);
    expect([plan.preset, plan.frozenStages]).toEqual(['feature-extraction', 3]);
  });

  it('names layers where a stage in the middle learns, or a part of one', async () => {
    await plan.toggle(layers('two'), false);
    await plan.toggle(layers('one'), true);
    expect(plan.plan!.settings).toMatchObject({ freezeUntil: null, trainableLayers: ['one_a', 'one_b'] });
    expect(plan.preset).toBeNull();
    await plan.toggle(['one_b'], false);
    expect(plan.plan!.settings.trainableLayers).toEqual(['one_a']);
  });

  it('goes to presets at the ends of the slider', async () => {
    await plan.freezeFirst(1);
    expect(plan.plan!.settings.freezeUntil).toBe('stem');
    await plan.freezeFirst(0);
    expect(plan.preset).toBe('full');
    await plan.freezeFirst(3);
    expect(plan.preset).toBe('feature-extraction');
    await plan.choosePreset('gradual');
    expect(plan.plan!.settings).toMatchObject({
      freezePreset: 'gradual',
      freezeUntil: null,
      trainableLayers: null,
    });
  });
});
