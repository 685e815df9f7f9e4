import type { ImageQueryInput } from '../../../src-main/contract/calls/data.ts';
import type {
  LabelClass,
  LabelledImage,
  LabelSetDetails,
  LabelState,
  SaidFindings,
  queueFilters,
  queueOrders,
} from '../../../src-main/contract/calls/labels.ts';
import type { Finding } from '../../../src-main/contract/dataset.ts';
import type { GraftError } from '../../../src-main/contract/errors.ts';
import { ask } from '../../lib/ask.ts';
import { failureOf } from '../../lib/failure.ts';

export type QueueFilter = (typeof queueFilters)[number];
export type QueueOrder = (typeof queueOrders)[number];

interface Step {
  /** Where the reader was, to go back to. */
  at: number;
  before: ({ instanceId: number } & LabelState)[];
  after: ({ instanceId: number } & LabelState)[];
}

/** Stands for an answer that the store gives its number: only its findings count. */
const ANSWER = -1;

const stateAt = (
  classId: number,
  uncertain: boolean,
  answers: Readonly<Record<number, SaidFindings>>,
): LabelState => ({
  classId,
  uncertain,
  ...(answers[classId] ? { findings: answers[classId] } : {}),
});

/** What is asked to be stored: of findings themselves, and not the number of the answer that they are. */
const asked = (
  states: readonly ({ instanceId: number } & LabelState)[],
): ({ instanceId: number } & LabelState)[] =>
  states.map((one) => (one.findings ? { ...one, classId: null } : one));

/** Over how many of the last labels the rate is taken. */
const RATE_OVER = 20;

/**
 * Reading a queue of images: where the reader is, what every image is labelled, and every step taken, so that it can be
 * taken back. Labels are stored one by one as they are given; the page shows them before the answer is there.
 */
export class Labelling {
  #sets = $state.raw<LabelSetDetails[]>([]);
  #set = $state.raw<LabelSetDetails | null>(null);
  #queue = $state.raw<readonly number[]>([]);
  #states = $state.raw<ReadonlyMap<number, LabelState>>(new Map());
  /** Findings that were set on images and not confirmed yet. */
  #drafts = $state.raw<ReadonlyMap<number, SaidFindings>>(new Map());
  #at = $state(0);
  #image = $state.raw<LabelledImage | null>(null);
  #show = $state<QueueFilter>('all');
  #order = $state<QueueOrder>('series');
  #query = $state.raw<ImageQueryInput>({});
  #done = $state.raw<readonly Step[]>([]);
  #undone = $state.raw<readonly Step[]>([]);
  #failure = $state<GraftError | null>(null);
  #loaded = $state(false);
  #times = $state.raw<readonly number[]>([]);
  /** Labels go to the store one after the other, in the order in which they were given. */
  #storing: Promise<unknown> = Promise.resolve();

  get sets(): readonly LabelSetDetails[] {
    return this.#sets;
  }

  get set(): LabelSetDetails | null {
    return this.#set;
  }

  get classes(): readonly LabelClass[] {
    return this.#set?.classes ?? [];
  }

  get queue(): readonly number[] {
    return this.#queue;
  }

  /** Place in the queue. */
  get at(): number {
    return this.#at;
  }

  get instanceId(): number | null {
    return this.#queue[this.#at] ?? null;
  }

  /** What is known of the image on the screen; null until it is there. */
  get image(): LabelledImage | null {
    return this.#image?.instanceId === this.instanceId ? this.#image : null;
  }

  get show(): QueueFilter {
    return this.#show;
  }

  get order(): QueueOrder {
    return this.#order;
  }

  get failure(): GraftError | null {
    return this.#failure;
  }

  get loaded(): boolean {
    return this.#loaded;
  }

  get canUndo(): boolean {
    return this.#done.length > 0;
  }

  get canRedo(): boolean {
    return this.#undone.length > 0;
  }

  get labelledInQueue(): number {
    return this.#queue.reduce((sum, id) => sum + (this.#states.has(id) ? 1 : 0), 0);
  }

