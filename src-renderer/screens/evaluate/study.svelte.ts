import type { TrainedPoint } from '../../../src-main/contract/calls/evaluations.ts';
import type { GraftError } from '../../../src-main/contract/errors.ts';
import type { StudyPlan } from '../../../src-main/contract/study-plan.ts';
import { ask } from '../../lib/ask.ts';
import { failureOf } from '../../lib/failure.ts';

/** The form that asks how many patients a later study takes. */
export class Study {
  difference = $state<number | null>(0.05);
  discordant = $state<number | null>(0.15);
  auc = $state<number | null>(0.85);
  halfWidth = $state<number | null>(0.05);
  prevalence = $state<number | null>(0.5);
  power = $state<number | null>(0.8);
  /** `80: 0.74`, a line for each training. */
  points = $state('');
  target = $state<number | null>(null);
  #plan = $state.raw<StudyPlan | null>(null);
  #failure = $state<GraftError | null>(null);
  #asked = 0;

  get plan(): StudyPlan | null {
    return this.#plan;
  }

  get failure(): GraftError | null {
    return this.#failure;
  }

  /** Trainings of the project become the first lines of the points. */
  async loadPoints(): Promise<void> {
    try {
      const trained: TrainedPoint[] = await ask('evaluations.trainedPoints', null);
      if (this.points.trim() === '')
        this.points = trained.map(({ patients, score }) => `${patients}: ${score.toFixed(3)}`).join('\n');
    } catch (thrown) {
      this.#failure = failureOf(thrown);
    }
  }

  /** The lines that are points; others are left out. */
  get readPoints(): { patients: number; score: number }[] {
    return this.points.split('\n').flatMap((line) => {
      const [patients, score] = line.split(/[:;\t ]+/).map(Number);
      return patients > 0 && score >= 0 && score <= 1 ? [{ patients, score }] : [];
    });
  }

  async compute(): Promise<void> {
    const asked = ++this.#asked;
    const within = (value: number | null, low: number, high: number): value is number =>
      value !== null && value > low && value < high;
    const { difference, discordant, auc, halfWidth, prevalence, power, target } = this;
    const accuracies = within(difference, 0, 1) && within(discordant, 0, 1.000001);
    try {
      const plan = await ask('evaluations.planStudy', {
        ...(within(power, 0, 1) ? { power } : {}),
        ...(accuracies ? { accuracies: { difference, discordant: Math.min(1, discordant) } } : {}),
        ...(within(auc, 0.5, 1) && within(halfWidth, 0, 0.5)
          ? { area: { auc, halfWidth, ...(within(prevalence, 0, 1) ? { prevalence } : {}) } }
          : {}),
        points: this.readPoints,
        ...(within(target, 0, 1) ? { target } : {}),
      });
      // An answer that a later question has overtaken is of no interest.
      if (asked !== this.#asked) return;
      this.#plan = plan;
      this.#failure = null;
    } catch (thrown) {
      if (asked === this.#asked) this.#failure = failureOf(thrown);
    }
  }
}
