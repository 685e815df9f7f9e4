import type { Finding } from '../contract/dataset.ts';
import type { FindingFigures } from '../contract/training.ts';
import type { Answer, PassCounts } from './answers.ts';
import { areaUnderCurve } from './metrics.ts';

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
const mean = (values: readonly number[]): number =>
  ratio(
    values.reduce((sum, value) => sum + value, 0),
    values.length,
  );

/** Answers about one finding, known ones alone. */
interface Counts {
  hits: number;
  misses: number;
  alarms: number;
  rejections: number;
}

/**
 * Counts answers about findings over one pass, each finding at a probability of 0.5 (a logit of 0). Averages over findings are plain means,
 * as scikit-learn's `average='macro'`, of those that occur or were called.
 */
export class FindingCounts implements PassCounts {
  readonly histogram = null;
  readonly #counts: Counts[];
  /** Logits and answers of images that were kept, finding by finding, where the answer is known. */
  readonly #logits: number[][];
  readonly #truths: boolean[][];
  #images = 0;
  #wholly = 0;
  #loss = 0;
  #weight = 0;

  constructor(findings: number) {
    const each = Array.from({ length: findings });
    this.#counts = each.map(() => ({ hits: 0, misses: 0, alarms: 0, rejections: 0 }));
    this.#logits = each.map(() => []);
    this.#truths = each.map(() => []);
  }

  count(logits: ArrayLike<number>, offset: number, answer: Answer): void {
    let right = true;
    this.#known(answer, (c, truth) => {
      const said = logits[offset + c] >= 0;
      this.#counts[c][said ? (truth ? 'hits' : 'alarms') : truth ? 'misses' : 'rejections']++;
      right &&= said === truth;
    });
    this.#images++;
    if (right) this.#wholly++;
  }

  keep(logits: ArrayLike<number>, offset: number, answer: Answer): void {
    this.count(logits, offset, answer);
    this.#known(answer, (c, truth) => {
      this.#logits[c].push(logits[offset + c]);
      this.#truths[c].push(truth);
    });
  }

  addLoss(loss: number, weight: number): void {
    this.#loss += loss * weight;
    this.#weight += weight;
  }

  get loss(): number {
    return this.#loss / this.#weight;
  }

  /** Share of answers that were right: 1 − Hamming loss. */
  get accuracy(): number {
    const { hits, misses, alarms, rejections } = this.#sum;
    return ratio(hits + rejections, hits + misses + alarms + rejections);
  }

  /** Mean over findings of the mean of recall and specificity; a finding without one of both is left out. */
  get balancedAccuracy(): number {
    return mean(
      this.#counts
        .filter(({ hits, misses, alarms, rejections }) => hits + misses > 0 && alarms + rejections > 0)
        .map((one) => (recall(one) + specificity(one)) / 2),
    );
  }

  get f1(): number {
    return mean(this.#counts.filter(({ hits, misses, alarms }) => hits + misses + alarms > 0).map(f1));
  }

  /** Mean of the findings' areas under the ROC curve; findings that none or all images show are left out. Null where all are. */
  get auc(): number | null {
    const areas = this.#areas.filter((area) => area !== null);
    return areas.length === 0 ? null : mean(areas);
  }

  get findings(): FindingFigures {
    const areas = this.#areas;
    return {
      microF1: f1(this.#sum),
      hammingLoss: 1 - this.accuracy,
      subsetAccuracy: ratio(this.#wholly, this.#images),
      perFinding: this.#counts.map((one, c) => ({
        auc: areas[c],
        averagePrecision: averagePrecision(this.#logits[c], this.#truths[c]),
        precision: ratio(one.hits, one.hits + one.alarms),
        recall: recall(one),
        specificity: specificity(one),
        f1: f1(one),
      })),
    };
  }

  get #areas(): (number | null)[] {
    return this.#logits.map((logits, c) => areaUnderCurve(logits, this.#truths[c]));
  }

  get #sum(): Counts {
    return this.#counts.reduce((sum, one) => ({
      hits: sum.hits + one.hits,
      misses: sum.misses + one.misses,
      alarms: sum.alarms + one.alarms,
      rejections: sum.rejections + one.rejections,
    }));
  }

  #known(answer: Answer, tell: (c: number, truth: boolean) => void): void {
    (answer as readonly Finding[]).forEach((finding, c) => {
      if (finding !== null) tell(c, finding === 1);
    });
  }
}

const recall = ({ hits, misses }: Counts): number => ratio(hits, hits + misses);
const specificity = ({ rejections, alarms }: Counts): number => ratio(rejections, rejections + alarms);
const f1 = ({ hits, misses, alarms }: Counts): number => ratio(2 * hits, 2 * hits + misses + alarms);

/** Precision at each score from the highest down, weighted by the recall that it adds (scikit-learn's `average_precision_score`). */
function averagePrecision(scores: readonly number[], positive: readonly boolean[]): number | null {
  const positives = positive.filter(Boolean).length;
  if (positives === 0) return null;
  const order = scores.map((_, at) => at).sort((a, b) => scores[b] - scores[a]);
  let hits = 0;
  let sum = 0;
  for (let at = 0; at < order.length;) {
    const before = hits;
    const score = scores[order[at]];
    for (; at < order.length && scores[order[at]] === score; at++) hits += Number(positive[order[at]]);
    sum += (hits / at) * (hits - before);
  }
  return sum / positives;
}
