import {
  browseKeywords,
  type BrowseKeyword,
  type BrowsePage,
  type BrowseRow,
  type Grouping,
  type ImageQuery,
  type Overview,
} from '../../../src-main/contract/calls/data.ts';
import type { GraftError } from '../../../src-main/contract/errors.ts';
import { ask } from '../../lib/ask.ts';
import { failureOf } from '../../lib/failure.ts';
import { loadColumns, saveColumns, usualColumns } from './columns.ts';

const PAGE = 100;

export type Sort = 'name' | 'images' | 'labelled' | BrowseKeyword;

const everything = (): ImageQuery => ({ filter: {}, text: '', label: 'any', classes: [] });

/**
 * What the Data screen shows: a query, how it is grouped and sorted, which rows are open, and the windows of rows that
 * were fetched. The page never holds more rows than were looked at.
 */
export class Images {
  #query = $state.raw<ImageQuery>(everything());
  #groupBy = $state<Grouping>('patient');
  #sort = $state<Sort>('name');
  #descending = $state(false);
  #expanded = $state.raw<ReadonlySet<string>>(new Set());
  #chosenColumns = $state.raw<readonly BrowseKeyword[] | null>(loadColumns());
  #stated = $state.raw<ReadonlySet<BrowseKeyword> | null>(null);
  #pages = $state.raw<ReadonlyMap<number, BrowseRow[]>>(new Map());
  #totals = $state.raw<Pick<BrowsePage, 'total' | 'images' | 'patients'>>({
    total: 0,
    images: 0,
    patients: 0,
  });
  #overview = $state.raw<Overview | null>(null);
  #failure = $state<GraftError | null>(null);
  #loaded = $state(false);
  #turn = $state(0);
  /** Answers to questions asked before the last change are thrown away. */
  #generation = 0;
  #asked = new Set<number>();
  /** Pages in view. */
  #inView = [0];

  get query(): ImageQuery {
    return this.#query;
  }

  get groupBy(): Grouping {
    return this.#groupBy;
  }

  get sort(): Sort {
    return this.#sort;
  }

  get descending(): boolean {
    return this.#descending;
  }

  /** Rows there are under the query. */
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

  /** Counts the lists shown: another query, grouping or order is looked at from the top. */
  get turn(): number {
    return this.#turn;
  }

  get isFiltered(): boolean {
    const { filter, text, label, classes } = this.#query;
    return Object.keys(filter).length > 0 || text !== '' || label !== 'any' || classes.length > 0;
  }

  /** The table's columns: those chosen, else the usual ones of what this project's images state. */
  get columns(): readonly BrowseKeyword[] {
    if (this.#chosenColumns) return this.#chosenColumns;
    const stated = this.#stated;
    return usualColumns.filter((keyword) => stated?.has(keyword) ?? true);
  }

  /** Attributes that some image of the project states; all while that is not known. */
  isStated(keyword: BrowseKeyword): boolean {
    return this.#stated?.has(keyword) ?? true;
  }

  /** The row at a place; undefined until it is fetched. */
  row(at: number): BrowseRow | undefined {
    return this.#pages.get(Math.floor(at / PAGE))?.[at % PAGE];
  }

  /** Says that rows `from` to `to` are in view, and fetches what is missing of them. */
  async need(from: number, to: number): Promise<void> {
    const first = Math.floor(from / PAGE);
    const last = Math.floor(Math.max(from, to - 1) / PAGE);
    this.#inView = Array.from({ length: last - first + 1 }, (_, at) => first + at);
    const wanted = this.#inView.filter((page) => !this.#pages.has(page) && !this.#asked.has(page));
    await Promise.all(wanted.map((page) => this.#fetch(page)));
  }

  /** Asks again for everything, keeping what is open. */
  async reload(): Promise<void> {
    await Promise.all([this.#again(), this.#fetchOverview()]);
  }

  async toggle(key: string): Promise<void> {
    const expanded = new Set(this.#expanded);
    if (!expanded.delete(key)) expanded.add(key);
    this.#expanded = expanded;
    await this.#again();
  }

  setText(text: string): Promise<void> {
    return this.#ask({ ...this.#query, text });
  }

  setLabel(label: ImageQuery['label']): Promise<void> {
    return this.#ask({ ...this.#query, label, classes: [] });
  }

  toggleClass(name: string): Promise<void> {
    const { classes } = this.#query;
    const next = classes.includes(name) ? classes.filter((one) => one !== name) : [...classes, name];
    return this.#ask({ ...this.#query, classes: next, label: 'any' });
  }

  /** Values chosen of one attribute; an empty text stands for "not stated". */
  chosen(key: BrowseKeyword): string[] {
    const values = this.#query.filter[key];
    if (values === undefined) return [];
    return (Array.isArray(values) ? values : [values]).map(String);
  }

  toggleValue(key: BrowseKeyword, value: string): Promise<void> {
    const chosen = this.chosen(key);
    const next = chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value];
    return this.setValues(key, next);
  }

  setValues(key: BrowseKeyword, values: string[]): Promise<void> {
    const filter = { ...this.#query.filter };
    if (values.length === 0) delete filter[key];
    else filter[key] = values;
    return this.#ask({ ...this.#query, filter });
  }

  clear(): Promise<void> {
    return this.#ask(everything());
  }

  /** Shows the images that a filter means, and no others. */
  showOnly(key: BrowseKeyword, values: string[]): Promise<void> {
    return this.#ask({ ...everything(), filter: { [key]: values } });
  }

  async group(groupBy: Grouping): Promise<void> {
    this.#groupBy = groupBy;
    this.#expanded = new Set();
    this.#turn++;
    await this.#again([0]);
  }

  /** Sorts by a column; the same once more turns the order round. */
  async sortBy(sort: Sort): Promise<void> {
    const counts = sort === 'images' || sort === 'labelled';
    this.#descending = this.#sort === sort ? !this.#descending : counts;
    this.#sort = sort;
    this.#turn++;
    await this.#again([0]);
  }

  /** @param columns null: the usual ones */
  async setColumns(columns: readonly BrowseKeyword[] | null): Promise<void> {
    const wanted = columns && new Set(columns);
    this.#chosenColumns = wanted && browseKeywords.filter((keyword) => wanted.has(keyword));
    saveColumns(this.#chosenColumns);
    if (!this.columns.includes(this.#sort as BrowseKeyword) && !['images', 'labelled'].includes(this.#sort)) {
      this.#sort = 'name';
      this.#descending = false;
    }
    await this.#again();
  }

  async #ask(query: ImageQuery): Promise<void> {
    this.#query = query;
    this.#turn++;
    await Promise.all([this.#again([0]), this.#fetchOverview()]);
  }

  /** Fetches what is in view anew; what was fetched before stays until the new rows are there, so nothing flickers. */
  async #again(pages: readonly number[] = this.#inView): Promise<void> {
    const generation = ++this.#generation;
    this.#asked = new Set(pages);
    try {
      const answers = await Promise.all(pages.map((page) => this.#browse(page)));
      if (generation !== this.#generation) return;
      this.#pages = new Map(answers.map(({ rows }, at) => [pages[at], rows]));
      this.#take(answers[0]);
    } catch (thrown) {
      if (generation === this.#generation) this.#failure = failureOf(thrown);
    }
  }

  async #fetch(page: number): Promise<void> {
    const generation = this.#generation;
    this.#asked.add(page);
    try {
      const answer = await this.#browse(page);
      if (generation !== this.#generation) return;
      this.#pages = new Map([...this.#pages, [page, answer.rows]]);
      this.#take(answer);
    } catch (thrown) {
      if (generation !== this.#generation) return;
      this.#asked.delete(page);
      this.#failure = failureOf(thrown);
    }
  }

  #browse(page: number): Promise<BrowsePage> {
    return ask('data.browse', {
      query: this.#query,
      groupBy: this.#groupBy,
      sort: this.#sort,
      descending: this.#descending,
      columns: [...this.columns],
      expanded: [...this.#expanded],
      offset: page * PAGE,
      limit: PAGE,
    });
  }

  #take({ total, images, patients }: BrowsePage): void {
    this.#totals = { total, images, patients };
    this.#failure = null;
    this.#loaded = true;
  }

  async #fetchOverview(): Promise<void> {
    const query = this.#query;
    try {
      const overview = await ask('data.overview', { query });
      if (query !== this.#query) return;
      this.#overview = overview;
      if (this.isFiltered) return;
      const stated = overview.distributions.filter(({ values }) =>
        values.some(({ value }) => value !== null),
      );
      const before = this.columns.join();
      this.#stated = new Set(stated.map(({ keyword }) => keyword));
      if (this.columns.join() !== before) await this.#again();
    } catch (thrown) {
      if (query === this.#query) this.#failure = failureOf(thrown);
    }
  }
}