  /** Images a minute over the last labels; null before there are enough. */
  get rate(): number | null {
    const { length } = this.#times;
    if (length < 3) return null;
    return (60_000 * (length - 1)) / Math.max(1, this.#times[length - 1] - this.#times[0]);
  }

  stateOf(instanceId: number): LabelState | null {
    return this.#states.get(instanceId) ?? null;
  }

  classOf(classId: number | null | undefined): LabelClass | null {
    return this.classes.find(({ id }) => id === classId) ?? null;
  }

  /** Whether an image may show several of the classes. */
  get multiLabel(): boolean {
    return this.#set?.multiLabel ?? false;
  }

  /** What stands on the screen of the findings of the image: as it was set, else as it is stored; null where nothing is. */
  get findings(): SaidFindings | null {
    const { instanceId } = this;
    if (instanceId === null) return null;
    return this.#drafts.get(instanceId) ?? this.stateOf(instanceId)?.findings ?? null;
  }

  /** Whether findings of the image wait to be confirmed. */
  get unconfirmed(): boolean {
    return this.instanceId !== null && this.#drafts.has(this.instanceId);
  }

  isDraft(instanceId: number): boolean {
    return this.#drafts.has(instanceId);
  }

  /** A label in words, of findings those that are there. */
  wordsOf(state: LabelState | null): string | null {
    if (!state) return null;
    if (!state.findings) return this.classOf(state.classId)?.name ?? null;
    const there = this.classes.flatMap(({ id, name }) => {
      const finding = state.findings![id];
      return finding === 1 ? name : finding === null ? `${name}?` : [];
    });
    return there.length === 0 ? 'No finding' : there.join(', ');
  }

  /** The images that come next, to be fetched ahead. */
  get next(): readonly number[] {
    return this.#queue.slice(this.#at + 1, this.#at + 4);
  }

  /** @param instanceId the image to begin with; default the first without a label */
  async start(instanceId: number | null = null): Promise<void> {
    await this.#attempt(async () => {
      this.#sets = await ask('labels.sets', null);
      this.#set = this.#sets.find(({ id }) => id === this.#set?.id) ?? this.#sets[0] ?? null;
      await this.#load(instanceId);
      this.#loaded = true;
    });
  }

  async choose(labelSetId: number): Promise<void> {
    this.#set = this.#sets.find(({ id }) => id === labelSetId) ?? this.#set;
    [this.#done, this.#undone] = [[], []];
    this.#drafts = new Map();
    await this.#attempt(() => this.#load(this.instanceId));
  }

  /** After a set was made or changed elsewhere. */
  async adopt(set: LabelSetDetails): Promise<void> {
    this.#set = set;
    await this.start(this.instanceId);
  }

  async filter(show: QueueFilter): Promise<void> {
    this.#show = show;
    await this.#attempt(() => this.#load(this.instanceId));
  }

  async sort(order: QueueOrder): Promise<void> {
    this.#order = order;
    await this.#attempt(() => this.#load(null));
  }

  async narrow(query: ImageQueryInput): Promise<void> {
    this.#query = query;
    await this.#attempt(() => this.#load(this.instanceId));
  }

  go(at: number): void {
    this.#at = Math.min(Math.max(0, at), Math.max(0, this.#queue.length - 1));
    void this.#describe();
  }

  /** To an image of the queue, if it is in it. */
  goTo(instanceId: number): void {
    const at = this.#queue.indexOf(instanceId);
    if (at >= 0) this.go(at);
  }

  /**
   * Labels the image on the screen and goes on to the next. The same class once more takes the label away. Of findings it says that one is
   * there, or no longer so; `confirm` stores them.
   */
  async label(classId: number): Promise<void> {
    const instanceId = this.instanceId;
    if (instanceId === null || !this.#set) return;
    if (this.multiLabel) return this.#draft(classId, 1);
    const now = this.stateOf(instanceId);
    const same = now?.classId === classId && !now.uncertain;
    await this.#apply(instanceId, { classId: same ? null : classId, uncertain: false }, !same);
  }

  /** Marks one finding as doubtful, or no longer so. */
  doubtFinding(classId: number): void {
    if (this.multiLabel) this.#draft(classId, null);
  }

  /** Stores the findings that were set and goes on; where none were set it only goes on. What was not set is not there. */
  async confirm(): Promise<void> {
    const { instanceId } = this;
    if (instanceId === null) return;
    const draft = this.#drafts.get(instanceId);
    if (draft) await this.#say(instanceId, draft);
    else this.go(this.#at + 1);
  }

  /** Says that the image shows none of the findings, and goes on. */
  async noFinding(): Promise<void> {
    if (this.multiLabel && this.instanceId !== null) await this.#say(this.instanceId, this.#nothing());
  }

  #nothing(): SaidFindings {
    return Object.fromEntries(this.classes.map(({ id }): [number, Finding] => [id, 0]));
  }

  #draft(classId: number, state: 1 | null): void {
    const { instanceId } = this;
    if (instanceId === null) return;
    const now = this.findings ?? {};
    const next: SaidFindings = { ...now, [classId]: now[classId] === state ? 0 : state };
    this.#drafts = new Map(this.#drafts).set(instanceId, next);
  }

  async #say(instanceId: number, findings: SaidFindings): Promise<void> {
    const drafts = new Map(this.#drafts);
    drafts.delete(instanceId);
    this.#drafts = drafts;
    const uncertain = this.stateOf(instanceId)?.uncertain ?? false;
    await this.#apply(
      instanceId,
      { classId: ANSWER, uncertain, findings: { ...this.#nothing(), ...findings } },
      true,
    );
  }

  async clear(): Promise<void> {
    if (this.instanceId === null) return;
    const drafts = new Map(this.#drafts);
    // What was only set is taken back first.
    if (drafts.delete(this.instanceId)) this.#drafts = drafts;
    else await this.#apply(this.instanceId, { classId: null, uncertain: false }, false);
  }

  /** Marks the label on the screen as doubtful, or no longer so. */
  async doubt(): Promise<void> {
    const instanceId = this.instanceId;
    const now = instanceId === null ? null : this.stateOf(instanceId);
    if (instanceId === null || now === null || now.classId === null) return;
    await this.#apply(instanceId, { ...now, uncertain: !now.uncertain }, false);
  }

  async undo(): Promise<void> {
    const step = this.#done.at(-1);
    if (!step) return;
    this.#done = this.#done.slice(0, -1);
    this.#undone = [...this.#undone, step];
    await this.#restore(step.before, step.at);
  }

  async redo(): Promise<void> {
    const step = this.#undone.at(-1);
    if (!step) return;
    this.#undone = this.#undone.slice(0, -1);
    this.#done = [...this.#done, step];
    await this.#restore(step.after, step.at);
  }

  async #apply(instanceId: number, state: LabelState, goOn: boolean): Promise<void> {
    const labelSetId = this.#set!.id;
    const at = this.#at;
    this.#remember([{ instanceId, ...state }]);
    this.#undone = [];
    if (goOn) {
      this.#times = [...this.#times, performance.now()].slice(-RATE_OVER);
      if (this.#at < this.#queue.length - 1) this.go(this.#at + 1);
    }
    await this.#store(async () => {
      const { before } = await ask('labels.set', { labelSetId, labels: asked([{ instanceId, ...state }]) });
      const after = before.map((one) => ({ instanceId: one.instanceId, ...state }));
      this.#remember(after);
      this.#done = [...this.#done, { at, before, after }];
    });
  }

  async #restore(states: Step['before'], at: number): Promise<void> {
    const labelSetId = this.#set!.id;
    this.#remember(states);
    this.go(at);
    await this.#store(() => ask('labels.set', { labelSetId, labels: asked(states), exactly: true }));
  }

  #remember(states: readonly ({ instanceId: number } & LabelState)[]): void {
    const next = new Map(this.#states);
    for (const { instanceId, ...state } of states) {
      if (state.classId === null && !state.findings) next.delete(instanceId);
      else next.set(instanceId, state);
    }
    this.#states = next;
  }

  async #store(work: () => Promise<unknown>): Promise<void> {
    this.#storing = this.#storing.then(() =>
      this.#attempt(async () => {
        await work();
        await this.#recount();
      }),
    );
    await this.#storing;
  }

  async #recount(): Promise<void> {
    this.#sets = await ask('labels.sets', null);
    this.#set = this.#sets.find(({ id }) => id === this.#set?.id) ?? this.#set;
    await this.#describe();
  }

  async #load(instanceId: number | null): Promise<void> {
    if (!this.#set) return;
    const { instanceIds, classIds, uncertain, answers } = await ask('labels.queue', {
      labelSetId: this.#set.id,
      query: this.#query,
      show: this.#show,
      order: this.#order,
    });
    this.#queue = instanceIds;
    this.#states = new Map(
      instanceIds.flatMap((id, at): [number, LabelState][] =>
        classIds[at] === 0 ? [] : [[id, stateAt(classIds[at], uncertain[at] === 1, answers)]],
      ),
    );
    const wanted = instanceId === null ? -1 : instanceIds.indexOf(instanceId);
    const open = classIds.indexOf(0);
    this.#at = wanted >= 0 ? wanted : Math.max(0, open);
    await this.#describe();
  }

  async #describe(): Promise<void> {
    const instanceId = this.instanceId;
    if (instanceId === null || !this.#set) return;
    try {
      const image = await ask('labels.image', { labelSetId: this.#set.id, instanceId });
      if (instanceId === this.instanceId) this.#image = image;
    } catch (thrown) {
      if (instanceId === this.instanceId) this.#failure = failureOf(thrown);
    }
  }

  async #attempt(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
      this.#failure = null;
    } catch (thrown) {
      this.#failure = failureOf(thrown);
    }
  }
}
