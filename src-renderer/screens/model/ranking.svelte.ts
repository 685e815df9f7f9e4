import type { RankedModel, StoredRanking } from '../../../src-main/contract/ranking.ts';
import { ask } from '../../lib/ask.ts';
import { plural } from '../../lib/format.ts';

export type RankingColumn =
  | 'title'
  | 'probe'
  | 'neighbours'
  | 'logMe'
  | 'hScore'
  | 'headOnly'
  | 'planned'
  | 'memory'
  | 'parameters'
  | 'multiplyAdds';

const valueOf: Record<RankingColumn, (one: RankedModel) => number | string | null> = {
  title: ({ title }) => title,
  probe: ({ probe }) => probe.value,
  neighbours: ({ neighbours }) => neighbours.value,
  logMe: ({ logMe }) => logMe,
  hScore: ({ hScore }) => hScore,
  // Before the first epoch is done.
  headOnly: ({ cost }) => (cost?.headOnly ? cost.headOnly.onceSeconds + cost.headOnly.epochSeconds : null),
  planned: ({ cost }) => cost && cost.planned.epochSeconds,
  memory: ({ cost }) => cost && cost.memoryBytes,
  parameters: ({ parameters }) => parameters,
  multiplyAdds: ({ multiplyAdds }) => multiplyAdds,
};

/** Of these, more promises more; of the others, less costs less. */
const promising = new Set<RankingColumn>(['probe', 'neighbours', 'logMe', 'hScore']);

/** The ranking as it is shown: by the probe, until a person wants to see another column in order. */
export class RankingState {
  #stored = $state.raw<StoredRanking | null>(null);
  #column = $state<RankingColumn>('probe');
  #turned = $state(false);

  get stored(): StoredRanking | null {
    return this.#stored;
  }

  async load(): Promise<void> {
    this.#stored = await ask('models.ranking', null);
  }

  /** Sorts by a column, what suits best first; the same one again turns the order round. */
  sortBy(column: RankingColumn): void {
    this.#turned = column === this.#column && !this.#turned;
    this.#column = column;
  }

  /** For `aria-sort`; null where it is not sorted by this column. */
  orderOf(column: RankingColumn): 'ascending' | 'descending' | null {
    if (column !== this.#column) return null;
    return promising.has(column) !== this.#turned ? 'descending' : 'ascending';
  }

  /** What has no value in the column stands last whichever way it is sorted; equal ones in the order of the probe. */
  get models(): readonly RankedModel[] {
    const value = valueOf[this.#column];
    const direction = this.orderOf(this.#column) === 'descending' ? -1 : 1;
    return (this.#stored?.ranking.models ?? []).toSorted((one, other) => {
      const [a, b] = [value(one), value(other)];
      if (a === null || b === null) return Number(a === null) - Number(b === null);
      if (typeof a === 'string') return direction * a.localeCompare(String(b));
      return direction * (a - Number(b));
    });
  }

  /** How far the order by the probe held in what was trained since, in a sentence; null where nothing was. */
  get agreement(): string | null {
    const feedback = this.#stored?.feedback;
    if (!feedback || feedback.models === 0) return null;
    const { models, kendall } = feedback;
    if (kendall === null)
      return `${plural(models, 'model')} of it ${models === 1 ? 'was' : 'were'} trained on this split; how far the order held is said from three on.`;
    const words =
      kendall > 0.5
        ? 'much the same order'
        : kendall > 0
          ? 'roughly the same order'
          : kendall === 0
            ? 'no order in common'
            : 'another order';
    return `${plural(models, 'model')} of it were trained on this split, and came out in ${words} (Kendall’s τ of the probe and the best validation F1 ${kendall.toFixed(2)}).`;
  }
}
