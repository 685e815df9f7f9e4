import type { PlanInput } from '../../../src-main/contract/calls/plans.ts';
import type {
  CrossValidationInput,
  CrossValidationReport,
} from '../../../src-main/contract/cross-validation.ts';
import type { GraftError } from '../../../src-main/contract/errors.ts';
import { ask } from '../../lib/ask.ts';
import { failureOf } from '../../lib/failure.ts';
import { readPlan } from '../../state/plan.svelte.ts';
import { Sweeps } from '../run/sweeps.svelte.ts';

/** The cross-validations of the project, the one that is shown, and the one that a person is about to start. */
export class CrossValidations {
  #list = $state.raw<readonly CrossValidationReport[]>([]);
  #shown = $state.raw<CrossValidationReport | null>(null);
  #chosen: number | null = null;
  #failure = $state<GraftError | null>(null);
  #loaded = $state(false);
  folds = $state<number | null>(5);
  /** Whether the plan is tuned anew within each fold. */
  nested = $state(false);
  /** Whether patients kept for a test are dealt as well, which is counted. */
  withTest = $state(false);
  /** What is tuned. */
  readonly sweep = new Sweeps();

  /** The newest first, without their results. */
  get list(): readonly CrossValidationReport[] {
    return this.#list;
  }

  /** The chosen one, else the newest, with its result once there is one. */
  get shown(): CrossValidationReport | null {
    return this.#shown;
  }

  get loaded(): boolean {
    return this.#loaded;
  }

  get failure(): GraftError | null {
    return this.#failure;
  }

  /** Why it cannot be started; null when it can. */
  get wrong(): string | null {
    const { folds } = this;
    if (folds === null || !Number.isInteger(folds) || folds < 2 || folds > 20) return 'From 2 to 20 folds.';
    if (this.nested && this.sweep.combinations === 0) return 'Each field that varies needs a value.';
    return this.nested && Object.keys(this.sweep.fields).length === 0
      ? 'Choose at least one field to tune.'
      : null;
  }

  /** What it will cost, in a sentence. */
  get cost(): string {
    const { folds, nested, sweep } = this;
    const tuned = nested
      ? `, and ${sweep.count} ${sweep.count === 1 ? 'trial tunes' : 'trials tune'} each fold${sweep.folds >= 2 ? `, of ${sweep.folds} trainings each` : ''}`
      : '';
    return `Each approach is trained ${folds} times${tuned}. It can be stopped at any moment, and goes on later.`;
  }

  async load(): Promise<void> {
    try {
      this.#list = await ask('crossValidations.list', null);
      const found = this.#list.find(({ id }) => id === this.#chosen) ?? this.#list[0];
      this.#shown = found ? await ask('crossValidations.show', { id: found.id }) : null;
      this.#failure = null;
      this.#loaded = true;
    } catch (thrown) {
      this.#failure = failureOf(thrown);
    }
  }

  async choose(id: number): Promise<void> {
    this.#chosen = id;
    await this.load();
  }

  async start(): Promise<void> {
    const plan = (await readPlan()) as PlanInput;
    const crossValidation: CrossValidationInput = {
      folds: this.folds!,
      patients: this.withTest ? 'all' : 'development',
      ...(plan.approaches ? { approaches: plan.approaches } : {}),
      sweep: this.nested ? this.sweep.definition() : null,
    };
    await ask('crossValidations.start', { plan, crossValidation });
    this.#chosen = null;
  }

  async resume(id: number): Promise<void> {
    await ask('crossValidations.resume', { id });
  }

  async delete(id: number): Promise<void> {
    await ask('crossValidations.delete', { id });
    this.#chosen = null;
    await this.load();
  }
}
