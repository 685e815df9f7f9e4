import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createApp, type App } from '../../app/index.ts';
import type { ProgressListener } from '../../contract/progress.ts';
import { interruptSignal } from './interrupt.ts';
import { progressLine, type ProgressLine } from './progress-line.ts';

/** What every command is handed: the application, the terminal, and a way to be stopped. */
export interface CliContext {
  app: App;
  /** Prints a line for people or, with `--json`, for scripts. */
  print(text: string): void;
  /** Prints a remark that is not the command's result. */
  note(text: string): void;
  onProgress: ProgressListener;
  /** Ends the line that progress updates. */
  endProgress(): void;
  /** Aborted by Ctrl-C; listening starts with the first call. */
  signal(): AbortSignal;
}

const DEFAULT_PROJECT = 'graft-project';

export function createContext(): CliContext {
  const line: ProgressLine = progressLine(process.stderr);
  let signal: AbortSignal | undefined;
  const note = (text: string): void => {
    line.end();
    console.error(text);
  };
  return {
    app: createApp(),
    print: (text) => {
      line.end();
      console.log(text);
    },
    note,
    onProgress: line.listener,
    endProgress: line.end,
    signal: () => (signal ??= interruptSignal(() => note('Stopping …'))),
  };
}

/** The project meant: the one named, else that of the current folder, else ./graft-project. */
export function projectFolder(named: string | undefined): string {
  if (named !== undefined) return resolve(named);
  return existsSync('graft.sqlite') ? process.cwd() : resolve(join('.', DEFAULT_PROJECT));
}
