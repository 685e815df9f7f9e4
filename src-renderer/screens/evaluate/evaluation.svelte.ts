import type {
  EvaluableComparison,
  RunScores,
  SetEvaluation,
} from '../../../src-main/contract/calls/evaluations.ts';
import type { AnalysisSettings } from '../../../src-main/contract/analysis-settings.ts';
import type { SetAnalysis, ModelAnalysis } from '../../../src-main/contract/analysis.ts';
import type { Finding } from '../../../src-main/contract/dataset.ts';
import type { GraftError } from '../../../src-main/contract/errors.ts';
import type { Approach } from '../../../src-main/contract/run.ts';
import { ask } from '../../lib/ask.ts';
import { failureOf } from '../../lib/failure.ts';

/** One image with what a run said of it. */
export interface ScoredImage {
  /** Place in the set. */
  at: number;
  instanceId: number | null;
  frameIndex: number;
  pseudonym: string;
  /** −1 where an image may show several findings, as `predicted`. */
  label: number;
  predicted: number;
  /** Where an image may show several findings: of each whether it is there. */
  findings?: Finding[];
  /** Probability of the predicted class. */
  confidence: number;
  probabilities: number[];
  /** Of an ensemble: how far its members' probabilities lie from their mean. */
  disagreement?: number;
}

/** What the Evaluate screen shows: a training, a set, an approach, and the images behind the numbers. */
export class Evaluation {
  #list = $state.raw<readonly EvaluableComparison[]>([]);
  #comparisonId = $state<number | null>(null);
  #setName = $state('validation');
  #approach = $state<Approach>('fine-tuned');
  #result = $state.raw<SetEvaluation | null>(null);
  /** Whose result that is, or will be. */
  #subject: string | null = null;
  #failure = $state<GraftError | null>(null);
  #loaded = $state(false);
  #busy = $state(false);

  get list(): readonly EvaluableComparison[] {
    return this.#list;
  }

  get loaded(): boolean {
    return this.#loaded;
  }

  get busy(): boolean {
    return this.#busy;
  }

  get failure(): GraftError | null {
    return this.#failure;
  }

  get comparison(): EvaluableComparison | null {
    return (
      this.#list.find(({ comparisonId }) => comparisonId === this.#comparisonId) ?? this.#list[0] ?? null
    );
  }

  get set(): EvaluableComparison['sets'][number] | null {
    const sets = this.comparison?.sets ?? [];
    return sets.find(({ name }) => name === this.#setName) ?? sets[0] ?? null;
  }

  /** Results of the set that is shown; null where there are none yet. */
  get result(): SetEvaluation | null {
    return this.#result?.setName === this.set?.name ? this.#result : null;
  }

  get approach(): Approach {
    const known = this.comparison?.approaches ?? [];
    return known.includes(this.#approach) ? this.#approach : (known.at(-1) ?? this.#approach);
  }

  get run(): RunScores | null {
    return this.result?.scores.runs.find(({ approach }) => approach === this.approach) ?? null;
  }

  get analysis(): SetAnalysis | null {
    return this.result?.analysis ?? null;
  }

  /** Of the approach that is chosen. */
  get modelAnalysis(): ModelAnalysis | null {
    return this.analysis?.models.find(({ approach }) => approach === this.approach) ?? null;
  }

  /** The images that count, with what the chosen approach said. */
  get images(): ScoredImage[] {
    const { result, run } = this;
    if (!result || !run) return [];
    const { scores, table } = result;
    const classes = table.classes.length;
    return scores.labels.flatMap((label, at): ScoredImage[] => {
      if (scores.excluded[at] !== null) return [];
      const probabilities = run.probabilities.slice(at * classes, (at + 1) * classes);
      const findings = scores.findings?.slice(at * classes, (at + 1) * classes);
      const predicted = findings ? -1 : probabilities.indexOf(Math.max(...probabilities));
      return [
        {
          at,
          instanceId: scores.instanceIds[at],
          frameIndex: scores.frameIndexes[at],
          pseudonym: scores.pseudonyms[at],
          label,
          predicted,
          ...(findings ? { findings } : {}),
          confidence: findings ? Math.max(...probabilities) : probabilities[predicted],
          probabilities,
          ...(run.disagreement ? { disagreement: run.disagreement[at] } : {}),
        },
      ];
    });
  }

  async load(): Promise<void> {
    try {
      this.#list = await ask('evaluations.list', null);
      this.#loaded = true;
      await this.#fetch();
    } catch (thrown) {
      this.#failure = failureOf(thrown);
    }
  }

  /** @param setName the set to show; default the one that is shown, if this training has it */
  async choose(comparisonId: number, setName = this.#setName): Promise<void> {
    this.#comparisonId = comparisonId;
    this.#setName = setName;
    await this.#fetch();
  }

  async chooseSet(name: string): Promise<void> {
    this.#setName = name;
    await this.#fetch();
  }

  chooseApproach(approach: Approach): void {
    this.#approach = approach;
  }

  /** Has the set predicted; a held-out one is opened by this. */
  async evaluate(): Promise<void> {
    const { comparison, set } = this;
    if (!comparison || !set) return;
    try {
      await ask('evaluations.run', { comparisonId: comparison.comparisonId, sets: [set.name] });
    } catch (thrown) {
      this.#failure = failureOf(thrown);
    }
  }

  /** How results are analysed from now on. */
  async analyseBy(settings: AnalysisSettings): Promise<void> {
    const { comparison } = this;
    if (!comparison) return;
    try {
      await ask('evaluations.analyseBy', { comparisonId: comparison.comparisonId, settings });
      await this.load();
    } catch (thrown) {
      this.#failure = failureOf(thrown);
    }
  }

  async #fetch(): Promise<void> {
    const { comparison, set } = this;
    // What is shown stays until it is read anew: jobs beside it tell of changes again and again, and would empty every form.
    const subject = comparison && set?.evaluated ? `${comparison.comparisonId}/${set.name}` : null;
    if (subject !== this.#subject) this.#result = null;
    this.#subject = subject;
    this.#failure = null;
    if (!comparison || !set?.evaluated) return;
    this.#busy = true;
    try {
      const result = await ask('evaluations.result', {
        comparisonId: comparison.comparisonId,
        setName: set.name,
      });
      if (set === this.set) this.#result = result;
    } catch (thrown) {
      this.#failure = failureOf(thrown);
    } finally {
      this.#busy = false;
    }
  }
}
