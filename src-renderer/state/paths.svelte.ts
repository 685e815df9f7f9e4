import { ask } from '../lib/ask.ts';
import { app } from './app.svelte.ts';

export interface PathRequest {
  what: 'folder' | 'folders' | 'file' | 'save';
  title: string;
  /** Endings without the dot. */
  extensions: string[];
  /** A file's name, for `save`. */
  suggestion?: string;
}

/** Asks a person for a path: in the system's dialog where the shell has one, else in the page's folder browser. */
class Paths {
  #open = $state<{ request: PathRequest; answer: (paths: string[]) => void } | null>(null);

  /** What the folder browser is asked for; null while it is closed. */
  get request(): PathRequest | null {
    return this.#open?.request ?? null;
  }

  /** Paths chosen; empty when the person chose none. */
  async choose(request: Omit<PathRequest, 'extensions'> & { extensions?: string[] }): Promise<string[]> {
    const whole: PathRequest = { extensions: [], ...request };
    if (app.capabilities?.nativeDialogs) return ask('shell.choose', whole);
    return new Promise((resolve) => {
      this.#open = { request: whole, answer: resolve };
    });
  }

  answer(paths: string[]): void {
    const open = this.#open;
    this.#open = null;
    open?.answer(paths);
  }
}

export const paths = new Paths();
