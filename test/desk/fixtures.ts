import { createDesk, type DeskApp } from '../../src-main/app/index.ts';
import type { CallInput, CallName, CallOutput } from '../../src-main/contract/calls/index.ts';
import { GraftError } from '../../src-main/contract/errors.ts';
import type { AppEvent } from '../../src-main/contract/events.ts';
import type { Job } from '../../src-main/contract/job.ts';

/** The application as a page has it, with one project open. */
export interface OpenDesk {
  desk: DeskApp;
  events: AppEvent[];
  ask<Name extends CallName>(name: Name, input: CallInput<Name>): Promise<CallOutput<Name>>;
  /** The job when it has ended. */
  finished(job: Pick<Job, 'id'>): Promise<Job>;
  close(): Promise<void>;
}

export async function openDesk(project: string): Promise<OpenDesk> {
  const desk = createDesk();
  const events: AppEvent[] = [];
  desk.listen((event) => events.push(event));
  const ask: OpenDesk['ask'] = async (name, input) => {
    const answer = await desk.call(name, input);
    if (!answer.ok) throw GraftError.fromRecord(answer.error);
    return answer.value as CallOutput<typeof name>;
  };
  await ask('projects.open', { folder: project });
  return {
    desk,
    events,
    ask,
    finished: async ({ id }) => {
      for (;;) {
        const job = (await ask('jobs.list', {})).find((one) => one.id === id);
        if (job && job.state !== 'queued' && job.state !== 'running') return job;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    close: () => desk.close(),
  };
}
