import type { CallTable, OutputOf, ParsedInputOf } from '../../contract/call.ts';
import { GraftError } from '../../contract/errors.ts';
import type { AppEvent } from '../../contract/events.ts';
import type { Job, JobKind } from '../../contract/job.ts';
import { jobsInside } from '../../jobs/job-runner.ts';
import { PauseSwitch } from '../../platform/pause-switch.ts';
import { getJob, saveJobResult } from '../../store/jobs.ts';
import { openSession, type OpenOptions, type OwnSession, type Session } from '../session.ts';
import type { Reporting } from '../reporting.ts';
import { ImageBrowser } from './browse/browser.ts';
import { PictureDesk } from './pictures.ts';

/** What a shell can do that the application cannot. A shell that lacks one leaves it out. */
export interface ShellServices {
  /** The system's own dialog. Paths chosen; empty when closed without a choice. */
  choose?(request: {
    what: 'folder' | 'folders' | 'file' | 'save';
    title: string;
    extensions: string[];
    suggestion?: string | undefined;
  }): Promise<string[]>;
  /** Shows a file in the system's file manager. */
  reveal?(path: string): void;
}

/** One function for each call of a table. */
export type Handlers<Table extends CallTable> = {
  [Name in keyof Table]: (
    input: ParsedInputOf<Table[Name]>,
    desk: Desk,
  ) => OutputOf<Table[Name]> | Promise<OutputOf<Table[Name]>>;
};

/**
 * The application as a window has it on its desk: one open project or none, the queue of its jobs, and somebody who
 * listens. Handlers of calls are given this.
 */
export class Desk {
  readonly shell: ShellServices;
  /** Holds what trains. */
  readonly pause = new PauseSwitch();
  /** Decoded pictures for the page. */
  readonly pictures = new PictureDesk();
  readonly #listeners = new Set<(event: AppEvent) => void>();
  #session: OwnSession | null = null;
  #browser: ImageBrowser | null = null;

  constructor(shell: ShellServices = {}) {
    this.shell = shell;
  }

  /**
   * The open project's session.
   *
   * @throws GraftError `project-not-open`
   */
  get session(): OwnSession {
    if (this.#session) return this.#session;
    throw new GraftError(
      'project-not-open',
      'Expected an open project, found none. Open or create one first.',
    );
  }

  get isOpen(): boolean {
    return this.#session !== null;
  }

  listen(listener: (event: AppEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(event: AppEvent): void {
    if (event.kind === 'changed') this.#browser?.hear(event.what);
    for (const listener of this.#listeners) listener(event);
  }

  /** The open project's images as browsing sees them. */
  browser(): ImageBrowser {
    return (this.#browser ??= new ImageBrowser(this.session.project.db));
  }

  /** After images or labels have changed. */
  forgetBrowser(): void {
    this.#browser = null;
  }

  /** After labels have changed: browsing reads them again, everybody else is told. */
  labelsChanged(): void {
    this.#browser?.readLabels(this.session.project.db);
    this.tell({ kind: 'changed', what: 'labels' });
  }

  /** Closes what is open and opens another project. When that fails, none is open. */
  async open(folder: string, options: Omit<OpenOptions, 'onJob'> = {}): Promise<OwnSession> {
    await this.close();
    this.#session = openSession(folder, { ...options, onJob: (job) => this.tell({ kind: 'job', job }) });
    return this.#session;
  }

  /** Cancels what runs, waits for it, and closes the project. */
  async close(): Promise<void> {
    const session = this.#session;
    if (!session) return;
    await Promise.all([session.jobs.cancelAll(), this.pictures.close()]);
    this.#session = null;
    this.#browser = null;
    session.close();
    this.tell({ kind: 'project', project: null });
  }

  /**
   * Puts a long operation into the queue and returns at once. What the work itself runs as jobs becomes part of this
   * one. A result that is plain data is kept with the job.
   */
  startJob(
    options: { kind: JobKind; title: string },
    work: (session: Session, reporting: Required<Reporting>) => Promise<unknown>,
  ): Job {
    const { project, jobs, close } = this.session;
    const { id, finished } = jobs.start(options, async (handle) => {
      const result = await work({ project, jobs: jobsInside(handle), close }, handle);
      if (result !== undefined) saveJobResult(project.db, id, result);
    });
    // Whoever started it is told by its row and its event.
    finished.catch(() => {});
    return getJob(project.db, id)!;
  }
}
