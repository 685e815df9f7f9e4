import type { Plan, PlanInput } from '../../../src-main/contract/calls/plans.ts';
import type { GraftError } from '../../../src-main/contract/errors.ts';
import type { SweepInput, SweepReport, SweepStrategy, Trial } from '../../../src-main/contract/sweep.ts';
import type { Monitor } from '../../../src-main/contract/training.ts';
import { ask } from '../../lib/ask.ts';
import { failureOf } from '../../lib/failure.ts';
import { readPlan } from '../../state/plan.svelte.ts';

/** A field that is often worth a search, with values to begin with. */
export interface OfferedField {
  name: string;
  title: string;
  values: string;
}

export const offered: readonly OfferedField[] = [
  { name: 'learningRate', title: 'Rate of fine-tuning', values: '1e-4, 3e-4, 1e-3' },
  { name: 'headLearningRate', title: 'Rate of the head', values: '1e-3, 3e-3, 1e-2' },
  { name: 'weightDecay', title: 'Weight decay', values: '0, 0.01, 0.1' },
  { name: 'head.dropout', title: 'Dropout', values: '0, 0.3, 0.5' },
  { name: 'freezePreset', title: 'What learns', values: 'feature-extraction, last-stage, full' },
  { name: 'head.pooling', title: 'Pooling of the head', values: 'average, max, gem, deviation' },
  { name: 'head.stages', title: 'Stages that the head reads', values: 'last, all' },
  { name: 'augmentation.rotate', title: 'Augmentation: largest turn', values: '0, 8, 20' },
];

/** What a field is called where it is offered; others go by their place in the plan. */
export const fieldTitle = (name: string): string => offered.find((one) => one.name === name)?.title ?? name;

/** Values as a person writes them: numbers where they are some, else words. */
export const valuesOf = (text: string): (string | number)[] =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
    .map((one) => (Number.isFinite(Number(one)) ? Number(one) : one));

/** The sweeps of the project, and the one that a person is about to start. */
export class Sweeps {
  #list = $state.raw<readonly SweepReport[]>([]);
  #failure = $state<GraftError | null>(null);
  #loaded = $state(false);
  #chosen = $state<number | null>(null);
  strategy = $state<SweepStrategy>('grid');
  trials = $state(12);
  folds = $state(0);
  objective = $state<Monitor>('val_loss');
  /** Fields that vary, with their values as text. */
  fields = $state<Record<string, string>>({ 'head.dropout': '0, 0.3, 0.5' });

  get list(): readonly SweepReport[] {
    return this.#list;
  }

  get loaded(): boolean {
    return this.#loaded;
  }

  get failure(): GraftError | null {
    return this.#failure;
  }

  /** The chosen one, else the newest. */
  get shown(): SweepReport | null {
    return this.#list.find(({ id }) => id === this.#chosen) ?? this.#list[0] ?? null;
  }

  /** Combinations that the lists make. */
  get combinations(): number {
    return Object.values(this.fields).reduce((product, text) => product * valuesOf(text).length, 1);
  }

  /** Trials that it comes to. */
  get count(): number {
    return this.strategy === 'grid' ? this.combinations : Math.min(this.trials, this.combinations);
  }

  choose(id: number): void {
    this.#chosen = id;
  }

  toggle(field: OfferedField): void {
    const { [field.name]: known, ...others } = this.fields;
    this.fields = known === undefined ? { ...this.fields, [field.name]: field.values } : others;
  }

  async load(): Promise<void> {
    try {
      this.#list = await ask('sweeps.list', null);
      this.#failure = null;
      this.#loaded = true;
    } catch (thrown) {
      this.#failure = failureOf(thrown);
    }
  }

  /** What is searched, and how. */
  definition(): SweepInput {
    const space = Object.fromEntries(
      Object.entries(this.fields).map(([name, text]) => [name, valuesOf(text)]),
    ) as SweepInput['space'];
    const { strategy, trials, objective } = this;
    const folds = this.folds >= 2 ? this.folds : null;
    return { space, strategy, trials, objective, folds };
  }

  async start(): Promise<void> {
    const plan = (await readPlan()) as PlanInput;
    await ask('sweeps.start', { plan, sweep: this.definition() });
    this.#chosen = null;
  }

  usePlan(sweep: SweepReport, trial: Trial): Promise<Plan> {
    return ask('sweeps.usePlan', { sweepId: sweep.id, trial: trial.number });
  }
}
