import type { AddedModel, ModelChoice, ModelLibrary } from '../../../src-main/contract/calls/models.ts';
import type { GraftError } from '../../../src-main/contract/errors.ts';
import type {
  SelfSupervisedMethodName,
  UnlabelledFacts,
} from '../../../src-main/contract/self-supervision.ts';
import { ask } from '../../lib/ask.ts';
import { failureOf } from '../../lib/failure.ts';

/** A model with weights, which learning can go on from. */
export interface Parent {
  /** As `models.pretrain` takes it. */
  from: string;
  title: string;
  stages: string[];
  inputSize: number;
}

/** Those of the library that have weights, and all that were added. */
export function parentsOf({ library, added }: Pick<ModelLibrary, 'library' | 'added'>): Parent[] {
  const cardOf = ({ modelName }: AddedModel): ModelChoice | undefined =>
    library.find(({ name }) => name === modelName);
  return [
    ...library
      .filter(({ pretrained }) => pretrained)
      .map(({ name, title, stages, inputSize }) => ({
        from: name,
        title: title.split(':')[0],
        stages,
        inputSize,
      })),
    ...added.map((model) => ({
      from: model.id,
      title: model.title,
      stages: cardOf(model)?.stages ?? [],
      inputSize: model.lineage?.size ?? model.report?.inputSize ?? cardOf(model)?.inputSize ?? 224,
    })),
  ];
}

/** What a person chooses before a network goes on learning from images without labels. */
export class AdaptForm {
  readonly parents: Parent[];
  readonly datasets: string[];
  #from = $state('');
  #facts = $state.raw<UnlabelledFacts | null>(null);
  #chosen = $state.raw<ReadonlySet<string>>(new Set());
  #busy = $state(false);
  #failure = $state<GraftError | null>(null);
  #asked = 0;
  method = $state<SelfSupervisedMethodName>('simclr');
  until = $state<'minutes' | 'epochs'>('minutes');
  minutes = $state<number | null>(20);
  epochs = $state<number | null>(50);
  size = $state<number | null>(null);
  /** `nothing`, or the last stage that stays. */
  frozen = $state('nothing');
  title = $state('');

  /** @param datasets names of all there are */
  constructor(parents: Parent[], datasets: string[]) {
    this.parents = parents;
    this.datasets = datasets;
    this.#chosen = new Set(datasets);
    this.from = parents[0]?.from ?? '';
  }

  get from(): string {
    return this.#from;
  }

  /** Another network has other stages, and was made for another size. */
  set from(from: string) {
    this.#from = from;
    this.size = this.parent?.inputSize ?? null;
    this.frozen = 'nothing';
  }

  get parent(): Parent | undefined {
    return this.parents.find((one) => one.from === this.#from);
  }

  get facts(): UnlabelledFacts | null {
    return this.#facts;
  }

  get busy(): boolean {
    return this.#busy;
  }

  get failure(): GraftError | null {
    return this.#failure;
  }

  get ready(): boolean {
    const amount = this.until === 'minutes' ? this.minutes : this.epochs;
    return (
      this.parent !== undefined &&
      this.size !== null &&
      this.size >= 16 &&
      amount !== null &&
      amount > 0 &&
      this.#facts !== null &&
      this.#facts.images >= 8
    );
  }

  takes(dataset: string): boolean {
    return this.#chosen.has(dataset);
  }

  /** The last one stays. */
  async choose(dataset: string, on: boolean): Promise<void> {
    const chosen = new Set(this.#chosen);
    if (on) chosen.add(dataset);
    else chosen.delete(dataset);
    if (chosen.size === 0) return;
    this.#chosen = chosen;
    await this.count();
  }

  /** Asks what would be looked at, and what is left out. */
  async count(): Promise<void> {
    const asked = ++this.#asked;
    try {
      const facts = await ask('models.unlabelled', { datasets: this.#wanted() });
      if (asked === this.#asked) this.#facts = facts;
    } catch (thrown) {
      if (asked === this.#asked) this.#failure = failureOf(thrown);
    }
  }

  /** @returns whether it was put into the queue */
  async start(): Promise<boolean> {
    this.#busy = true;
    this.#failure = null;
    try {
      await ask('models.pretrain', {
        from: this.#from,
        title: this.title.trim(),
        method: this.method,
        minutes: this.until === 'minutes' ? this.minutes : null,
        epochs: this.until === 'epochs' ? this.epochs : null,
        size: this.size!,
        freezeUntil: this.frozen === 'nothing' ? null : this.frozen,
        datasets: this.#wanted(),
      });
      return true;
    } catch (thrown) {
      this.#failure = failureOf(thrown);
      return false;
    } finally {
      this.#busy = false;
    }
  }

  #wanted(): string[] | null {
    return this.#chosen.size === this.datasets.length ? null : [...this.#chosen];
  }
}
