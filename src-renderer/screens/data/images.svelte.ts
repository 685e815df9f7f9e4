import type {
  BrowsePage,
  BrowseRow,
  Grouping,
  ImageQuery,
  Overview,
} from '../../../src-main/contract/calls/data.ts';
import type { GraftError } from '../../../src-main/contract/errors.ts';
import type { InstanceFilter } from '../../../src-main/contract/instances.ts';
import { ask } from '../../lib/ask.ts';
import { failureOf } from '../../lib/failure.ts';

const PAGE = 100;

export type FilterKey = keyof InstanceFilter;

/**
 * What the Data screen shows: a query, how it is grouped, which rows are open, and the windows of rows that were fetched.
 * The page never holds more rows than were looked at.
 */
export class Images {
  #query = $state<ImageQuery>({ filter: {}, text: '', label: 'any', classes: [] });
  #groupBy = $state<Grouping>('patient');
  #sort = $state<'name' | 'images' | 'labelled'>('name');
  #descending = $state(false);
  #expanded = $state.raw<ReadonlySet<string>>(new Set());
  #pages = $state.raw<ReadonlyMap<number, BrowseRow[]>>(new Map());
  #totals = $state.raw<Pick<BrowsePage, 'total' | 'images' | 'patients'>>({
    total: 0,
    images: 0,
    patients: 0,
  });
  #overview = $state.raw<Overview | null>(null);
  #failure = $state<GraftError | null>(null);
  #loaded = $state(false);
  /** Answers to questions asked before the last change are thrown away. */
  #generation = 0;
  #asked = new Set<number>();

  get query(): ImageQuery {
    return this.#query;
  }

  get groupBy(): Grouping {
    return this.#groupBy;
  }

  get sort(): 'name' | 'images' | 'labelled' {
    return this.#sort;
  }

  get descending(): boolean {
    return this.#descending;
  }

  get total(): number {
    return this.#totals.total;
  }

  get images(): number {
    return this.#totals.images;
  }

  get patients(): number {
    return this.#totals.patients;
  }

  get overview(): Overview | null {
    return this.#overview;
  }

  get failure(): GraftError | null {
    return this.#failure;
  }

  /** Whether the first answer is in. */
  get loaded(): boolean {
    return this.#loaded;
  }

  get isFiltered(): boolean {
    const { filter, text, label, classes } = this.#query;
    return Object.keys(filter).length > 0 || text !== '' || label !== 'any' || classes.length > 0;
  }

  /** The row at a place; undefined until it is fetched. */
  row(at: number): BrowseRow | undefined {
    return this.#pages.get(Math.floor(at / PAGE))?.[at % PAGE];
  }

  /** Fetches what is missing of rows `from` to `to`. */
  async need(from: number, to: number): Promise<void> {
    const last = Math.floor(Math.max(from, to) / PAGE);
    const wanted = [];
    for (let page = Math.floor(from / PAGE); page <= last; page++) {
      if (!this.#pages.has(page) && !this.#asked.has(page)) wanted.push(page);
    }
    await Promise.all(wanted.map((page) => this.#fetch(page)));
  }

  /** Asks again for everything, keeping what is open. */
  async reload(): Promise<void> {
    this.#generation++;
    this.#asked.clear();
    this.#pages = new Map();
    await Promise.all([this.#fetch(0), this.#fetchOverview()]);
  }

  async toggle(key: string): Promise<void> {
    const expanded = new Set(this.#expanded);
    if (!expanded.delete(key)) expanded.add(key);
    this.#expanded = expanded;
    await this.#again();
  }

  async setText(text: string): Promise<void> {
    this.#query = { ...this.#query, text };
    await this.reload();
  }

  async setLabel(label: ImageQuery['label']): Promise<void> {
    this.#query = { ...this.#query, label, classes: [] };
    await this.reload();
  }

  async toggleClass(name: string): Promise<void> {
    const { classes } = this.#query;
    const next = classes.includes(name) ? classes.filter((one) => one !== name) : [...classes, name];
    this.#query = { ...this.#query, classes: next, label: 'any' };
    await this.reload();
  }

  /** Values chosen of one attribute; an empty text stands for "not stated". */
  chosen(key: FilterKey): string[] {
    const values = this.#query.filter[key];
    if (values === undefined) return [];
    return (Array.isArray(values) ? values : [values]).map(String);
  }

  async toggleValue(key: FilterKey, value: string): Promise<void> {
    const chosen = this.chosen(key);
    const next = chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value];
    const filter = { ...this.#query.filter };
    if (next.length === 0) delete filter[key];
    else filter[key] = next;
    this.#query = { ...this.#query, filter };
    await this.reload();
  }

  async clear(): Promise<void> {
    this.#query = { filter: {}, text: '', label: 'any', classes: [] };
    await this.reload();
  }

  async group(groupBy: Grouping): Promise<void> {
    this.#groupBy = groupBy;
    this.#expanded = new Set();
    await this.#again();
  }

  /** Sorts by a column; the same once more turns the order round. */
  async sortBy(sort: 'name' | 'images' | 'labelled'): Promise<void> {
    this.#descending = this.#sort === sort ? !this.#descending : sort !== 'name';
    this.#sort = sort;
    await this.#again();
  }

  /** The same images in another order: what was fetched is kept until the first new rows are there. */
  async #again(): Promise<void> {
    this.#generation++;
    this.#asked.clear();
    const pages = [...this.#pages.keys()];
    const first = pages.length > 0 ? Math.min(...pages) : 0;
    const keep = this.#pages;
    await this.#fetch(first, true);
    if (keep === this.#pages) this.#pages = new Map();
  }

  async #fetch(page: number, alone = false): Promise<void> {
    const generation = this.#generation;
    this.#asked.add(page);
    try {
      const { rows, ...totals } = await ask('data.browse', {
        query: $state.snapshot(this.#query),
        groupBy: this.#groupBy,
        sort: this.#sort,
        descending: this.#descending,
        expanded: [...this.#expanded],
        offset: page * PAGE,
        limit: PAGE,
      });
      if (generation !== this.#generation) return;
      this.#pages = new Map([...(alone ? [] : this.#pages), [page, rows]]);
      this.#totals = totals;
      this.#failure = null;
      this.#loaded = true;
    } catch (thrown) {
      if (generation === this.#generation) this.#failure = failureOf(thrown);
    }
  }

  async #fetchOverview(): Promise<void> {
    const generation = this.#generation;
    try {
      const overview = await ask('data.overview', { query: $state.snapshot(this.#query) });
      if (generation === this.#generation) this.#overview = overview;
    } catch (thrown) {
      this.#failure = failureOf(thrown);
    }
  }
}
