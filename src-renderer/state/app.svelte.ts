import type { Capabilities, OpenProject } from '../../src-main/contract/calls/projects.ts';
import type { GraftError } from '../../src-main/contract/errors.ts';
import type { AppEvent, ChangedThing } from '../../src-main/contract/events.ts';
import type { Job } from '../../src-main/contract/job.ts';
import { ask, listen } from '../lib/ask.ts';
import { failureOf } from '../lib/failure.ts';
import { keys } from './keys.svelte.ts';
import { route } from './route.svelte.ts';
import { theme } from './theme.svelte.ts';

const unfinished = new Set<Job['state']>(['queued', 'running']);

/** A short message over the screen. */
export interface Notice {
  id: number;
  tone: 'good' | 'warn' | 'danger';
  text: string;
  /** The technical cause, behind a fold. */
  detail?: string;
}

/** What every screen knows: the open project, the jobs, the connection, and what went wrong last. */
class AppState {
  #project = $state<OpenProject | null>(null);
  #jobs = $state<Job[]>([]);
  #capabilities = $state<Capabilities | null>(null);
  #connected = $state(true);
  #ready = $state(false);
  #notices = $state<Notice[]>([]);
  #changes = new Map<ChangedThing, Set<() => void>>();
  #nextNotice = 1;

  get project(): OpenProject | null {
    return this.#project;
  }

  /** The newest first. */
  get jobs(): readonly Job[] {
    return this.#jobs;
  }

  get runningJobs(): readonly Job[] {
    return this.#jobs.filter(({ state }) => unfinished.has(state));
  }

  get capabilities(): Capabilities | null {
    return this.#capabilities;
  }

  get connected(): boolean {
    return this.#connected;
  }

  /** Whether the first answers are in. */
  get ready(): boolean {
    return this.#ready;
  }

  get notices(): readonly Notice[] {
    return this.#notices;
  }

  /** Begins to listen, and asks for what is the case now. */
  async start(): Promise<void> {
    listen((event) => this.#hear(event));
    await this.refresh();
    this.#ready = true;
  }

  async refresh(): Promise<void> {
    this.#capabilities = await ask('shell.capabilities', null);
    this.#project = await ask('projects.current', null);
    this.#jobs = this.#project ? await ask('jobs.list', { limit: 50 }) : [];
  }

  /** Calls `listener` whenever something of the kind has changed in the project. Returns a function that stops it. */
  onChange(what: ChangedThing | readonly ChangedThing[], listener: () => void): () => void {
    const things = typeof what === 'string' ? [what] : what;
    for (const thing of things) {
      if (!this.#changes.has(thing)) this.#changes.set(thing, new Set());
      this.#changes.get(thing)!.add(listener);
    }
    return () => {
      for (const thing of things) this.#changes.get(thing)?.delete(listener);
    };
  }

  /** Says something for a few seconds. */
  say(text: string, tone: Notice['tone'] = 'good', detail?: string): void {
    const id = this.#nextNotice++;
    this.#notices.push({ id, tone, text, ...(detail === undefined ? {} : { detail }) });
    if (tone === 'good') setTimeout(() => this.dismiss(id), 5_000);
  }

  /** Says what went wrong; what a person cancelled says nothing. */
  fail(thrown: unknown): void {
    const failure: GraftError | null = failureOf(thrown);
    if (failure)
      this.say(failure.message, 'danger', `${failure.code}\n${String(failure.cause ?? '')}`.trim());
  }

  dismiss(id: number): void {
    this.#notices = this.#notices.filter((one) => one.id !== id);
  }

  async cancelJob(id: number): Promise<void> {
    await ask('jobs.cancel', { id }).catch((thrown) => this.fail(thrown));
  }

  #hear(event: AppEvent): void {
    switch (event.kind) {
      case 'project':
        if (event.project?.id !== this.#project?.id) this.#jobs = [];
        this.#project = event.project;
        if (event.project) void ask('jobs.list', { limit: 50 }).then((jobs) => (this.#jobs = jobs));
        break;
      case 'job':
        this.#hearJob(event.job);
        break;
      case 'changed':
        for (const listener of this.#changes.get(event.what) ?? []) listener();
        break;
      case 'command':
        this.#obey(event.command);
        break;
      case 'connection':
        this.#connected = event.connected;
        if (event.connected) {
          void this.refresh();
          for (const listeners of this.#changes.values()) for (const listener of listeners) listener();
        }
        break;
    }
  }

  /** What the shell's menu asks for. */
  #obey(command: string): void {
    if (command === 'theme') theme.toggle();
    else if (command === 'keys') keys.toggle();
    else route.go(command);
  }

  #hearJob(job: Job): void {
    const at = this.#jobs.findIndex(({ id }) => id === job.id);
    const before = this.#jobs[at];
    if (at >= 0) this.#jobs[at] = job;
    else this.#jobs.unshift(job);
    const justEnded = !unfinished.has(job.state) && (!before || unfinished.has(before.state));
    if (justEnded && job.state === 'failed' && job.error) {
      this.say(job.error.message, 'danger', `${job.error.code}\n${job.error.cause ?? ''}`.trim());
    }
  }
}

export const app = new AppState();
