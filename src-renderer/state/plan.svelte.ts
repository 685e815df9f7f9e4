import type { Plan, PlanDescription, PlanInput } from '../../src-main/contract/calls/plans.ts';
import type { GraftError } from '../../src-main/contract/errors.ts';
import type { FreezePreset } from '../../src-main/contract/training.ts';
import { ask } from '../lib/ask.ts';
import { failureOf } from '../lib/failure.ts';

/** A plan with some of its settings replaced. */
export function withSettings(plan: Plan, settings: Partial<Plan['settings']>): Plan {
  return { ...plan, settings: { ...plan.settings, ...settings } };
}

/** Those whose last change waits to be saved. */
const unsaved = new Set<PlanState>();

/** The plan as it is now: what was changed on another screen a moment ago is saved before it is read. */
export async function readPlan(): Promise<Plan> {
  await Promise.all([...unsaved].map((one) => one.save()));
  return ask('plans.current', null);
}

/**
 * The training plan that a person works on. Every change is shown at once, described by the application and saved;
 * answers that come after a later change are thrown away.
 */
export class PlanState {
  #plan = $state.raw<Plan | null>(null);
  #description = $state.raw<PlanDescription | null>(null);
  #failure = $state<GraftError | null>(null);
  #generation = 0;
  #saving: ReturnType<typeof setTimeout> | undefined;

  /** Null until it is read. */
  get plan(): Plan | null {
    return this.#plan;
  }

  get description(): PlanDescription | null {
    return this.#description;
  }

  get failure(): GraftError | null {
    return this.#failure;
  }

  async load(): Promise<void> {
    try {
      this.#plan = await readPlan();
      await this.describe();
    } catch (thrown) {
      this.#failure = failureOf(thrown);
    }
  }

  async change(plan: Plan): Promise<void> {
    this.#plan = plan;
    unsaved.add(this);
    clearTimeout(this.#saving);
    this.#saving = setTimeout(() => void this.save(), 400);
    await this.describe();
  }

  set(settings: Partial<Plan['settings']>): Promise<void> {
    return this.change(withSettings(this.#plan!, settings));
  }

  async save(): Promise<void> {
    clearTimeout(this.#saving);
    unsaved.delete(this);
    try {
      await ask('plans.save', { plan: this.#plan as PlanInput });
    } catch (thrown) {
      this.#failure = failureOf(thrown);
    }
  }

  async describe(): Promise<void> {
    const generation = ++this.#generation;
    try {
      const description = await ask('plans.describe', { plan: this.#plan as PlanInput });
      if (generation !== this.#generation) return;
      this.#description = description;
      this.#failure = null;
    } catch (thrown) {
      if (generation === this.#generation) this.#failure = failureOf(thrown);
    }
  }

  /** Stages of the backbone, from the input up; the pooling and the head are no choice. */
  get backbone(): readonly string[] {
    const stages = this.#description?.stages ?? [];
    return stages.filter(({ name }) => name !== 'head' && name !== 'pool').map(({ name }) => name);
  }

  /** How many stages from the input on are frozen whole. */
  get frozenStages(): number {
    const stages = this.#description?.stages.filter(({ name }) => this.backbone.includes(name)) ?? [];
    const first = stages.findIndex(({ trainable }) => trainable > 0);
    return first < 0 ? stages.length : first;
  }

  /** The preset that the plan is, or null where layers were chosen by hand. */
  get preset(): FreezePreset | null {
    const settings = this.#plan?.settings;
    if (!settings || settings.trainableLayers !== null || settings.freezeUntil !== null) return null;
    return settings.initial === 'random' ? 'full' : settings.freezePreset;
  }

  choosePreset(freezePreset: FreezePreset): Promise<void> {
    return this.set({ freezePreset, freezeUntil: null, trainableLayers: null });
  }

  /** Freezes the first `count` stages, and lets the others learn. */
  freezeFirst(count: number): Promise<void> {
    const { backbone } = this;
    if (count <= 0) return this.choosePreset('full');
    if (count >= backbone.length) return this.choosePreset('feature-extraction');
    return this.set({ freezeUntil: backbone[count - 1], trainableLayers: null });
  }

  /** Freezes or unfreezes one layer, or all layers of a stage. */
  toggle(layers: readonly string[], learn: boolean): Promise<void> {
    const learning = new Set(
      (this.#description?.stages ?? [])
        .filter(({ name }) => this.backbone.includes(name))
        .flatMap(({ layers: rows }) => rows.filter(({ trainable }) => trainable).map(({ layer }) => layer)),
    );
    for (const layer of layers) {
      if (learn) learning.add(layer);
      else learning.delete(layer);
    }
    return this.set(this.#asSettings(learning));
  }

  /** What can be said by stages is said by stages, so that the next reader sees what was meant. */
  #asSettings(learning: ReadonlySet<string>): Partial<Plan['settings']> {
    const stages = (this.#description?.stages ?? []).filter(({ name }) => this.backbone.includes(name));
    const state = stages.map(({ layers }) => {
      const weighted = layers.filter(({ parameters }) => parameters > 0);
      const on = weighted.filter(({ layer }) => learning.has(layer)).length;
      return on === 0 ? 'frozen' : on === weighted.length ? 'learning' : 'mixed';
    });
    const frozen = state.findIndex((one) => one !== 'frozen');
    const count = frozen < 0 ? state.length : frozen;
    if (state.slice(count).every((one) => one === 'learning')) {
      if (count === 0) return { freezePreset: 'full', freezeUntil: null, trainableLayers: null };
      if (count === state.length) {
        return { freezePreset: 'feature-extraction', freezeUntil: null, trainableLayers: null };
      }
      return { freezeUntil: stages[count - 1].name, trainableLayers: null };
    }
    return { freezeUntil: null, trainableLayers: [...learning] };
  }
}
