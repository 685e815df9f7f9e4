import type { GraftError } from '../../../src-main/contract/errors.ts';
import type { PreprocessingName, WeightReport } from '../../../src-main/contract/weights.ts';
import { ask } from '../../lib/ask.ts';
import { failureOf } from '../../lib/failure.ts';

/** What a person fills in to add weights, and what Graft sees in the file meanwhile. */
export class AddModelForm {
  #path = $state('');
  #report = $state.raw<WeightReport | null>(null);
  /** The path that was looked at last, once that is done. */
  #seen = $state<string | null>(null);
  #looking = $state(false);
  #busy = $state(false);
  #failure = $state<GraftError | null>(null);
  #asked = 0;
  title = $state('');
  source = $state('');
  sourceTask = $state('');
  licence = $state('');
  preprocessing = $state<PreprocessingName | 'usual'>('usual');
  oneChannel = $state(false);

  get path(): string {
    return this.#path;
  }

  get report(): WeightReport | null {
    return this.#report;
  }

  /** Whether the file is a model that Graft saved: nothing has to be said of it. */
  get isOwn(): boolean {
    return this.#seen !== null && this.#report === null && this.#failure === null;
  }

  get looking(): boolean {
    return this.#looking;
  }

  get busy(): boolean {
    return this.#busy;
  }

  get failure(): GraftError | null {
    return this.#failure;
  }

  get ready(): boolean {
    return (
      this.#seen === this.#path.trim() && this.#failure === null && this.title.trim() !== '' && !this.#looking
    );
  }

  /** Looks at another file; its name becomes the title where none was given. */
  async choose(path: string): Promise<void> {
    const before = nameOf(this.#path);
    this.#path = path;
    if (this.title === '' || this.title === before) this.title = nameOf(path);
    await this.look();
  }

  /** Looks at the file once more, under the options as they are. */
  async look(): Promise<void> {
    const asked = ++this.#asked;
    const path = this.#path.trim();
    this.#failure = null;
    if (path === '') {
      this.#seen = this.#report = null;
      return;
    }
    this.#looking = true;
    try {
      const report = await ask('models.inspect', { path, options: this.#options() });
      if (asked !== this.#asked) return;
      this.#report = report;
      this.#seen = path;
    } catch (thrown) {
      if (asked !== this.#asked) return;
      this.#report = null;
      this.#seen = path;
      this.#failure = failureOf(thrown);
    } finally {
      if (asked === this.#asked) this.#looking = false;
    }
  }

  /** @returns the title of what was added; null when it failed */
  async add(): Promise<string | null> {
    this.#busy = true;
    this.#failure = null;
    try {
      const { title, source, sourceTask, licence } = this;
      const path = this.#path.trim();
      const model = await ask('models.add', {
        path,
        title,
        source,
        sourceTask,
        licence,
        options: this.#options(),
      });
      return model.title;
    } catch (thrown) {
      this.#failure = failureOf(thrown);
      return null;
    } finally {
      this.#busy = false;
    }
  }

  #options(): { oneChannel: boolean; preprocessing?: PreprocessingName } {
    const { oneChannel, preprocessing } = this;
    return { oneChannel, ...(preprocessing === 'usual' ? {} : { preprocessing }) };
  }
}

/** `C:\weights\resnet50.pth` → resnet50, `mobilenet/model.json` → mobilenet: all models of TensorFlow.js call their file so. */
function nameOf(path: string): string {
  const parts = path.trim().split(/[\\/]/).filter(Boolean);
  const name = (parts.at(-1) === 'model.json' && parts.at(-2)) || (parts.at(-1) ?? '');
  return name.replace(/\.(weights\.h5|\w{1,11})$/, '');
}
