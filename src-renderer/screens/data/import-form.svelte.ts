import type { GraftError } from '../../../src-main/contract/errors.ts';
import { ask } from '../../lib/ask.ts';
import { failureOf } from '../../lib/failure.ts';

export type LabelKind = 'none' | 'csv' | 'folders';

/** What a person says about an import before it begins. */
export class ImportForm {
  #folders = $state.raw<readonly string[]>([]);
  #busy = $state(false);
  #failure = $state<GraftError | null>(null);
  /** What is typed and not yet among the folders. */
  typed = $state('');
  /** Of the source; for a single folder. */
  name = $state('');
  kind = $state<LabelKind>('none');
  /** Path of the label file. */
  labels = $state('');

  get folders(): readonly string[] {
    return this.#folders;
  }

  get busy(): boolean {
    return this.#busy;
  }

  get failure(): GraftError | null {
    return this.#failure;
  }

  /** The folders chosen, and what is typed. */
  get wanted(): readonly string[] {
    const typed = this.typed.trim();
    return typed === '' || this.#folders.includes(typed) ? this.#folders : [...this.#folders, typed];
  }

  get isReady(): boolean {
    return this.wanted.length > 0 && (this.kind !== 'csv' || this.labels.trim() !== '');
  }

  add(folders: readonly string[]): void {
    this.#folders = [...new Set([...this.#folders, ...folders])];
  }

  remove(folder: string): void {
    this.#folders = this.#folders.filter((one) => one !== folder);
  }

  /** Starts one job for each folder. Returns whether it did; where one failed to start, it and the rest stay chosen. */
  async start(): Promise<boolean> {
    this.#busy = true;
    this.#failure = null;
    try {
      const folders = this.wanted;
      for (const folder of folders) {
        await ask('data.import', {
          folder,
          ...(folders.length === 1 && this.name.trim() ? { name: this.name } : {}),
          ...(this.kind === 'csv' ? { labels: this.labels.trim() } : {}),
          labelsFromFolders: this.kind === 'folders',
        });
        this.remove(folder);
      }
      this.#clear();
      return true;
    } catch (thrown) {
      this.#failure = failureOf(thrown);
      return false;
    } finally {
      this.#busy = false;
    }
  }

  #clear(): void {
    this.#folders = [];
    this.typed = '';
    this.name = '';
    this.kind = 'none';
    this.labels = '';
  }
}
