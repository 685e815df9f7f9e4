import type { Answer } from './call.ts';
import type { AppEvent } from './events.ts';

/**
 * What a shell gives the page as `window.graft`, before the page's own code runs: Electron's preload, or a script that
 * the host serves. The page cannot tell which. Images and files come by relative address (see resources.ts).
 */
export interface Bridge {
  call(name: string, input: unknown): Promise<Answer>;
  /** @returns takes the listener away again */
  listen(listener: (event: AppEvent) => void): () => void;
  /** Where a dropped file or folder lies on this machine; null where the shell cannot know. */
  pathOf(file: unknown): string | null;
}
