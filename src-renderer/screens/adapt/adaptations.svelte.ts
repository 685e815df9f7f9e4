import {
  type AdaptationDomainsInput,
  type AdaptationFacts,
  adaptationMethods,
} from '../../../src-main/contract/adaptation.ts';
import {
  type AdaptationName,
  sourceFreeNames,
  stagesOf,
} from '../../../src-main/contract/adaptation-stages.ts';
import type { AdaptableRun, ShownJudgement } from '../../../src-main/contract/calls/adaptations.ts';
import type { ValueCount } from '../../../src-main/contract/calls/data.ts';
import type { GraftError } from '../../../src-main/contract/errors.ts';
import { ask } from '../../lib/ask.ts';
import { failureOf } from '../../lib/failure.ts';

/** What domains are told apart by. */
export const domainKeywords = {
  source: 'Dataset',
  Manufacturer: 'Manufacturer',
  ManufacturerModelName: 'Scanner model',
  InstitutionName: 'Institution',
  MagneticFieldStrength: 'Field strength',
  KVP: 'Tube voltage (KVP)',
  ProtocolName: 'Protocol',
} as const;
export type DomainKeyword = keyof typeof domainKeywords;

/** Every image of the run's split: what a source is when nothing is chosen. */
export const ALL = '';

/** Of what needs no source, what is put together of several methods. */
const combinations = sourceFreeNames.filter((name) => stagesOf(name).before.length > 0);

/** Runs that can be adapted, what a person chooses, and what came of it. */
export class Adaptations {
  #runs = $state.raw<readonly AdaptableRun[]>([]);
  #judgements = $state.raw<readonly ShownJudgement[]>([]);
  #values = $state.raw<readonly ValueCount[]>([]);
  #facts = $state.raw<AdaptationFacts | null>(null);
  #wrong = $state<GraftError | null>(null);
  #failure = $state<GraftError | null>(null);
  #loaded = $state(false);
  #keyword = $state<DomainKeyword>('source');
  #chosen = $state<number | null>(null);
  #asked = 0;
  runId = $state<number | null>(null);
  source = $state<string>(ALL);
  target = $state<string>(ALL);
  methods = $state.raw<readonly AdaptationName[]>(['coral', 'adabn']);
  #combined = $state.raw<readonly AdaptationName[]>([]);
  strength = $state<number | null>(null);

  get runs(): readonly AdaptableRun[] {
    return this.#runs;
  }

  get judgements(): readonly ShownJudgement[] {
    return this.#judgements;
  }

  /** The chosen one, else the newest. */
  get shown(): ShownJudgement | null {
    return this.#judgements.find(({ id }) => id === this.#chosen) ?? this.#judgements[0] ?? null;
  }

  get values(): readonly ValueCount[] {
    return this.#values;
  }

  /** Images and patients of both domains; null before both are chosen. */
  get facts(): AdaptationFacts | null {
    return this.#facts;
  }

  /** Why these domains cannot be. */
  get wrong(): GraftError | null {
    return this.#wrong;
  }

  get failure(): GraftError | null {
    return this.#failure;
  }

  get loaded(): boolean {
    return this.#loaded;
  }

  get keyword(): DomainKeyword {
    return this.#keyword;
  }

  /** The run that is to be adapted. */
  get run(): AdaptableRun | null {
    return this.#runs.find(({ runId }) => runId === this.runId) ?? null;
  }

  /** Why a method, or a part of a combination, cannot adapt the chosen run; null where it can. */
  reasonAgainst(name: AdaptationName): string | null {
    const { before, method } = stagesOf(name);
    const reasons = [...before, method].map((one) => this.run?.refused[one]);
    return reasons.find((reason) => reason !== undefined) ?? null;
  }

  /** The chosen methods that can adapt the chosen run. */
  get taken(): AdaptationName[] {
    return this.methods.filter((method) => this.reasonAgainst(method) === null);
  }

  /** Of a model from another project no source is here, and only methods that need none are chosen. */
  async chooseRun(runId: number): Promise<void> {
    this.runId = runId;
    if (this.run?.origin) {
      this.source = ALL;
      if (this.taken.length === 0 || this.methods.some((method) => this.reasonAgainst(method) !== null))
        [this.methods, this.#combined] = [
          sourceFreeNames,
          [...new Set([...this.#combined, ...combinations])],
        ];
    }
    await this.count();
  }

  /**
   * Brings a model of another project into this one, and chooses it.
   *
   * @throws GraftError why it cannot come
   */
  async bring(path: string): Promise<AdaptableRun> {
    const brought = await ask('adaptations.bring', { path });
    await this.load();
    await this.chooseRun(brought.runId);
    return brought;
  }

  get ready(): boolean {
    return this.#facts !== null && this.taken.length > 0;
  }

  choose(id: number): void {
    this.#chosen = id;
  }

  /** Each method, and the combinations that were put together here. */
  get offered(): readonly AdaptationName[] {
    return [...adaptationMethods, ...this.#combined];
  }

  /** Offers a combination, and takes it. */
  combine(name: AdaptationName): void {
    if (!this.offered.includes(name)) this.#combined = [...this.#combined, name];
    if (!this.takes(name)) this.toggle(name);
  }

  takes(method: AdaptationName): boolean {
    return this.methods.includes(method) && this.reasonAgainst(method) === null;
  }

  toggle(method: AdaptationName): void {
    this.methods = this.takes(method)
      ? this.methods.filter((one) => one !== method)
      : [...this.methods, method];
  }

  async load(): Promise<void> {
    try {
      [this.#runs, this.#judgements] = await Promise.all([
        ask('adaptations.runs', null),
        ask('adaptations.judgements', null),
      ]);
      if (this.run === null) await this.#chooseFirst();
      if (!this.#loaded) await this.by(this.#keyword);
      this.#failure = null;
      this.#loaded = true;
    } catch (thrown) {
      this.#failure = failureOf(thrown);
    }
  }

  /** Tells domains apart by another attribute; the target is then chosen anew. */
  async by(keyword: DomainKeyword): Promise<void> {
    this.#keyword = keyword;
    [this.source, this.target] = [ALL, ALL];
    [this.#facts, this.#wrong] = [null, null];
    const { values } = await ask('data.values', { keyword });
    this.#values = values.filter(({ value }) => value !== null && value !== '');
  }

  async count(): Promise<void> {
    const asked = ++this.#asked;
    [this.#facts, this.#wrong] = [null, null];
    if (this.runId === null || this.target === ALL) return;
    try {
      const facts = await ask('adaptations.count', { runId: this.runId, domains: this.#domains() });
      if (asked === this.#asked) this.#facts = facts;
    } catch (thrown) {
      if (asked === this.#asked) this.#wrong = failureOf(thrown);
    }
  }

  async start(): Promise<void> {
    await ask('adaptations.start', {
      runId: this.runId!,
      domains: this.#domains(),
      methods: this.taken,
      strength: this.strength,
    });
    this.#chosen = null;
  }

  /** The newest that was trained; of adapted ones only where a person chooses it. */
  async #chooseFirst(): Promise<void> {
    const first = this.#runs.find(({ adaptedBy }) => adaptedBy === null);
    if (first) await this.chooseRun(first.runId);
    else this.runId = null;
  }

  #domains(): AdaptationDomainsInput & { source: object } {
    const valueOf = (text: string): string | number =>
      this.#values.find(({ value }) => String(value) === text)?.value ?? text;
    return {
      source: this.source === ALL ? {} : { [this.#keyword]: valueOf(this.source) },
      target: { [this.#keyword]: valueOf(this.target) },
    };
  }
}
